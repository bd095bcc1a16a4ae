// SPDX-License-Identifier: Apache-2.0
#include "incremental.hpp"

#include <optional>
#include <string_view>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/record_batches.hpp>

#include "sql_text.hpp"

namespace tinybird_cdk::duckdb {

namespace {

constexpr std::string_view instant_type = "TIMESTAMP WITH TIME ZONE";

std::string subquery(const CursorRequest& request) {
    // On lines of its own, for the query may end in a comment.
    return "(\n" + std::string(single_statement(request.query)) + "\n) AS tb_cdk_query";
}

std::string cursor(const CursorRequest& request) {
    return "tb_cdk_query." + quoted_identifier(request.column.name);
}

std::optional<std::string> text(adbc::Connection& connection, const std::string& sql) {
    const Value value = scalar(read_all(connection.query(sql)));
    return value.is_null() ? std::nullopt : std::optional(value.to_text());
}

/// DuckDB's own name of the column's type: Arrow has fewer.
std::string type_of(adbc::Connection& connection, const CursorRequest& request) {
    return text(connection, "SELECT column_type FROM (DESCRIBE SELECT * FROM " + subquery(request) +
                                ") WHERE column_name = " + quoted_text(request.column.name))
        .value_or("");
}

bool compares(CursorKind kind, std::string_view type) {
    switch (kind) {
        case CursorKind::number:
            return type.ends_with("INT") || type.ends_with("INTEGER") || type.starts_with("DECIMAL");
        case CursorKind::day:
            return type == "DATE";
        case CursorKind::moment:
            return type.starts_with("TIMESTAMP");
    }
    return false;
}

std::string literal(const CursorRequest& request, const std::string& value) {
    // Instants are read in the session's zone, which is UTC.
    return request.kind == CursorKind::number                             ? value
           : request.kind == CursorKind::day                              ? "DATE " + quoted_text(value)
           : request.column.source_type.find("UTC") != std::string::npos  ? "TIMESTAMPTZ " + quoted_text(value + "+00")
           : request.column.source_type.find("'ns'") != std::string::npos ? "TIMESTAMP_NS " + quoted_text(value)
                                                                          : "TIMESTAMP " + quoted_text(value);
}

CursorBound number_bound(adbc::Connection& connection, const CursorRequest& request) {
    CursorBound bound{.to = {}, .inclusive = true, .remarks = {}};
    bound.to = text(connection, "SELECT (max(" + cursor(request) + ")::HUGEINT - " +
                                    std::to_string(request.lag.units()) + ")::VARCHAR FROM " + subquery(request));
    if (bound.to && request.lag.none() &&
        text(connection, "SELECT count(*) FROM (SELECT 1 FROM " + subquery(request) + " WHERE " + cursor(request) +
                             " = " + *bound.to + " LIMIT 2)") == "2") {
        bound.remarks.push_back("several rows have " + request.column.name + " = " + *bound.to +
                                ": one that comes later with that value is not read; give a --lag of 1");
    }
    return bound;
}

/// The start of this second, less the lag: an instant, or what DuckDB's default time zone makes of it. Local times go
/// back an hour once a year: then the lowest one that is still to come. Clocks are turned at quarters of an hour.
std::string time_bound(adbc::Connection& connection, const CursorRequest& request, bool is_instant) {
    const std::string begin =
        "date_trunc('second', now()) - INTERVAL '" + std::to_string(request.lag.time().count()) + " seconds'";
    const std::string form = request.kind == CursorKind::day ? "'%Y-%m-%d'" : "'%Y-%m-%d %H:%M:%S'";
    if (is_instant) {
        return text(connection, "SELECT strftime((" + begin + ")::TIMESTAMP, " + form + ")").value_or("");
    }
    connection.execute("RESET TimeZone");
    const std::string zone = quoted_text(text(connection, "SELECT current_setting('TimeZone')").value_or("UTC"));
    connection.execute("SET TimeZone = 'UTC'");
    return text(
               connection,
               "WITH b AS (SELECT " + begin +
                   " AS t), instants AS (SELECT t FROM b UNION ALL SELECT date_trunc("
                   "'hour', t) + to_minutes(15 * i) FROM b, range(1, 13) r(i) WHERE date_trunc('hour', t) + to_minutes("
                   "15 * i) > t) SELECT strftime(min(t AT TIME ZONE " +
                   zone + "), " + form + ") FROM instants")
        .value_or("");
}

void tell_of_nulls(adbc::Connection& connection, const CursorRequest& request, CursorBound& bound) {
    const std::string count =
        text(connection, "SELECT count(*) FROM " + subquery(request) + " WHERE " + cursor(request) + " IS NULL")
            .value_or("0");
    if (count != "0") {
        bound.remarks.push_back(count + " rows have no " + request.column.name +
                                ": they are never read by incremental loads");
    }
}

}  // namespace

CursorBound cursor_bound(adbc::Connection& connection, const CursorRequest& request) {
    const std::string type = type_of(connection, request);
    if (!compares(request.kind, type)) {
        throw errors::InvalidArgument("column \"" + request.column.name + "\" is " + type +
                                          " in the query, and compares in another way in the data source",
                                      "Cast it in the query to the type that the data source has, or take another "
                                      "column.");
    }
    CursorBound bound;
    if (request.kind == CursorKind::number) {
        bound = number_bound(connection, request);
    } else {
        bound.to = time_bound(connection, request, type == instant_type);
    }
    tell_of_nulls(connection, request, bound);
    return bound;
}

std::string cursor_query(const CursorRequest& request, const CursorRange& range) {
    if (range.empty) {
        return "SELECT * FROM " + subquery(request) + " WHERE false";
    }
    std::string conditions;
    if (range.from) {
        conditions = cursor(request) + (range.from_inclusive ? " >= " : " > ") + literal(request, *range.from);
    }
    if (range.to) {
        conditions += (conditions.empty() ? "" : " AND ") + cursor(request) + (range.to_inclusive ? " <= " : " < ") +
                      literal(request, *range.to);
    }
    return conditions.empty() ? request.query : "SELECT * FROM " + subquery(request) + " WHERE " + conditions;
}

}  // namespace tinybird_cdk::duckdb
