// SPDX-License-Identifier: Apache-2.0
#include "incremental.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <string_view>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/record_batches.hpp>

#include "sql_text.hpp"

namespace tinybird_cdk::any_adbc {

namespace {

std::string cursor(const std::string& vendor, const CursorRequest& request) {
    return "tb_cdk_query." + quoted_identifier(request.column.name, vendor);
}

/// Oracle takes no AS in front of the name.
std::string subquery(const CursorRequest& request) {
    return "(\n" + embeddable(request.query) + ") tb_cdk_query";
}

/// Arrow's type has a time zone: an instant.
bool is_instant(const CursorRequest& request) {
    const std::string& type = request.column.source_type;
    return type.starts_with("timestamp") && !type.ends_with("'')");
}

bool compares(const CursorRequest& request) {
    const std::string_view type = request.column.source_type;
    switch (request.kind) {
        case CursorKind::number:
            return type.starts_with("int") ? !type.starts_with("interval")
                                           : type.starts_with("uint") || type.starts_with("decimal");
        case CursorKind::day:
            return type == "date32" || type == "date64";
        case CursorKind::moment:
            return type.starts_with("timestamp");
    }
    return false;
}

std::string literal(const CursorRequest& request, const std::string& value) {
    switch (request.kind) {
        case CursorKind::number:
            return value;
        case CursorKind::day:
            return "DATE '" + value + "'";
        case CursorKind::moment:
            // Some databases read past the zone in a TIMESTAMP literal, and take the session's.
            return is_instant(request) ? "CAST('" + value + "+00:00' AS TIMESTAMP WITH TIME ZONE)"
                                       : "TIMESTAMP '" + value + "'";
    }
    return {};
}

std::string text_of(const CursorRequest& request, std::time_t moment) {
    std::tm parts{};
    gmtime_r(&moment, &parts);
    std::array<char, 32> text{};
    const char* const form = request.kind == CursorKind::day ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S";
    return {text.data(), std::strftime(text.data(), text.size(), form, &parts)};
}

/// Whom to ask about the cursor column. Each question is a query of its own, which a stop or a time-out ends.
struct Asked {
    const adbc::Source& source;
    const Environment& environment;
    const CursorRequest& request;
    const std::string vendor;

    [[nodiscard]] std::string text(const std::string& sql) const {
        const auto batches =
            adbc::query_batches(source, environment, sql, std::nullopt, request.stop, request.limits.statement_timeout);
        const Value value = scalar(read_all(*batches));
        return value.is_null() ? std::string() : value.to_text();
    }
};

CursorBound number_bound(const Asked& asked) {
    const CursorRequest& request = asked.request;
    CursorBound bound{.to = {}, .inclusive = true, .remarks = {}};
    const std::string lag = std::to_string(request.lag.units());
    const std::string highest =
        asked.text("SELECT MAX(" + cursor(asked.vendor, request) + ") - " + lag + " FROM " + subquery(request));
    if (highest.find_first_not_of("-0123456789") != std::string::npos) {
        throw errors::InvalidArgument(
            "the highest \"" + request.column.name + "\" is " + highest + ", which is no whole number",
            "Take a column of integers.");
    }
    if (!highest.empty()) {
        bound.to = highest;
    }
    return bound;
}

CursorBound time_bound(const CursorRequest& request) {
    const auto end = std::chrono::system_clock::now() - request.lag.time();
    CursorBound bound{
        .to = text_of(request, std::chrono::system_clock::to_time_t(end)), .inclusive = false, .remarks = {}};
    if (!is_instant(request)) {
        bound.remarks.push_back("values of " + request.column.name +
                                " have no time zone and are taken to be in UTC: if they are behind it, the --lag has "
                                "to cover that too");
    }
    return bound;
}

}  // namespace

CursorBound cursor_bound(const adbc::Source& source, const Environment& environment, const CursorRequest& request) {
    if (!compares(request)) {
        throw errors::InvalidArgument("column \"" + request.column.name + "\" is " + request.column.source_type +
                                          " in the query, and compares in another way in the data source",
                                      "Cast it in the query to the type that the data source has, or take another "
                                      "column.");
    }
    if (request.lag.none()) {
        const std::string none = request.kind == CursorKind::number ? "0" : "0s";
        throw errors::InvalidArgument(
            "nothing is known of the database behind an ADBC driver, so it can't be told whether rows with lower "
            "values "
            "of \"" +
                request.column.name + "\" are still to be committed",
            "Give a --lag that no such row is behind, or --lag " + none + " if nobody writes meanwhile.");
    }
    const Asked asked{source, environment, request, adbc::Connection(source, environment).vendor()};
    CursorBound bound = request.kind == CursorKind::number ? number_bound(asked) : time_bound(request);
    const std::string nulls = asked.text("SELECT COUNT(*) FROM " + subquery(request) + " WHERE " +
                                         cursor(asked.vendor, request) + " IS NULL");
    if (nulls != "0") {
        bound.remarks.push_back(nulls + " rows have no " + request.column.name +
                                ": they are never read by incremental loads");
    }
    return bound;
}

std::string cursor_query(const std::string& vendor, const CursorRequest& request, const CursorRange& range) {
    if (range.empty) {
        return "SELECT * FROM " + subquery(request) + " WHERE 1 = 0";
    }
    std::string conditions;
    if (range.from) {
        conditions = cursor(vendor, request) + (range.from_inclusive ? " >= " : " > ") + literal(request, *range.from);
    }
    if (range.to) {
        conditions += (conditions.empty() ? "" : " AND ") + cursor(vendor, request) +
                      (range.to_inclusive ? " <= " : " < ") + literal(request, *range.to);
    }
    return conditions.empty() ? request.query : "SELECT * FROM " + subquery(request) + " WHERE " + conditions;
}

}  // namespace tinybird_cdk::any_adbc
