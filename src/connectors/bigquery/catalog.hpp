// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/schema.hpp>

#include "api.hpp"

namespace tinybird_cdk::bigquery {

std::vector<ScopeItem> list_projects(Api& api, const std::stop_token& stop);
std::vector<ScopeItem> list_datasets(Api& api, const std::string& project, const std::stop_token& stop);
/// With the rows and bytes that BigQuery knows. Tables in parts (events_20240131, …) are one item, events_*.
/// @param counts a query's rows; when they can't be had, tables are listed without
std::vector<ScopeItem> list_tables(Api& api, const std::string& project, const std::string& dataset,
                                   const std::function<ResultSet(const std::string& sql)>& counts,
                                   const std::stop_token& stop);
/// @param table may end in "*": then the one that was made last tells, as in a query
schema::Schema suggest_schema(Api& api, const std::string& project, const std::string& dataset,
                              const std::string& table, const std::stop_token& stop);

}  // namespace tinybird_cdk::bigquery
