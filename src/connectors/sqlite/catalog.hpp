// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/connector.hpp>

#include "database.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::sqlite {

/// A table or a view, as the catalog describes it.
struct Table {
    std::string name;
    std::vector<DeclaredColumn> columns;   ///< those that `SELECT *` gives, generated ones among them
    std::vector<std::string> primary_key;  ///< in the order of the key; empty: none
};

/// Tables, virtual tables and views, sorted by name. SQLite's own tables and the shadow tables of virtual ones are
/// left out. The number of rows is what ANALYZE found, where it was run.
std::vector<ScopeItem> list_tables(Database& database);

/// Names are compared as SQLite does: without regard to the case of ASCII letters.
/// @throws errors::InvalidArgument when there is no such table
Table find_table(Database& database, std::string_view name);

}  // namespace tinybird_cdk::sqlite
