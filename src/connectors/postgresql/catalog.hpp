// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/schema.hpp>

#include "connection.hpp"

namespace tinybird_cdk::postgresql {

/// The user's schemas: system schemas, and those that may not be used, are left out.
std::vector<ScopeItem> list_schemas(Connection& connection);
/// Tables, views, materialised views and foreign tables of a schema, with estimates of the server's statistics.
std::vector<ScopeItem> list_tables(Connection& connection, const std::string& schema);
/// @throws errors::InvalidArgument when there is no such table
schema::Schema table_schema(Connection& connection, const std::string& schema, const std::string& table);

}  // namespace tinybird_cdk::postgresql
