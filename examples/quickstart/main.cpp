// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/registry.hpp>

int main() {
    using namespace tinybird_cdk;
    const auto connector = sql_connector_for("sqlite");  // SQLITE_DATABASE names the file
    const auto schema = connector->suggest_schema({{"table", "flights"}});
    tinybird::Client(config::tinybird()).create_data_source("flights", schema);
    connector->replace(connector->ingest_query(schema), "flights");
    const auto rows = connector->query_tb("SELECT carrier, avg(dep_delay) AS delay FROM flights GROUP BY carrier");
    return rows.empty() ? 1 : 0;
}
