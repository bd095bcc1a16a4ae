// SPDX-License-Identifier: Apache-2.0
#include "incremental.hpp"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "connection.hpp"
#include "query_plan.hpp"
#include "sql_text.hpp"
#include "statement.hpp"
#include "writers.hpp"

namespace tinybird_cdk::mysql {

namespace {

constexpr std::chrono::milliseconds patience{60'000};
/// Times may have no fraction, and a row is seen by others a moment after the time that its NOW() gives.
constexpr std::int64_t margin = 1;
/// Reading a smaller table whole costs nothing worth a word.
constexpr std::uint64_t large_table_rows = 100'000;

std::string subquery(const CursorRequest& request) {
    // On lines of its own, for the query may end in a comment.
    return fmt::format("(\n{}\n) AS tb_cdk_query", single_statement(request.query));
}

std::string cursor(const CursorRequest& request) {
    return "tb_cdk_query." + quoted_identifier(request.column.name);
}

/// A value as a literal of the column's kind; the session is in UTC.
std::string literal(const CursorRequest& request, const std::string& value) {
    switch (request.kind) {
        case CursorKind::number:
            return value;
        case CursorKind::day:
            return fmt::format("DATE'{}'", value);
        case CursorKind::moment:
            return fmt::format("TIMESTAMP'{}'", value);
    }
    return {};
}

bool compares(const CursorRequest& request) {
    using schema::Kind;
    switch (request.column.type ? request.column.type->kind() : Kind::other) {
        case Kind::int8:
        case Kind::int16:
        case Kind::int32:
        case Kind::int64:
        case Kind::uint8:
        case Kind::uint16:
        case Kind::uint32:
        case Kind::uint64:
        case Kind::decimal:
            return request.kind == CursorKind::number;
        case Kind::date32:
            return request.kind == CursorKind::day;
        case Kind::datetime:
        case Kind::datetime64:
            return request.kind == CursorKind::moment;
        default:
            return false;
    }
}

/// Now, less margin and lag, in the column's own terms. A TIMESTAMP is an instant, a DATETIME or a DATE is what the
/// sessions' default time zone makes of it. Local times go back an hour once a year: then the lowest one that is still
/// to come. Clocks are turned at quarters of an hour.
std::string time_bound(Connection& connection, const CursorRequest& request) {
    constexpr std::int64_t quarter = 900;
    constexpr std::int64_t quarters = 12;
    const std::int64_t back = margin + request.lag.time().count();
    const std::string instant =
        connection.run(fmt::format("SELECT UNIX_TIMESTAMP(NOW(6)) - {}", back)).at(0).at(0).value_or("0");
    const bool is_instant = request.column.source_type.starts_with("timestamp");
    const auto local = [&](std::string_view at) {
        return is_instant ? fmt::format("FROM_UNIXTIME({})", at)
                          : fmt::format("CONVERT_TZ(FROM_UNIXTIME({}), '+00:00', @@GLOBAL.time_zone)", at);
    };
    std::string lowest = local(instant);
    if (!is_instant) {
        const std::int64_t next = (std::strtoll(instant.c_str(), nullptr, 10) / quarter + 1) * quarter;
        for (std::int64_t i = 0; i < quarters; ++i) {
            lowest += ", " + local(std::to_string(next + i * quarter));
        }
        lowest = fmt::format("LEAST({})", lowest);
    }
    const std::string_view form = request.kind == CursorKind::day ? "%Y-%m-%d" : "%Y-%m-%d %H:%i:%s.%f";
    auto bound = connection.run(fmt::format("SELECT DATE_FORMAT({}, '{}')", lowest, form)).at(0).at(0);
    if (!bound) {
        throw errors::ExternalDatasourceError(
            "the server does not know its own default time zone, so what its local times mean is not known", {},
            "Load the server's time zone tables, or set its time_zone to SYSTEM or an offset.");
    }
    return *bound;
}

std::optional<std::string> highest(Connection& connection, const CursorRequest& request) {
    // In a type that a lag can't take below zero.
    return connection
        .run(fmt::format("SELECT CAST(MAX({}) AS DECIMAL(30, 0)) - {} FROM {}", cursor(request), request.lag.units(),
                         subquery(request)))
        .at(0)
        .at(0);
}

void tell_of_ties(Connection& connection, const CursorRequest& request, CursorBound& bound) {
    const auto count = connection
                           .run(fmt::format("SELECT COUNT(*) FROM (SELECT 1 FROM {} WHERE {} = {} LIMIT 2) AS t",
                                            subquery(request), cursor(request), *bound.to))
                           .at(0)
                           .at(0);
    if (count == "2") {
        bound.remarks.push_back(fmt::format(
            "several rows have {} = {}: one that comes later with that value is not read; give a --lag of 1",
            request.column.name, *bound.to));
    }
}

const PlanStep* large_scan(const std::vector<PlanStep>& plan) {
    for (const PlanStep& step : plan) {
        if ((step.access == "ALL" || step.access == "index") && step.rows.value_or(0) >= large_table_rows &&
            !step.table.starts_with('<')) {
            return &step;
        }
    }
    return nullptr;
}

/// Counted where that is cheap.
void tell_of_nulls(Connection& connection, const CursorRequest& request, CursorBound& bound) {
    const std::string nulls = fmt::format("FROM {} WHERE {} IS NULL", subquery(request), cursor(request));
    if (large_scan(plan_of(connection, "SELECT 1 " + nulls)) != nullptr) {
        bound.remarks.push_back(
            fmt::format("rows that have no {} are never read by incremental loads (they were not "
                        "counted, for that would read the whole table)",
                        request.column.name));
        return;
    }
    const std::string count = connection.run("SELECT COUNT(*) " + nulls).at(0).at(0).value_or("0");
    if (count != "0") {
        bound.remarks.push_back(
            fmt::format("{} rows have no {}: they are never read by incremental loads", count, request.column.name));
    }
}

void tell_of_missing_index(Connection& connection, const CursorRequest& request, CursorBound& bound) {
    if (!bound.to) {
        return;
    }
    // What a later load asks for: few rows.
    const auto plan = plan_of(connection, fmt::format("SELECT * FROM {} WHERE {} > {}", subquery(request),
                                                      cursor(request), literal(request, *bound.to)));
    if (const PlanStep* const scan = large_scan(plan)) {
        bound.remarks.push_back(fmt::format("the whole of table {} is read for each load: an index on {} would help",
                                            scan->table, request.column.name));
    }
}

/// What the server says of the cursor column.
Field describe(Connection& connection, const CursorRequest& request) {
    const Statement statement(connection, std::string(single_statement(request.query)));
    for (const Field& field : statement.fields()) {
        if (field.name == request.column.name) {
            return field;
        }
    }
    return {};
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
    const Field field = describe(connection, request);
    const bool is_number = request.kind == CursorKind::number;
    CursorBound bound;
    bound.inclusive = is_number;
    bound.to = is_number ? highest(connection, request) : time_bound(connection, request);
    if (!bound.to) {
        return bound;
    }
    if (request.lag.none()) {
        wait_for_writers(connection, request.column.name, request.limits.lock_timeout.value_or(patience), request.stop);
    }
    if (is_number && request.lag.none()) {
        tell_of_ties(connection, request, bound);
    }
    if (is_number && !field.is_auto_increment) {
        bound.remarks.push_back(
            fmt::format("{} is no AUTO_INCREMENT column: rows that come later with lower numbers are never read",
                        request.column.name));
    }
    if (field.may_be_null) {
        tell_of_nulls(connection, request, bound);
    }
    tell_of_missing_index(connection, request, bound);
    return bound;
}

std::string cursor_query(const CursorRequest& request, const CursorRange& range) {
    if (range.empty) {
        return fmt::format("SELECT * FROM {} WHERE FALSE", subquery(request));
    }
    std::string conditions;
    if (range.from) {
        conditions =
            fmt::format("{} {} {}", cursor(request), range.from_inclusive ? ">=" : ">", literal(request, *range.from));
    }
    if (range.to) {
        conditions += fmt::format("{}{} {} {}", conditions.empty() ? "" : " AND ", cursor(request),
                                  range.to_inclusive ? "<=" : "<", literal(request, *range.to));
    }
    return conditions.empty() ? request.query : fmt::format("SELECT * FROM {} WHERE {}", subquery(request), conditions);
}

}  // namespace tinybird_cdk::mysql
