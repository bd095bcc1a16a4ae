// SPDX-License-Identifier: Apache-2.0
#include "type_map.hpp"

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace tinybird_cdk::redshift {

namespace {

struct Suggestion {
    schema::Type type;
    std::string remark = {};
};

/// Redshift's digits of a second.
constexpr int microseconds = 6;
constexpr const char* years = "years 1900 to 2299";

/// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
Suggestion suggest(const TableColumn& column) {
    const std::string_view type = column.data_type;
    if (type == "smallint") {
        return {schema::Int16()};
    }
    if (type == "integer") {
        return {schema::Int32()};
    }
    if (type == "bigint") {
        return {schema::Int64()};
    }
    if (type == "real") {
        return {schema::Float32()};
    }
    if (type == "double precision") {
        return {schema::Float64()};
    }
    if (type == "boolean") {
        return {schema::Bool()};
    }
    if (type == "numeric" && column.precision) {
        return {schema::Decimal(*column.precision, column.scale)};
    }
    if (type == "date") {
        return {schema::Date32(), years};
    }
    if (type == "timestamp without time zone") {
        return {schema::DateTime64(microseconds), years};
    }
    if (type == "timestamp with time zone") {
        return {schema::DateTime64(microseconds, "UTC"), years};
    }
    if (type == "super") {
        return {schema::String(), "JSON text"};
    }
    if (type == "varbyte" || type == "binary varying") {
        return {schema::String(), "bytes, written as base64"};
    }
    if (type == "character") {
        return {schema::String(), "blanks at its end may be left out, as they mean nothing"};
    }
    if (type.starts_with("character") || type.starts_with("time")) {
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
