// SPDX-License-Identifier: Apache-2.0
#include "type_map.hpp"

#include <algorithm>

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

TargetType scalar_target(oid::Oid type, int modifier, char kind, int money_scale) {
    switch (type) {
        case oid::boolean:
            return {schema::Bool(), {}};
        case oid::int2:
            return {schema::Int16(), {}};
        case oid::int4:
            return {schema::Int32(), {}};
        case oid::int8:
            return {schema::Int64(), {}};
        case oid::oid:
        case oid::xid:
        case oid::cid:
            return {schema::UInt32(), {}};
        case oid::xid8:
            return {schema::UInt64(), {}};
        case oid::float4:
            return {schema::Float32(), {}};
        case oid::float8:
            return {schema::Float64(), {}};
        case oid::numeric:
            return decimal_of(modifier);
        case oid::money: {
            constexpr int money_digits = 19;  // 64 bits
            return {schema::Decimal(money_digits, money_scale), "the currency is not kept"};
        }
        case oid::date:
            return {schema::Date32(), date_remark};
        case oid::timestamp:
            return {schema::DateTime64(fraction_digits(modifier)), date_remark};
        case oid::timestamptz:
            return {schema::DateTime64(fraction_digits(modifier), "UTC"), date_remark};
        case oid::uuid:
            return {schema::UUID(), {}};
        case oid::bytea:
            return {schema::String(), "base64"};
        case oid::json:
        case oid::jsonb:
            return {schema::String(), "JSON text"};
        default:
            return {kind == 'e' ? schema::LowCardinality(schema::String()) : schema::String(), {}};
    }
}

}  // namespace

TargetType target_of(const SourceType& source) {
    if (source.element == 0) {
        return scalar_target(source.type, source.modifier, source.kind, source.money_scale);
    }
    TargetType target = scalar_target(source.element, source.modifier, source.element_kind, source.money_scale);
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
