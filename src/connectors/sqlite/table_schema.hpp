// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/schema.hpp>

#include "column_profile.hpp"
#include "database.hpp"

namespace tinybird_cdk::sqlite {

/// The data source that would hold a table. Reads the table once from its first to its last row: what a column
/// declares is no promise in SQLite (https://www.sqlite.org/flextypegood.html).
schema::Schema suggest_schema(Database& database, std::string_view table_name);

/// What each column of a query holds. Reads all its rows.
std::vector<ColumnProfile> read_profiles(Database& database, std::string_view query);

/// The query that gives these columns of a table, in this order and under their own names.
std::string select_columns(std::string_view table_name, const std::vector<std::string>& column_names);

}  // namespace tinybird_cdk::sqlite
