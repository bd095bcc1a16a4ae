// SPDX-License-Identifier: Apache-2.0
#include "incremental.hpp"

#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/value.hpp>

#include "connection.hpp"
#include "query_plan.hpp"
#include "sql_text.hpp"
#include "writers.hpp"

namespace tinybird_cdk::postgresql {

namespace {

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

/// A standby sees neither the transactions of its primary nor how far behind it is.
void refuse_standby(Connection& connection, const CursorRequest& request) {
    const ResultHandle standby = connection.run("SELECT pg_catalog.pg_is_in_recovery()");
    if (request.lag.none() && cell(standby.get(), 0, 0) == "t") {
        throw errors::ExternalDatasourceError(
            "this server is a standby, which does not see the transactions of its primary: which rows may still be "
            "committed is not known",
            {}, "Give a --lag longer than any transaction that writes and the delay of the replication together.");
    }
}

/// The start of the oldest transaction that may still write, less the lag, in the column's own terms. Local times go
/// back an hour once a year: then to the lowest one that is still to come. Clocks are turned at quarters of an hour.
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
    const ResultHandle prepared = connection.run(
        "SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database() LIMIT 1");
    if (PQntuples(prepared.get()) > 0 && request.lag.none()) {
        throw errors::ExternalDatasourceError(
            fmt::format("transaction \"{}\" is prepared and not committed, and when it began is not known: rows with "
                        "lower values of \"{}\" may come from it",
                        PQgetvalue(prepared.get(), 0, 0), request.column.name),
            {}, "Try again when it has ended, or give a --lag longer than any transaction that writes.",
            errors::ExitCode::temporary);
    }
    // Local times are those of the zone that sessions have by default.
    const std::string_view form = request.kind == CursorKind::day ? "YYYY-MM-DD" : "YYYY-MM-DD HH24:MI:SS.US";
    const std::string zone = request.kind == CursorKind::moment && has_zone(request.column)
                                 ? "'UTC'"
                                 : "(SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'TimeZone')";
    const ResultHandle bound = connection.run(fmt::format(
        "WITH b(t) AS (SELECT least(pg_catalog.clock_timestamp(), (SELECT min(xact_start) FROM "
        "pg_catalog.pg_stat_activity WHERE pid <> pg_catalog.pg_backend_pid() AND backend_type NOT IN ('autovacuum "
        "worker', 'walsender'))) - {} - interval '{} seconds') SELECT pg_catalog.to_char((SELECT min(t AT TIME ZONE "
        "{}) FROM (SELECT t FROM b UNION ALL SELECT g FROM b, pg_catalog.generate_series(pg_catalog.date_trunc('hour', "
        "t), t + interval '3 hours', interval '15 minutes') AS g WHERE g > t) AS instants), '{}')",
        margin, request.lag.time().count(), zone, form));
    return cell(bound.get(), 0, 0);
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

/// A number that no sequence gives out need not grow.
void tell_of_missing_sequence(Connection& connection, const CursorRequest& request, CursorBound& bound) {
    const ResultHandle described = connection.describe(std::string(single_statement(request.query)));
    const int column = PQfnumber(described.get(), quoted_identifier(request.column.name).c_str());
    constexpr int first_with_identity = 100000;
    if (column < 0 || connection.server_version() < first_with_identity) {
        return;
    }
    const ResultHandle without = connection.run(fmt::format(
        "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid LEFT JOIN "
        "pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE c.oid = {} AND a.attnum = {} "
        "AND "
        "c.relkind IN ('r', 'p') AND a.attidentity = '' AND coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') "
        "NOT "
        "LIKE '%nextval(%'",
        PQftable(described.get(), column), PQftablecol(described.get(), column)));
    if (PQntuples(without.get()) > 0) {
        bound.remarks.push_back(
            fmt::format("{} gets its numbers from no sequence: rows that come later with lower ones are never read",
                        request.column.name));
    }
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
    Connection connection(environment, request.limits, request.stop);
    refuse_standby(connection, request);
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
        tell_of_missing_sequence(connection, request, bound);
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
