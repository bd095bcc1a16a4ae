// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/schema.hpp>

#include "connection.hpp"

namespace tinybird_cdk::mysql {

/// The user's databases: those of the server itself are left out.
std::vector<ScopeItem> list_databases(Connection& connection);
/// Tables, views and sequences of a database, with estimates of the server's statistics.
std::vector<ScopeItem> list_tables(Connection& connection, const std::string& database);
/// @throws errors::InvalidArgument when there is no such table
schema::Schema table_schema(Connection& connection, const std::string& database, const std::string& table);

}  // namespace tinybird_cdk::mysql
