// SPDX-License-Identifier: Apache-2.0
#include "incremental.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/value.hpp>

#include "connection.hpp"
#include "query_plan.hpp"
#include "sql_text.hpp"

namespace tinybird_cdk::postgresql {

namespace {

constexpr std::chrono::milliseconds poll{50};
constexpr std::chrono::seconds patience{60};
/// A transaction is seen by others a moment after the time that its now() gives.
constexpr std::string_view margin = "interval '1 second'";

std::optional<std::string> cell(const PGresult* rows, int row, int column) {
    return PQgetisnull(rows, row, column) == 1 ? std::nullopt
                                               : std::optional<std::string>(PQgetvalue(rows, row, column));
}

bool has_zone(const ResultColumn& column) {
    return column.source_type.find("with time zone") != std::string::npos;
}

/// A value as a literal of the column's type.
std::string literal(const CursorRequest& request, const std::string& value) {
    switch (request.kind) {
        case CursorKind::number:
            return value;
        case CursorKind::day:
            return fmt::format("DATE '{}'", value);
        case CursorKind::moment:
            return has_zone(request.column) ? fmt::format("TIMESTAMPTZ '{}+00'", value)
                                            : fmt::format("TIMESTAMP '{}'", value);
    }
    return {};
}

bool compares(const CursorRequest& request) {
    using schema::Kind;
    const Kind kind = request.column.type ? request.column.type->kind() : Kind::other;
    switch (request.kind) {
        case CursorKind::number:
            return kind == Kind::int16 || kind == Kind::int32 || kind == Kind::int64 || kind == Kind::uint32 ||
                   kind == Kind::decimal;
        case CursorKind::day:
            return kind == Kind::date32;
        case CursorKind::moment:
            return kind == Kind::datetime64;
    }
    return false;
}

std::string subquery(const CursorRequest& request) {
    // On lines of its own, for the query may end in a comment.
    return fmt::format("(\n{}\n) AS tb_cdk_query", single_statement(request.query));
}

/// The start of the oldest transaction that may still write, less the lag, in the column's own terms.
std::optional<std::string> time_bound(Connection& connection, const CursorRequest& request) {
    const ResultHandle hidden = connection.run(
        "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE (query = '<insufficient privilege>' OR state = "
        "'disabled') AND pid <> pg_catalog.pg_backend_pid()");
    const bool sees_all = std::string_view(PQgetvalue(hidden.get(), 0, 0)) == "0";
    if (!sees_all && request.lag.none()) {
        throw errors::ExternalDatasourceError(
            "this role does not see when other sessions' transactions began, so which rows may still be committed is "
            "not known",
            {}, "GRANT pg_read_all_stats TO the role, or give a --lag longer than any transaction that writes.");
    }
    // Local times are those of the zone that sessions have by default.
    const std::string_view form = request.kind == CursorKind::day ? "YYYY-MM-DD" : "YYYY-MM-DD HH24:MI:SS.US";
    const std::string zone = request.kind == CursorKind::moment && has_zone(request.column)
                                 ? "'UTC'"
                                 : "(SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'TimeZone')";
    const ResultHandle bound = connection.run(fmt::format(
        "SELECT pg_catalog.to_char((least(pg_catalog.clock_timestamp(), (SELECT min(xact_start) FROM "
        "pg_catalog.pg_stat_activity WHERE pid <> pg_catalog.pg_backend_pid() AND backend_type NOT IN ('autovacuum "
        "worker', 'walsender'))) - {} - interval '{} seconds') AT TIME ZONE {}, '{}')",
        margin, request.lag.time().count(), zone, form));
    return cell(bound.get(), 0, 0);
}

/// Waits, but not when asked to stop.
bool stopped_within(std::chrono::milliseconds duration, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, duration, [] { return false; });
    return stop.stop_requested();
}

/// Waits until those who write to the tables at this moment have ended.
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
    const auto end = std::chrono::steady_clock::now() + patience;
    while (true) {
        const ResultHandle left =
            connection.run(fmt::format("SELECT pid {} AND virtualtransaction IN ({}) LIMIT 1", writers, waited_for));
        if (PQntuples(left.get()) == 0) {
            return;
        }
        if (std::chrono::steady_clock::now() >= end) {
            throw errors::ExternalDatasourceError(
                fmt::format("server process {} has been writing to the query's tables for more than {} s; rows with "
                            "lower values of \"{}\" may come from it",
                            cell(left.get(), 0, 0).value_or("of a prepared transaction"), patience.count(),
                            request.column.name),
                {}, "Try again when its transaction has ended, or give a --lag in units of the column.",
                errors::ExitCode::temporary);
        }
        if (stopped_within(poll, request.stop)) {
            throw errors::InterruptedError();
        }
    }
}

CursorBound number_bound(Connection& connection, const CursorRequest& request, const std::vector<PlanTable>& tables) {
    CursorBound bound;
    const std::string column = quoted_identifier(request.column.name);
    const ResultHandle highest = connection.run_query(
        fmt::format("SELECT max({}) - {} FROM {}", column, request.lag.units(), subquery(request)));
    bound.to = cell(highest.get(), 0, 0);
    bound.inclusive = true;
    if (bound.to && request.lag.none()) {
        wait_for_writers(connection, request, tables);
        const ResultHandle ties =
            connection.run_query(fmt::format("SELECT count(*) FROM (SELECT 1 FROM {} WHERE {} = {} LIMIT 2) AS t",
                                             subquery(request), column, *bound.to));
        if (cell(ties.get(), 0, 0) == "2") {
            bound.remarks.push_back(fmt::format(
                "several rows have {} = {}: one that comes later with that value is not read; give a --lag of 1",
                request.column.name, *bound.to));
        }
    }
    return bound;
}

/// Counted where that is cheap, else as the planner guesses.
void tell_of_nulls(Connection& connection, const CursorRequest& request, CursorBound& bound) {
    const std::string nulls =
        fmt::format("FROM {} WHERE {} IS NULL", subquery(request), quoted_identifier(request.column.name));
    const QueryPlan plan = plan_of(connection, "SELECT 1 " + nulls);
    const bool counted = plan.scanned.empty();
    const std::string count = counted ? cell(connection.run_query("SELECT count(*) " + nulls).get(), 0, 0).value_or("0")
                                      : std::to_string(plan.rows);
    if (count != "0" && (counted || plan.rows > 1)) {
        bound.remarks.push_back(fmt::format("{}{} rows have no {}: they are never read by incremental loads",
                                            counted ? "" : "about ", count, request.column.name));
    }
}

}  // namespace

CursorBound cursor_bound(const Environment& environment, const CursorRequest& request) {
    if (!compares(request)) {
        throw errors::InvalidArgument(
            fmt::format("column \"{}\" is {} in the query, and compares in another way in the data source",
                        request.column.name, request.column.source_type),
            "Cast it in the query to the type that the data source has, or take another column.");
    }
    Connection connection(environment, request.stop);
    const std::string column = quoted_identifier(request.column.name);
    const QueryPlan whole = plan_of(connection, fmt::format("SELECT * FROM {}", subquery(request)));
    // A later load finds few rows.
    const std::string beyond =
        literal(request, request.kind == CursorKind::number ? "9223372036854775807" : "2290-01-01");
    const QueryPlan later =
        plan_of(connection, fmt::format("SELECT * FROM {} WHERE {} > {}", subquery(request), column, beyond));
    CursorBound bound;
    if (request.kind == CursorKind::number) {
        bound = number_bound(connection, request, whole.tables);
    } else {
        bound.to = time_bound(connection, request);
    }
    tell_of_nulls(connection, request, bound);
    if (!later.scanned.empty()) {
        bound.remarks.push_back(fmt::format("the whole of table {} is read for each load: an index on {} would help",
                                            later.scanned, request.column.name));
    }
    return bound;
}

std::string cursor_query(const CursorRequest& request, const CursorRange& range) {
    if (range.empty) {
        return fmt::format("SELECT * FROM {} WHERE false", subquery(request));
    }
    std::string conditions;
    const std::string column = "tb_cdk_query." + quoted_identifier(request.column.name);
    if (range.from) {
        conditions = fmt::format("{} {} {}", column, range.from_inclusive ? ">=" : ">", literal(request, *range.from));
    }
    if (range.to) {
        conditions += fmt::format("{}{} {} {}", conditions.empty() ? "" : " AND ", column,
                                  range.to_inclusive ? "<=" : "<", literal(request, *range.to));
    }
    return conditions.empty() ? request.query : fmt::format("SELECT * FROM {} WHERE {}", subquery(request), conditions);
}

}  // namespace tinybird_cdk::postgresql
