// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/connector.hpp>

namespace tinybird_cdk::any_adbc {

/// Stands for a catalog or a schema that has no name: not every database has both.
inline constexpr const char* unnamed = "-";

std::vector<ScopeItem> list_catalogs(adbc::Connection& connection);
std::vector<ScopeItem> list_schemas(adbc::Connection& connection, const std::string& catalog);
std::vector<ScopeItem> list_tables(adbc::Connection& connection, const std::string& catalog, const std::string& schema);
schema::Schema suggest_schema(adbc::Connection& connection, const Parents& scopes);

/// The query that gives these columns of a table, with names in double quotes, as the SQL standard has it.
std::string select_columns(const schema::Schema& schema, const std::vector<std::string>& columns);

}  // namespace tinybird_cdk::any_adbc
