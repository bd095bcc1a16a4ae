// SPDX-License-Identifier: Apache-2.0
#include "writers.hpp"

#include <chrono>
#include <string>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/retry.hpp>

namespace tinybird_cdk::postgresql {

namespace {

constexpr std::chrono::milliseconds poll{50};
constexpr std::chrono::milliseconds patience{60'000};

}  // namespace

void wait_for_writers(Connection& connection, const CursorRequest& request, const std::vector<PlanTable>& tables) {
    if (tables.empty()) {
        return;
    }
    std::string names;
    for (const PlanTable& table : tables) {
        names += fmt::format("{}pg_catalog.to_regclass('{}')", names.empty() ? "" : ", ", table.quoted_literal());
    }
    // Rows are on their way through a partitioned table before they lock a partition.
    constexpr int first_with_ancestors = 120000;
    const std::string ancestors = connection.server_version() < first_with_ancestors
                                      ? std::string()
                                      : " UNION SELECT relid FROM unnest(ARRAY[" + names +
                                            "]) AS t(leaf), pg_catalog.pg_partition_ancestors(leaf) AS a(relid)";
    const std::string writers = fmt::format(
        "FROM pg_catalog.pg_locks WHERE locktype = 'relation' AND granted AND mode IN ('RowExclusiveLock', "
        "'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') AND relation IN (SELECT relid FROM "
        "unnest(ARRAY[{}]) AS t(relid){}) AND pid IS DISTINCT "
        "FROM pg_catalog.pg_backend_pid()",
        names, ancestors);
    const ResultHandle now = connection.run("SELECT DISTINCT virtualtransaction, pid " + writers);
    std::string waited_for;
    for (int row = 0; row < PQntuples(now.get()); ++row) {
        waited_for += fmt::format("{}'{}'", waited_for.empty() ? "" : ", ", PQgetvalue(now.get(), row, 0));
    }
    if (waited_for.empty()) {
        return;
    }
    const auto clock = Clock::system();
    const std::chrono::milliseconds longest = request.limits.lock_timeout.value_or(patience);
    const auto end = clock->now() + longest;
    while (true) {
        const ResultHandle left =
            connection.run(fmt::format("SELECT pid {} AND virtualtransaction IN ({}) LIMIT 1", writers, waited_for));
        if (PQntuples(left.get()) == 0) {
            return;
        }
        if (clock->now() >= end) {
            throw errors::ExternalDatasourceError(
                fmt::format(
                    "server process {} has been writing to the query's tables for more than {:g} s; rows with "
                    "lower values of \"{}\" may come from it",
                    PQgetisnull(left.get(), 0, 0) == 1 ? "of a prepared transaction" : PQgetvalue(left.get(), 0, 0),
                    std::chrono::duration<double>(longest).count(), request.column.name),
                {}, "Try again when its transaction has ended, or give a --lag in units of the column.",
                errors::ExitCode::temporary);
        }
        if (!clock->sleep(poll, request.stop)) {
            throw errors::InterruptedError();
        }
    }
}

}  // namespace tinybird_cdk::postgresql
