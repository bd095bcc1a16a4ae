// SPDX-License-Identifier: Apache-2.0
#include "record_sql.hpp"

#include <cstddef>
#include <string_view>

#include <fmt/format.h>

#include <tinybird_cdk/value.hpp>

#include "sql_text.hpp"

namespace tinybird_cdk::bigquery {

namespace {

/// Without zeros at the end of what is behind the point, and without a point that nothing is behind.
std::string without_zeros(const std::string& text) {
    return fmt::format("RTRIM(RTRIM({}, '0'), '.')", text);
}

/// %F would write the year 1 as "1"
/// (https://cloud.google.com/bigquery/docs/reference/standard-sql/format-elements).
std::string datetime_text(const std::string& value) {
    return without_zeros(fmt::format("FORMAT_DATETIME('%E4Y-%m-%d %H:%M:%E6S', {})", value));
}

std::string timestamp_text(const std::string& value) {
    return fmt::format("CONCAT({}, '+00')",
                       without_zeros(fmt::format("FORMAT_TIMESTAMP('%E4Y-%m-%d %H:%M:%E6S', {}, 'UTC')", value)));
}

/// A value that is not NULL.
std::string scalar(const Field& field, const std::string& value) {
    const std::string& type = field.type;
    if (type == "NUMERIC" || type == "BIGNUMERIC") {
        const std::string digits = fmt::format("CAST({} AS STRING)", value);
        return fmt::format("IF(STRPOS({0}, '.') > 0, {1}, {0})", digits, without_zeros(digits));
    }
    if (type == "INT64" || type == "BOOL") {
        return fmt::format("CAST({} AS STRING)", value);
    }
    if (type == "FLOAT64") {
        // In the kit's own words, which are those of Google's documentation; an emulator writes them without quotes.
        return fmt::format(
            R"(IF(IS_NAN({0}), '"NaN"', IF(IS_INF({0}), IF({0} > 0, '"Infinity"', '"-Infinity"'), TO_JSON_STRING({0}))))",
            value);
    }
    if (type == "STRING" || type == "JSON") {
        return fmt::format("TO_JSON_STRING({})", value);
    }
    std::string text = fmt::format("CAST({} AS STRING)", value);
    if (type == "BYTES") {
        text = fmt::format("TO_BASE64({})", value);
    } else if (type == "GEOGRAPHY") {
        text = fmt::format("ST_ASTEXT({})", value);
    } else if (type == "TIMESTAMP") {
        text = timestamp_text(value);
    } else if (type == "DATETIME") {
        text = datetime_text(value);
    } else if (type == "TIME") {
        text = time_text(value);
    } else if (type == "RANGE") {
        text = range_as_text(field, value);
    }
    return fmt::format("TO_JSON_STRING({})", text);
}

/// Arrays inside of arrays need names of their own for their elements.
// As deep as the schema is: 15 levels at most.
std::string json(const Field& field, const std::string& value, int depth);  // NOLINT(misc-no-recursion)

std::string record(const Field& field, const std::string& value, int depth) {  // NOLINT(misc-no-recursion)
    std::string parts;
    for (std::size_t i = 0; i < field.fields.size(); ++i) {
        const Field& member = field.fields[i];
        const std::string name = Value(member.name).to_json();
        parts += fmt::format("{}, {}, ", literal((i == 0 ? "{" : ",") + name + ":"),
                             json(member, value + "." + identifier(member.name), depth));
    }
    return fmt::format("CONCAT({}'}}')", parts);
}

std::string json(const Field& field, const std::string& value, int depth) {  // NOLINT(misc-no-recursion)
    if (field.repeated) {
        const std::string element = fmt::format("x{}", depth);
        Field one = field;
        one.repeated = false;
        return fmt::format(
            "CONCAT('[', IFNULL(ARRAY_TO_STRING(ARRAY(SELECT {0} FROM UNNEST({1}) AS {2} WITH OFFSET AS o{3} ORDER BY "
            "o{3}), ','), ''), ']')",
            json(one, element, depth + 1), value, element, depth);
    }
    const std::string written = field.type == "STRUCT" ? record(field, value, depth) : scalar(field, value);
    return fmt::format("IF({} IS NULL, 'null', {})", value, written);
}

}  // namespace

std::string time_text(const std::string& value) {
    return without_zeros(fmt::format("FORMAT_TIME('%H:%M:%E6S', {})", value));
}

std::string range_as_text(const Field& field, const std::string& value) {
    const auto bound = [&](const char* function) {
        const std::string of = fmt::format("{}({})", function, value);
        const std::string text = field.range_element == "TIMESTAMP"  ? timestamp_text(of)
                                 : field.range_element == "DATETIME" ? datetime_text(of)
                                                                     : fmt::format("CAST({} AS STRING)", of);
        return fmt::format("IFNULL({}, 'UNBOUNDED')", text);
    };
    return fmt::format("IF({} IS NULL, NULL, CONCAT('[', {}, ', ', {}, ')'))", value, bound("RANGE_START"),
                       bound("RANGE_END"));
}

std::string record_as_json(const Field& field, const std::string& value) {
    if (field.repeated) {
        return json(field, value, 0);
    }
    return fmt::format("IF({0} IS NULL, NULL, {1})", value, record(field, value, 0));
}

}  // namespace tinybird_cdk::bigquery
