// SPDX-License-Identifier: Apache-2.0
#include "type_map.hpp"

namespace tinybird_cdk::bigquery {

namespace {

/// Those without parameters: NUMERIC has 29 digits before the point and 9 behind it, BIGNUMERIC 38 behind it and a bit
/// more than 38 before it
/// (https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#decimal_types).
constexpr int numeric_precision = 38;
constexpr int numeric_scale = 9;
constexpr int largest_precision = 76;
constexpr int bignumeric_scale = 38;
/// Digits of a second that DateTime64 holds over its whole range of years.
constexpr int microseconds = 6;

constexpr const char* years = "years 1900 to 2299";

/// Of a value that is there, and that is no array.
Suggestion suggest_scalar(const Field& field) {
    const std::string& type = field.type;
    if (type == "INT64") {
        return {schema::Int64()};
    }
    if (type == "FLOAT64") {
        return {schema::Float64()};
    }
    if (type == "BOOL") {
        return {schema::Bool()};
    }
    if (type == "NUMERIC") {
        return {field.precision ? schema::Decimal(*field.precision, field.scale)
                                : schema::Decimal(numeric_precision, numeric_scale)};
    }
    if (type == "BIGNUMERIC") {
        if (field.precision && *field.precision <= largest_precision) {
            return {schema::Decimal(*field.precision, field.scale)};
        }
        return {schema::Decimal(largest_precision, bignumeric_scale), "values of 10^38 and beyond don't fit"};
    }
    if (type == "DATE") {
        return {schema::Date32(), years};
    }
    if (type == "DATETIME") {
        return {schema::DateTime64(microseconds), years};
    }
    if (type == "TIMESTAMP") {
        if (field.timestamp_precision > microseconds) {
            return {schema::String(), "more digits of a second than DateTime64 has: kept as text, in UTC"};
        }
        return {schema::DateTime64(microseconds, "UTC"), years};
    }
    if (type == "BYTES") {
        return {schema::String(), "bytes, written as base64"};
    }
    if (type == "GEOGRAPHY") {
        return {schema::String(), "WKT"};
    }
    if (type == "STRUCT") {
        return {schema::String(), "JSON text"};
    }
    if (type == "JSON") {
        return {schema::String(), "JSON text"};
    }
    if (type == "INTERVAL") {
        return {schema::String(), "in the notation of PostgreSQL"};
    }
    if (type == "RANGE") {
        return {schema::String(), "as in [2024-01-01, UNBOUNDED)"};
    }
    if (type == "STRING" || type == "TIME") {
        return {schema::String()};
    }
    return {schema::String(), "a type that the kit does not know: as BigQuery's API writes it"};
}

}  // namespace

Suggestion suggest_type(const Field& field) {
    Suggestion suggestion = suggest_scalar(field);
    if (field.repeated) {
        // An array of a table has no NULL in it, and is itself empty in its place
        // (https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#array_nulls).
        if (field.type == "STRUCT") {
            return {schema::String(), "an array of records, as JSON text"};
        }
        suggestion.type = schema::Array(suggestion.type);
        return suggestion;
    }
    suggestion.type = suggestion.type.with_nullable(!field.required);
    return suggestion;
}

}  // namespace tinybird_cdk::bigquery
