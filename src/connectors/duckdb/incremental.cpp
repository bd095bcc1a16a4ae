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

/// Whom to ask about the cursor column. Each question is a query of its own, which a stop or a time-out ends.
struct Asked {
    const adbc::Source& source;
    const Environment& environment;
    const CursorRequest& request;

    [[nodiscard]] std::optional<std::string> text(const std::string& sql) const {
        const auto batches =
            adbc::query_batches(source, environment, sql, std::nullopt, request.stop, request.limits.statement_timeout);
        const Value value = scalar(read_all(*batches));
        return value.is_null() ? std::nullopt : std::optional(value.to_text());
    }
};

/// DuckDB's own name of the column's type: Arrow has fewer.
std::string type_of(const Asked& asked) {
    const CursorRequest& request = asked.request;
    return asked
        .text("SELECT column_type FROM (DESCRIBE SELECT * FROM " + subquery(request) +
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

CursorBound number_bound(const Asked& asked) {
    const CursorRequest& request = asked.request;
    CursorBound bound{.to = {}, .inclusive = true, .remarks = {}};
    bound.to = asked.text("SELECT (max(" + cursor(request) + ")::HUGEINT - " + std::to_string(request.lag.units()) +
                          ")::VARCHAR FROM " + subquery(request));
    if (bound.to && request.lag.none() &&
        asked.text("SELECT count(*) FROM (SELECT 1 FROM " + subquery(request) + " WHERE " + cursor(request) + " = " +
                   *bound.to + " LIMIT 2)") == "2") {
        bound.remarks.push_back("several rows have " + request.column.name + " = " + *bound.to +
                                ": one that comes later with that value is not read; give a --lag of 1");
    }
    return bound;
}

/// Of sessions that set none.
std::string default_zone(const Asked& asked) {
    adbc::Connection connection(asked.source, asked.environment);
    connection.execute("RESET TimeZone");
    return scalar(read_all(connection.query("SELECT current_setting('TimeZone')"))).to_text();
}

/// The start of this second, less the lag: an instant, or what DuckDB's default time zone makes of it. Local times go
/// back an hour once a year: then the lowest one that is still to come. Clocks are turned at quarters of an hour.
std::string time_bound(const Asked& asked, bool is_instant) {
    const CursorRequest& request = asked.request;
    const std::string begin =
        "date_trunc('second', now()) - INTERVAL '" + std::to_string(request.lag.time().count()) + " seconds'";
    const std::string form = request.kind == CursorKind::day ? "'%Y-%m-%d'" : "'%Y-%m-%d %H:%M:%S'";
    if (is_instant) {
        return asked.text("SELECT strftime((" + begin + ")::TIMESTAMP, " + form + ")").value_or("");
    }
    const std::string zone = quoted_text(default_zone(asked));
    return asked
        .text("WITH b AS (SELECT " + begin +
              " AS t), instants AS (SELECT t FROM b UNION ALL SELECT date_trunc("
              "'hour', t) + to_minutes(15 * i) FROM b, range(1, 13) r(i) WHERE date_trunc('hour', t) + to_minutes("
              "15 * i) > t) SELECT strftime(min(t AT TIME ZONE " +
              zone + "), " + form + ") FROM instants")
        .value_or("");
}

void tell_of_nulls(const Asked& asked, CursorBound& bound) {
    const CursorRequest& request = asked.request;
    const std::string count =
        asked.text("SELECT count(*) FROM " + subquery(request) + " WHERE " + cursor(request) + " IS NULL")
            .value_or("0");
    if (count != "0") {
        bound.remarks.push_back(count + " rows have no " + request.column.name +
                                ": they are never read by incremental loads");
    }
}

}  // namespace

CursorBound cursor_bound(const adbc::Source& source, const Environment& environment, const CursorRequest& request) {
    const Asked asked{source, environment, request};
    const std::string type = type_of(asked);
    if (!compares(request.kind, type)) {
        throw errors::InvalidArgument("column \"" + request.column.name + "\" is " + type +
                                          " in the query, and compares in another way in the data source",
                                      "Cast it in the query to the type that the data source has, or take another "
                                      "column.");
    }
    CursorBound bound;
    if (request.kind == CursorKind::number) {
        bound = number_bound(asked);
    } else {
        bound.to = time_bound(asked, type == instant_type);
    }
    tell_of_nulls(asked, bound);
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
