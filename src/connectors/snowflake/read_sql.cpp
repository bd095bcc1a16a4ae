// SPDX-License-Identifier: Apache-2.0
#include "read_sql.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "sql_text.hpp"

namespace tinybird_cdk::snowflake {

namespace {

constexpr int digits_of_a_unit = 3;
constexpr int microseconds = 6;

/// Arrow has seconds, milli-, micro- and nanoseconds. Of a column with other digits the driver gives counts of the
/// column's own unit as if they were of the next larger one: values that are wrong, or that have lost digits.
int digits_for_driver(const Column& column) {
    const int next = (column.scale + digits_of_a_unit - 1) / digits_of_a_unit * digits_of_a_unit;
    // Up to three digits, moments with an offset come as one count, which the driver takes for seconds.
    return column.kind == ColumnKind::timestamp_tz && next == digits_of_a_unit ? microseconds : next;
}

std::string with_digits(const Column& column, const char* type) {
    const int digits = digits_for_driver(column);
    const std::string name = identifier(column.name);
    return digits == column.scale ? name : fmt::format("{}::{}({})", name, type, digits);
}

std::string for_driver(const Column& column) {
    const std::string name = identifier(column.name);
    switch (column.kind) {
        case ColumnKind::timestamp_ntz:
            return with_digits(column, "TIMESTAMP_NTZ");
        case ColumnKind::timestamp_ltz:
            return with_digits(column, "TIMESTAMP_LTZ");
        case ColumnKind::timestamp_tz:
            return with_digits(column, "TIMESTAMP_TZ");
        default:
            break;
    }
    const std::string text = as_kept_text(column, name);
    return text.empty() ? name : text;
}

}  // namespace

std::string as_kept_text(const Column& column, const std::string& value) {
    switch (column.kind) {
        case ColumnKind::semi_structured:
            // The ones whose members have types are no VARIANT by themselves.
            return column.type.find('(') == std::string::npos ? fmt::format("TO_JSON({})", value)
                                                              : fmt::format("TO_JSON({}::VARIANT)", value);
        case ColumnKind::vector:
            return fmt::format("TO_JSON({}::ARRAY)", value);
        case ColumnKind::spatial:
            return fmt::format("ST_ASWKT({})", value);
        case ColumnKind::decfloat:
            return fmt::format("TO_VARCHAR({})", value);
        case ColumnKind::printable:
            // Else an INTERVAL would be a bare number of months or of nanoseconds.
            return fmt::format("({})::VARCHAR", value);
        case ColumnKind::time:
            return fmt::format("TO_VARCHAR({}, {})", value, time_format("HH24:MI:SS", column.scale));
        default:
            return {};
    }
}

std::string time_format(std::string_view form, int digits) {
    return literal(digits == 0 ? std::string(form) : fmt::format("{}.FF{}", form, digits));
}

std::string columns_only(std::string_view query) {
    return fmt::format("SELECT * FROM ({}) LIMIT 0", embedded(query));
}

std::string readable(const std::string& query, const std::vector<Column>& columns) {
    std::vector<std::string> selected;
    bool converts = false;
    for (const Column& column : columns) {
        if (column.kind == ColumnKind::other) {
            throw errors::InvalidArgument(
                fmt::format("column \"{}\" is of type {}, which can't be read", column.name, column.type),
                "Make text of it in the query, as in NAME::VARCHAR, or leave it out.");
        }
        const std::string name = identifier(column.name);
        std::string value = for_driver(column);
        if (value != name) {
            converts = true;
            value += " AS " + name;
        }
        selected.push_back(std::move(value));
    }
    return converts ? fmt::format("SELECT {} FROM ({})", fmt::join(selected, ", "), embedded(query))
                    : std::string(single_statement(query));
}

}  // namespace tinybird_cdk::snowflake
