// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/schema.hpp>
#include <tinybird_cdk/snowflake.hpp>

#include "session.hpp"

namespace tinybird_cdk::snowflake {

std::vector<ScopeItem> list_databases(Session& session, const std::stop_token& stop);
std::vector<ScopeItem> list_schemas(Session& session, const std::string& database, const std::stop_token& stop);
/// With the rows and bytes that Snowflake keeps; of views it has none.
std::vector<ScopeItem> list_tables(Session& session, const std::string& database, const std::string& schema,
                                   const std::stop_token& stop);
schema::Schema suggest_schema(Session& session, const std::string& database, const std::string& schema,
                              const std::string& table, const std::stop_token& stop);
/// The query that reads these columns of a table.
std::string select_columns(const schema::Schema& schema, const std::vector<std::string>& columns);

std::vector<Role> list_roles(Session& session, const std::stop_token& stop);
std::vector<Warehouse> list_warehouses(Session& session, const std::stop_token& stop);
std::vector<Integration> list_integrations(Session& session, const std::stop_token& stop);

}  // namespace tinybird_cdk::snowflake
