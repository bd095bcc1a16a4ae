// SPDX-License-Identifier: Apache-2.0
#include "type_map.hpp"

#include <algorithm>
#include <array>
#include <string>
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

/// "unsigned" stands in the type's text only; in that of an ENUM it could be a label.
bool is_unsigned(const SourceType& source) {
    return source.column_type.find("unsigned") != std::string::npos;
}

TargetType tinyint_of(const SourceType& source) {
    const bool maybe_bool = source.column_type.starts_with("tinyint(1)");
    return {is_unsigned(source) ? schema::UInt8() : schema::Int8(),
            maybe_bool ? "BOOLEAN is this type too: make it Bool where it holds 0 and 1 only" : ""};
}
template <schema::Type (*Signed)(), schema::Type (*Unsigned)()>
TargetType integer_of(const SourceType& source) {
    return {is_unsigned(source) ? Unsigned() : Signed(), {}};
}
TargetType decimal_of(const SourceType& source) {
    if (source.precision < 1 || source.precision > largest_decimal || source.scale < 0 ||
        source.scale > source.precision) {
        return {schema::String(), "more digits than a Decimal: kept as its digits"};
    }
    return {schema::Decimal(source.precision, source.scale), {}};
}
TargetType bits_of(const SourceType& source) {
    return {unsigned_of(source.precision), {}};
}
TargetType date_of(const SourceType& /*source*/) {
    return {schema::Date32(), date_remark};
}
TargetType datetime_of(const SourceType& source) {
    // ClickHouse's parsers move what is before 1970 or after 2106 to these years when there is no fraction at all.
    constexpr int milliseconds = 3;
    return {schema::DateTime64(source.precision == 0 ? milliseconds : source.precision), date_remark};
}
TargetType timestamp_of(const SourceType& source) {
    // Seconds of 32 bits, as in ClickHouse.
    const schema::Type type =
        source.precision == 0 ? schema::DateTime("UTC") : schema::DateTime64(source.precision, "UTC");
    return {type, "zero dates such as 0000-00-00 don't fit"};
}
TargetType time_of(const SourceType& /*source*/) {
    return {schema::String(), "from -838:59:59 to 838:59:59"};
}
TargetType enum_of(const SourceType& /*source*/) {
    return {schema::LowCardinality(schema::String()), {}};
}
TargetType document_of(const SourceType& /*source*/) {
    return {schema::String(), "JSON text"};
}
TargetType bytes_of(const SourceType& /*source*/) {
    return {schema::String(), "base64"};
}
TargetType geometry_of(const SourceType& /*source*/) {
    return {schema::String(), "well-known text"};
}

/// One that depends on nothing and holds every value.
template <schema::Type (*Make)()>
TargetType plain(const SourceType& /*source*/) {
    return {Make(), {}};
}

struct KnownType {
    std::string_view name;
    TargetType (*target)(const SourceType& source);
};

/// All other types are text.
constexpr std::array known_types{KnownType{"tinyint", tinyint_of},
                                 KnownType{"smallint", integer_of<schema::Int16, schema::UInt16>},
                                 KnownType{"mediumint", integer_of<schema::Int32, schema::UInt32>},
                                 KnownType{"int", integer_of<schema::Int32, schema::UInt32>},
                                 KnownType{"integer", integer_of<schema::Int32, schema::UInt32>},
                                 KnownType{"bigint", integer_of<schema::Int64, schema::UInt64>},
                                 KnownType{"decimal", decimal_of},
                                 KnownType{"numeric", decimal_of},
                                 KnownType{"float", plain<schema::Float32>},
                                 KnownType{"double", plain<schema::Float64>},
                                 KnownType{"bit", bits_of},
                                 KnownType{"year", plain<schema::UInt16>},
                                 KnownType{"date", date_of},
                                 KnownType{"datetime", datetime_of},
                                 KnownType{"timestamp", timestamp_of},
                                 KnownType{"time", time_of},
                                 KnownType{"enum", enum_of},
                                 KnownType{"json", document_of},
                                 KnownType{"uuid", plain<schema::UUID>},
                                 KnownType{"inet6", plain<schema::IPv6>},
                                 KnownType{"inet4", plain<schema::IPv4>},
                                 KnownType{"binary", bytes_of},
                                 KnownType{"varbinary", bytes_of},
                                 KnownType{"tinyblob", bytes_of},
                                 KnownType{"blob", bytes_of},
                                 KnownType{"mediumblob", bytes_of},
                                 KnownType{"longblob", bytes_of},
                                 KnownType{"vector", bytes_of},
                                 KnownType{"geometry", geometry_of},
                                 KnownType{"point", geometry_of},
                                 KnownType{"linestring", geometry_of},
                                 KnownType{"polygon", geometry_of},
                                 KnownType{"multipoint", geometry_of},
                                 KnownType{"multilinestring", geometry_of},
                                 KnownType{"multipolygon", geometry_of},
                                 KnownType{"geometrycollection", geometry_of},
                                 KnownType{"geomcollection", geometry_of}};

}  // namespace

TargetType target_of(const SourceType& source) {
    const auto* const known = std::find_if(known_types.begin(), known_types.end(),
                                           [&](const KnownType& entry) { return entry.name == source.data_type; });
    return known == known_types.end() ? TargetType{schema::String(), {}} : known->target(source);
}

}  // namespace tinybird_cdk::mysql
