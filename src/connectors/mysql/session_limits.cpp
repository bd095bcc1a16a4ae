// SPDX-License-Identifier: Apache-2.0
#include "session_limits.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::mysql {

namespace {

/// A server counts as a replica when it takes no writes, or replays those of another.
void refuse_primary(Connection& connection) {
    const std::vector<TextRow> rows = connection.run("SELECT @@GLOBAL.read_only, @@GLOBAL.innodb_read_only");
    const auto is_on = [](const std::optional<std::string>& value) {
        return value && *value != "0" && *value != "OFF";
    };
    if (is_on(rows.at(0).at(0)) || is_on(rows.at(0).at(1))) {
        return;
    }
    bool known = false;
    // MySQL 8.4 has the first only, MySQL before 8.0.22 and MariaDB before 10.5 have the second.
    for (const char* const statement : {"SHOW REPLICA STATUS", "SHOW SLAVE STATUS"}) {
        try {
            if (!connection.run(statement).empty()) {
                return;
            }
            known = true;
        } catch (const errors::ExternalDatasourceError& error) {
            if (error.retryable()) {
                throw;
            }
        }
    }
    throw errors::ExternalDatasourceError(
        known ? "a replica was asked for, and this server takes writes and replicates from no other"
              : "a replica was asked for, and this user may not see whether the server is one",
        {},
        known ? "Name a replica in MYSQL_HOST."
              : "GRANT REPLICATION CLIENT (MariaDB: REPLICA MONITOR) to the user, or name a server that is read_only.");
}

}  // namespace

void limit_session(Connection& connection, const SourceLimits& limits) {
    if (limits.replica) {
        refuse_primary(connection);
    }
    if (limits.statement_timeout) {
        const auto milliseconds = limits.statement_timeout->count();
        connection.run(
            mariadb_connection(&connection.session()) != 0
                ? fmt::format("SET SESSION max_statement_time = {}.{:03}", milliseconds / 1000, milliseconds % 1000)
                : fmt::format("SET SESSION max_execution_time = {}", milliseconds));
    }
    if (limits.lock_timeout) {
        // Both servers count these in whole seconds.
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(*limits.lock_timeout).count();
        connection.run(fmt::format("SET SESSION lock_wait_timeout = {0}, innodb_lock_wait_timeout = {0}", seconds));
    }
}

}  // namespace tinybird_cdk::mysql
