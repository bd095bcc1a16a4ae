// SPDX-License-Identifier: Apache-2.0
#include "type_map.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace tinybird_cdk::postgresql {

namespace {

constexpr int modifier_header = 4;
constexpr int largest_decimal = 76;
constexpr const char* date_remark = "years 1900 to 2299; BC and infinity don't fit";

/// numeric(p, s): precision in the high half, a signed scale of 11 bits in the low (PostgreSQL source,
/// numerictypmodin).
TargetType decimal_of(int modifier) {
    if (modifier < modifier_header) {
        return {schema::String(), "numeric without precision: kept as its digits"};
    }
    const int packed = modifier - modifier_header;
    int precision = packed >> 16;
    int scale = ((packed & 0x7FF) ^ 0x400) - 0x400;
    if (scale < 0) {
        precision -= scale;
        scale = 0;
    }
    precision = std::max(precision, scale);
    if (precision > largest_decimal) {
        return {schema::String(), "more digits than a Decimal: kept as its digits"};
    }
    return {schema::Decimal(precision, scale), "NaN does not fit"};
}

int fraction_digits(int modifier) {
    return modifier < 0 ? 6 : modifier;
}

TargetType date_of(const SourceType& /*source*/) {
    return {schema::Date32(), date_remark};
}
TargetType timestamp_of(const SourceType& source) {
    return {schema::DateTime64(fraction_digits(source.modifier)), date_remark};
}
TargetType timestamptz_of(const SourceType& source) {
    return {schema::DateTime64(fraction_digits(source.modifier), "UTC"), date_remark};
}
TargetType numeric_of(const SourceType& source) {
    return decimal_of(source.modifier);
}
TargetType money_of(const SourceType& source) {
    constexpr int money_digits = 19;  // 64 bits
    return {schema::Decimal(money_digits, source.money_scale), "the currency is not kept"};
}
TargetType bytes_of(const SourceType& /*source*/) {
    return {schema::String(), "base64"};
}
TargetType document_of(const SourceType& /*source*/) {
    return {schema::String(), "JSON text"};
}

/// One that depends on nothing and holds every value.
template <schema::Type (*Make)()>
TargetType plain(const SourceType& /*source*/) {
    return {Make(), {}};
}

struct KnownType {
    oid::Oid type;
    TargetType (*target)(const SourceType& source);
};

/// All other types are text; an enum's text repeats.
constexpr std::array known_types{KnownType{oid::boolean, plain<schema::Bool>},
                                 KnownType{oid::int2, plain<schema::Int16>},
                                 KnownType{oid::int4, plain<schema::Int32>},
                                 KnownType{oid::int8, plain<schema::Int64>},
                                 KnownType{oid::oid, plain<schema::UInt32>},
                                 KnownType{oid::xid, plain<schema::UInt32>},
                                 KnownType{oid::cid, plain<schema::UInt32>},
                                 KnownType{oid::xid8, plain<schema::UInt64>},
                                 KnownType{oid::float4, plain<schema::Float32>},
                                 KnownType{oid::float8, plain<schema::Float64>},
                                 KnownType{oid::numeric, numeric_of},
                                 KnownType{oid::money, money_of},
                                 KnownType{oid::date, date_of},
                                 KnownType{oid::timestamp, timestamp_of},
                                 KnownType{oid::timestamptz, timestamptz_of},
                                 KnownType{oid::uuid, plain<schema::UUID>},
                                 KnownType{oid::bytea, bytes_of},
                                 KnownType{oid::json, document_of},
                                 KnownType{oid::jsonb, document_of}};

TargetType scalar_target(const SourceType& source) {
    const auto* const known = std::find_if(known_types.begin(), known_types.end(),
                                           [&](const KnownType& entry) { return entry.type == source.type; });
    if (known != known_types.end()) {
        return known->target(source);
    }
    return {source.kind == 'e' ? schema::LowCardinality(schema::String()) : schema::String(), {}};
}

}  // namespace

TargetType target_of(const SourceType& source) {
    if (source.element == 0) {
        return scalar_target(source);
    }
    TargetType target = scalar_target({.type = source.element,
                                       .modifier = source.modifier,
                                       .kind = source.element_kind,
                                       .money_scale = source.money_scale});
    target.type = schema::Nullable(target.type);
    const int dimensions = std::max(source.dimensions, 1);
    for (int i = 0; i < dimensions; ++i) {
        target.type = schema::Array(target.type);
    }
    const std::string remark =
        fmt::format("arrays of {} dimension{}; NULL does not fit", dimensions, dimensions == 1 ? "" : "s");
    target.remark = target.remark.empty() ? remark : target.remark + "; " + remark;
    return target;
}

}  // namespace tinybird_cdk::postgresql
