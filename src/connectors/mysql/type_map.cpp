// SPDX-License-Identifier: Apache-2.0
#include "type_map.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace tinybird_cdk::mysql {

namespace {

constexpr const char* date_remark = "years 1900 to 2299; zero dates such as 0000-00-00 don't fit";
constexpr int largest_decimal = 76;

schema::Type unsigned_of(int bits) {
    return bits <= 8    ? schema::UInt8()
           : bits <= 16 ? schema::UInt16()
           : bits <= 32 ? schema::UInt32()
                        : schema::UInt64();
}

std::optional<schema::Type> integer_of(std::string_view name, bool is_unsigned) {
    if (name == "tinyint") {
        return is_unsigned ? schema::UInt8() : schema::Int8();
    }
    if (name == "smallint") {
        return is_unsigned ? schema::UInt16() : schema::Int16();
    }
    if (name == "mediumint" || name == "int" || name == "integer") {
        return is_unsigned ? schema::UInt32() : schema::Int32();
    }
    if (name == "bigint") {
        return is_unsigned ? schema::UInt64() : schema::Int64();
    }
    return std::nullopt;
}

bool is_one_of(std::string_view name, const std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

TargetType decimal_of(int precision, int scale) {
    if (precision < 1 || precision > largest_decimal || scale < 0 || scale > precision) {
        return {schema::String(), "more digits than a Decimal: kept as its digits"};
    }
    return {schema::Decimal(precision, scale), {}};
}

}  // namespace

TargetType target_of(const SourceType& source) {
    const std::string_view name = source.data_type;
    // "unsigned" stands in the type's text only; in that of an ENUM it could be a label.
    if (const auto integer = integer_of(name, source.column_type.find("unsigned") != std::string::npos)) {
        const bool maybe_bool = source.column_type.starts_with("tinyint(1)");
        return {*integer, maybe_bool ? "BOOLEAN is this type too: make it Bool where it holds 0 and 1 only" : ""};
    }
    if (name == "decimal" || name == "numeric") {
        return decimal_of(source.precision, source.scale);
    }
    if (name == "float") {
        return {schema::Float32(), {}};
    }
    if (name == "double") {
        return {schema::Float64(), {}};
    }
    if (name == "bit") {
        return {unsigned_of(source.precision), {}};
    }
    if (name == "year") {
        return {schema::UInt16(), {}};
    }
    if (name == "date") {
        return {schema::Date32(), date_remark};
    }
    if (name == "datetime") {
        // ClickHouse's parsers move what is before 1970 or after 2106 to these years when there is no fraction at all.
        constexpr int milliseconds = 3;
        return {schema::DateTime64(source.precision == 0 ? milliseconds : source.precision), date_remark};
    }
    if (name == "timestamp") {
        // Seconds of 32 bits, as in ClickHouse.
        const schema::Type type =
            source.precision == 0 ? schema::DateTime("UTC") : schema::DateTime64(source.precision, "UTC");
        return {type, "zero dates such as 0000-00-00 don't fit"};
    }
    if (name == "time") {
        return {schema::String(), "from -838:59:59 to 838:59:59"};
    }
    if (name == "enum") {
        return {schema::LowCardinality(schema::String()), {}};
    }
    if (name == "json") {
        return {schema::String(), "JSON text"};
    }
    if (name == "uuid") {
        return {schema::UUID(), {}};
    }
    if (name == "inet6") {
        return {schema::IPv6(), {}};
    }
    if (name == "inet4") {
        return {schema::IPv4(), {}};
    }
    if (is_one_of(name, {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector"})) {
        return {schema::String(), "base64"};
    }
    if (is_one_of(name, {"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
                         "geometrycollection", "geomcollection"})) {
        return {schema::String(), "well-known text"};
    }
    return {schema::String(), {}};
}

}  // namespace tinybird_cdk::mysql
