// SPDX-License-Identifier: Apache-2.0
#include "type_map.hpp"

#include <utility>

namespace tinybird_cdk::snowflake {

namespace {

/// Whole numbers of so many digits fit: 10^p - 1 is below the type's end.
schema::Type integer_of(int digits) {
    constexpr int of_int8 = 2;
    constexpr int of_int16 = 4;
    constexpr int of_int32 = 9;
    constexpr int of_int64 = 18;
    constexpr int of_int128 = 38;
    return digits <= of_int8     ? schema::Int8()
           : digits <= of_int16  ? schema::Int16()
           : digits <= of_int32  ? schema::Int32()
           : digits <= of_int64  ? schema::Int64()
           : digits <= of_int128 ? schema::Int128()
                                 : schema::Int256();
}

/// ClickHouse counts nanoseconds in 64 bits (https://clickhouse.com/docs/sql-reference/data-types/datetime64).
const char* years_of(int digits) {
    constexpr int nanoseconds = 9;
    return digits == nanoseconds ? "years 1900 to 2262; for others cast it to fewer digits of a second"
                                 : "years 1900 to 2299";
}

Suggestion suggest_value(const Column& column) {
    switch (column.kind) {
        case ColumnKind::number:
            return {column.scale == 0 ? integer_of(column.precision) : schema::Decimal(column.precision, column.scale)};
        case ColumnKind::decfloat:
            return {schema::String(), "38 digits and any exponent: kept as text"};
        case ColumnKind::real:
            return {schema::Float64()};
        case ColumnKind::boolean:
            return {schema::Bool()};
        case ColumnKind::text:
        case ColumnKind::time:
            return {schema::String()};
        case ColumnKind::binary:
            return {schema::String(), "bytes, written as base64"};
        case ColumnKind::date:
            return {schema::Date32(), "years 1900 to 2299"};
        case ColumnKind::timestamp_ntz:
            return {schema::DateTime64(column.scale), years_of(column.scale)};
        case ColumnKind::timestamp_ltz:
            return {schema::DateTime64(column.scale, "UTC"), years_of(column.scale)};
        case ColumnKind::timestamp_tz:
            return {schema::DateTime64(column.scale, "UTC"),
                    std::string("the moment, without its offset; ") + years_of(column.scale)};
        case ColumnKind::semi_structured:
            return {schema::String(), "JSON text"};
        case ColumnKind::vector:
            return {schema::String(), "JSON text: an array of numbers"};
        case ColumnKind::spatial:
            return {schema::String(), "WKT"};
        case ColumnKind::printable:
            return {schema::String(), "as Snowflake casts it to VARCHAR"};
        case ColumnKind::other:
            break;
    }
    return {schema::String(), "a type that the kit does not know: can't be read, cast it to VARCHAR in a query"};
}

}  // namespace

Suggestion suggest_type(const Column& column) {
    Suggestion suggestion = suggest_value(column);
    suggestion.type = suggestion.type.with_nullable(column.nullable);
    return suggestion;
}

}  // namespace tinybird_cdk::snowflake
