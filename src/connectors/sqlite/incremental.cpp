// SPDX-License-Identifier: Apache-2.0
#include "incremental.hpp"

#include <chrono>
#include <cstdint>
#include <ctime>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/value.hpp>

#include "query_rows.hpp"
#include "sql_text.hpp"

namespace tinybird_cdk::sqlite {

namespace {

/// On lines of its own, for the query may end in a comment.
std::string subquery(const CursorRequest& request) {
    return fmt::format("(\n{}\n) AS tb_cdk_query", request.query);
}

/// The cursor column such that texts compare as what they mean: `T` is as good as the space, and a fraction may have
/// any number of digits.
std::string compared(const CursorRequest& request) {
    std::string column = "tb_cdk_query." + quoted_identifier(request.column.name);
    switch (request.kind) {
        case CursorKind::number:
            return column;
        case CursorKind::day:
            return fmt::format("substr({}, 1, 10)", column);
        case CursorKind::moment:
            return fmt::format("replace({}, 'T', ' ')", column);
    }
    return column;
}

/// The shortest notation of a moment: no text of the same moment comes before it.
std::string shortest(std::string moment) {
    if (moment.find('.') != std::string::npos) {
        moment.resize(moment.find_last_not_of('0') + 1);
        if (moment.ends_with('.')) {
            moment.pop_back();
        }
    }
    constexpr std::string_view midnight = " 00:00:00";
    if (moment.ends_with(midnight)) {
        moment.resize(moment.size() - midnight.size());
    }
    return moment;
}

std::string literal(const CursorRequest& request, const std::string& value) {
    return request.kind == CursorKind::number ? value : quoted_text(value);
}

/// Which kinds of values the column holds.
void refuse_other_values(Database& database, const CursorRequest& request, CursorBound& bound) {
    const std::string column = "tb_cdk_query." + quoted_identifier(request.column.name);
    const std::string_view wanted = request.kind == CursorKind::number ? "integer" : "text";
    for (const auto& row : read_all(
             database, fmt::format("SELECT typeof({0}), count(*) FROM {1} GROUP BY 1", column, subquery(request)))) {
        const std::string kind = row.at(0).second.to_text();
        const std::string count = row.at(1).second.to_text();
        if (kind == "null") {
            bound.remarks.push_back(fmt::format("{} rows have no {}: they are never read by incremental loads", count,
                                                request.column.name));
        } else if (kind != wanted) {
            throw errors::InvalidArgument(
                fmt::format("{} values of \"{}\" are of the kind {}, not {}: they have no place in the order", count,
                            request.column.name, kind, wanted),
                "Take a column whose values are all of one kind, or convert them in the query.");
        }
    }
}

CursorBound number_bound(Database& database, const CursorRequest& request) {
    CursorBound bound{.to = {}, .inclusive = true, .remarks = {}};
    refuse_other_values(database, request, bound);
    const std::string column = compared(request);
    const ResultSet highest =
        read_all(database, fmt::format("SELECT max({}) - {} FROM {}", column, request.lag.units(), subquery(request)));
    const Value value = scalar(highest);
    if (value.is_null()) {
        return bound;
    }
    bound.to = value.to_text();
    const ResultSet ties =
        read_all(database, fmt::format("SELECT count(*) FROM (SELECT 1 FROM {} WHERE {} = {} LIMIT 2)",
                                       subquery(request), column, *bound.to));
    if (request.lag.none() && scalar(ties).to_text() == "2") {
        bound.remarks.push_back(fmt::format(
            "several rows have {} = {}: one that comes later with that value is not read; give a --lag of 1",
            request.column.name, *bound.to));
    }
    return bound;
}

CursorBound time_bound(Database& database, const CursorRequest& request) {
    CursorBound bound;
    refuse_other_values(database, request, bound);
    // A second that is over gets no more rows from CURRENT_TIMESTAMP, a day neither.
    const std::time_t end = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - request.lag.time());
    bound.to = request.kind == CursorKind::day ? fmt::format("{:%Y-%m-%d}", fmt::gmtime(end))
                                               : fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(end));
    return bound;
}

}  // namespace

CursorBound cursor_bound(Database& database, const CursorRequest& request) {
    const Database::Stoppable stoppable(database, request.stop);
    const Database::Snapshot snapshot(database);
    return request.kind == CursorKind::number ? number_bound(database, request) : time_bound(database, request);
}

std::string statement_text(Database& database, const std::string& sql) {
    const Statement statement = database.prepare(sql);
    std::string text = sqlite3_sql(statement.get());
    text.resize(text.find_last_not_of("; \t\r\n") + 1);
    return text;
}

std::string cursor_query(const CursorRequest& request, const CursorRange& range) {
    if (range.empty) {
        return fmt::format("SELECT * FROM {} WHERE 0", subquery(request));
    }
    std::string conditions;
    const std::string column = compared(request);
    if (range.from) {
        const bool from_moment = request.kind == CursorKind::moment && range.from_inclusive;
        conditions = fmt::format("{} {} {}", column, range.from_inclusive ? ">=" : ">",
                                 literal(request, from_moment ? shortest(*range.from) : *range.from));
    }
    if (range.to) {
        conditions += fmt::format("{}{} {} {}", conditions.empty() ? "" : " AND ", column,
                                  range.to_inclusive ? "<=" : "<", literal(request, *range.to));
    }
    return conditions.empty() ? request.query : fmt::format("SELECT * FROM {} WHERE {}", subquery(request), conditions);
}

}  // namespace tinybird_cdk::sqlite
