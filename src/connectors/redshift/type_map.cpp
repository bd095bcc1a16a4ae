// SPDX-License-Identifier: Apache-2.0
#include "type_map.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "numbers.hpp"

namespace tinybird_cdk::redshift {

namespace {

struct Suggestion {
    schema::Type type;
    std::string remark = {};
};

/// Redshift's digits of a second.
constexpr int microseconds = 6;
constexpr const char* years = "years 1900 to 2299";

/// Redshift's own limit.
constexpr int most_digits = 38;

/// A type as views have it. Those of tables outside have their numbers with them, as in "decimal(10,2)".
struct Spelled {
    std::string_view name;
    std::optional<int> precision;
    int scale = 0;
};

Spelled spelled(const TableColumn& column) {
    const std::string_view type = column.data_type;
    const std::size_t open = type.find('(');
    if (open == std::string_view::npos || !type.ends_with(')')) {
        return {.name = type, .precision = column.precision, .scale = column.scale};
    }
    const std::string_view numbers = type.substr(open + 1, type.size() - open - 2);
    const std::size_t comma = std::min(numbers.find(','), numbers.size());
    return {.name = type.substr(0, open),
            .precision = number_in<int>(numbers.substr(0, comma)),
            .scale = number_in<int>(numbers.substr(std::min(comma + 1, numbers.size()))).value_or(0)};
}

template <std::size_t size>
bool is_one_of(std::string_view name, const std::array<std::string_view, size>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
std::optional<schema::Type> number_type(const Spelled& type) {
    if (type.name == "smallint") {
        return schema::Int16();
    }
    if (type.name == "integer" || type.name == "int") {
        return schema::Int32();
    }
    if (type.name == "bigint") {
        return schema::Int64();
    }
    if (type.name == "real") {
        return schema::Float32();
    }
    // A float is of 4 bytes in catalogs outside, and of 8 in Redshift: this one holds both.
    if (is_one_of(type.name, std::array<std::string_view, 3>{"double precision", "double", "float"})) {
        return schema::Float64();
    }
    if (type.name == "boolean") {
        return schema::Bool();
    }
    if ((type.name == "numeric" || type.name == "decimal") && type.precision && *type.precision > 0 &&
        *type.precision <= most_digits && type.scale >= 0 && type.scale <= *type.precision) {
        return schema::Decimal(*type.precision, type.scale);
    }
    return std::nullopt;
}

Suggestion suggest(const TableColumn& column) {
    const Spelled type = spelled(column);
    if (const auto number = number_type(type)) {
        return {*number};
    }
    if (type.name == "date") {
        return {schema::Date32(), years};
    }
    if (type.name == "timestamp without time zone" || type.name == "timestamp") {
        return {schema::DateTime64(microseconds), years};
    }
    if (type.name == "timestamp with time zone" || type.name == "timestamptz") {
        return {schema::DateTime64(microseconds, "UTC"), years};
    }
    if (type.name == "super") {
        return {schema::String(), "JSON text"};
    }
    if (is_one_of(type.name, std::array<std::string_view, 3>{"varbyte", "binary varying", "binary"})) {
        return {schema::String(), "bytes, written as base64"};
    }
    if (type.name == "character" || type.name == "char") {
        return {schema::String(), "blanks at its end may be left out, as they mean nothing"};
    }
    if (is_one_of(type.name, std::array<std::string_view, 3>{"character varying", "varchar", "string"}) ||
        is_one_of(type.name,
                  std::array<std::string_view, 4>{"time without time zone", "time with time zone", "time", "timetz"})) {
        return {schema::String()};
    }
    return {schema::String(), "make text of it in the query, as in ST_AsText(geometry)"};
}

}  // namespace

schema::Column suggest_column(const TableColumn& column) {
    Suggestion suggestion = suggest(column);
    schema::Column result;
    result.name = column.name;
    result.source_type = column.data_type == "numeric" && column.precision
                             ? fmt::format("numeric({},{})", *column.precision, column.scale)
                             : column.data_type;
    result.type = suggestion.type.with_nullable(column.is_nullable);
    result.remark = std::move(suggestion.remark);
    return result;
}

}  // namespace tinybird_cdk::redshift
