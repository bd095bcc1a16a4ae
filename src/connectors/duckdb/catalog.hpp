// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/connector.hpp>

namespace tinybird_cdk::duckdb {

/// Schemas of the database, sorted by name; those of the system are left out.
std::vector<ScopeItem> list_schemas(adbc::Connection& connection);
/// Tables with their rows (DuckDB's own estimate) and views, sorted by name.
std::vector<ScopeItem> list_tables(adbc::Connection& connection, const std::string& schema);
/// @throws errors::InvalidArgument when there is no such table or view
schema::Schema suggest_schema(adbc::Connection& connection, const std::string& schema, const std::string& table);

}  // namespace tinybird_cdk::duckdb
