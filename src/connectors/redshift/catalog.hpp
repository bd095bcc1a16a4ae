// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/connector.hpp>

/// What there is, by the views that Redshift has of it
/// (https://docs.aws.amazon.com/redshift/latest/dg/svv_views.html). A connection sees other databases of its cluster
/// too. The tokens end what is asked, with errors::InterruptedError.
namespace tinybird_cdk::redshift {

std::vector<ScopeItem> list_databases(adbc::Connection& connection, const std::stop_token& stop);
std::vector<ScopeItem> list_schemas(adbc::Connection& connection, const std::string& database,
                                    const std::stop_token& stop);
/// With rows and bytes where SVV_TABLE_INFO may be read: of the tables of the connection's own database.
std::vector<ScopeItem> list_tables(adbc::Connection& connection, const std::string& database, const std::string& schema,
                                   const std::stop_token& stop);
/// @throws errors::InvalidArgument when there is no such table
schema::Schema suggest_schema(adbc::Connection& connection, const Parents& scopes, const std::stop_token& stop);
/// The query that reads these columns.
std::string select_columns(const schema::Schema& schema, const std::vector<std::string>& columns);

}  // namespace tinybird_cdk::redshift
