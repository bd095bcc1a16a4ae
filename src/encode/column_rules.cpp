// SPDX-License-Identifier: Apache-2.0
#include "encode/column_rules.hpp"

#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "encode/dates.hpp"

namespace tinybird_cdk::encode {

namespace {

using schema::Kind;

constexpr std::int64_t last_second(std::int64_t year, unsigned month, unsigned day) noexcept {
    return (days_from_civil(year, month, day) + 1) * seconds_per_day - 1;
}

// https://clickhouse.com/docs/sql-reference/data-types/date32 and …/datetime64
constexpr std::int64_t first_second_1900 = days_from_civil(1900, 1, 1) * seconds_per_day;
constexpr std::int64_t last_second_2299 = last_second(2299, 12, 31);
/// Nanoseconds since 1970 in 64 bits end at 2262-04-11 23:47:16.
constexpr std::int64_t last_second_of_nanoseconds = std::numeric_limits<std::int64_t>::max() / 1'000'000'000 - 1;

void set_range(Rule& rule, std::int64_t first, std::int64_t last) {
    rule.low = first;
    rule.high = static_cast<std::uint64_t>(last);
}

void set_integer(Rule& rule, int bits, bool is_signed) {
    rule.accept = Accept::integer;
    rule.bits = bits;
    rule.is_signed = is_signed;
    if (bits > 64) {
        return;
    }
    const auto unused = static_cast<unsigned>(64 - bits);
    if (is_signed) {
        rule.low = std::numeric_limits<std::int64_t>::min() >> unused;
        rule.high = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) >> unused;
    } else {
        rule.low = 0;
        rule.high = std::numeric_limits<std::uint64_t>::max() >> unused;
    }
}

bool is_utc(std::string_view timezone) noexcept {
    // The server's own zone, which an empty one means, is UTC at Tinybird.
    return timezone.empty() || timezone == "UTC" || timezone == "Etc/UTC" || timezone == "GMT" || timezone == "UCT" ||
           timezone == "Zulu" || timezone == "Universal";
}

void set_temporal(Rule& rule, const schema::Type& type) {
    switch (type.kind()) {
        case Kind::date:
            rule.accept = Accept::date;
            set_range(rule, 0, last_second(2149, 6, 6));
            break;
        case Kind::date32:
            rule.accept = Accept::date32;
            set_range(rule, first_second_1900, last_second_2299);
            break;
        case Kind::datetime:
            rule.accept = Accept::datetime;
            set_range(rule, 0, std::numeric_limits<std::uint32_t>::max());
            break;
        default:
            rule.accept = Accept::datetime64;
            rule.precision = type.precision();
            set_range(rule, first_second_1900, type.precision() == 9 ? last_second_of_nanoseconds : last_second_2299);
    }
    // ClickHouse reads a time without a mark in the zone of the column.
    rule.utc_mark = rule.is_day() || is_utc(type.timezone()) ? "" : "Z";
}

Rule geometry(std::string_view name, Accept accept, std::vector<Rule> children) {
    Rule rule;
    rule.accept = accept;
    rule.nullable = false;
    rule.type = name;
    rule.children = std::move(children);
    return rule;
}

/// Geometries are arrays of points, and a point is a pair of floats
/// (https://clickhouse.com/docs/sql-reference/data-types/geo).
Rule geometry(Kind kind) {
    switch (kind) {
        case Kind::point: {
            const Rule coordinate = make_rule(schema::Float64(), false);
            return geometry("Point", Accept::tuple, {coordinate, coordinate});
        }
        case Kind::ring:
            return geometry("Ring", Accept::list, {geometry(Kind::point)});
        case Kind::line_string:
            return geometry("LineString", Accept::list, {geometry(Kind::point)});
        case Kind::polygon:
            return geometry("Polygon", Accept::list, {geometry(Kind::ring)});
        default:
            return geometry("MultiPolygon", Accept::list, {geometry(Kind::polygon)});
    }
}

}  // namespace

Rule make_rule(const std::optional<schema::Type>& target, bool valid_utf8) {
    Rule rule;
    rule.valid_utf8 = valid_utf8;
    if (!target) {
        return rule;
    }
    rule.nullable = target->nullable();
    rule.type = target->to_string();
    switch (target->kind()) {
        case Kind::int8:
            set_integer(rule, 8, true);
            break;
        case Kind::int16:
            set_integer(rule, 16, true);
            break;
        case Kind::int32:
            set_integer(rule, 32, true);
            break;
        case Kind::int64:
            set_integer(rule, 64, true);
            break;
        case Kind::int128:
            set_integer(rule, 128, true);
            break;
        case Kind::int256:
            set_integer(rule, 256, true);
            break;
        case Kind::uint8:
            set_integer(rule, 8, false);
            break;
        case Kind::uint16:
            set_integer(rule, 16, false);
            break;
        case Kind::uint32:
            set_integer(rule, 32, false);
            break;
        case Kind::uint64:
            set_integer(rule, 64, false);
            break;
        case Kind::uint128:
            set_integer(rule, 128, false);
            break;
        case Kind::uint256:
            set_integer(rule, 256, false);
            break;
        case Kind::float32:
            rule.accept = Accept::float32;
            break;
        case Kind::float64:
            rule.accept = Accept::float64;
            break;
        case Kind::decimal:
            rule.accept = Accept::decimal;
            rule.precision = target->precision();
            rule.scale = target->scale();
            break;
        case Kind::boolean:
            rule.accept = Accept::boolean;
            break;
        case Kind::string:
            rule.accept = Accept::text;
            rule.utc_mark = "+00";
            break;
        case Kind::fixed_string:
            rule.accept = Accept::fixed_text;
            rule.precision = target->precision();
            break;
        case Kind::date:
        case Kind::date32:
        case Kind::datetime:
        case Kind::datetime64:
            set_temporal(rule, *target);
            break;
        case Kind::json:
            rule.accept = Accept::json;
            break;
        case Kind::enum8:
        case Kind::enum16:
            rule.accept = Accept::label;
            rule.labels = target->names();
            break;
        case Kind::array:
            rule.accept = Accept::list;
            break;
        case Kind::tuple:
            rule.accept = Accept::tuple;
            rule.names = target->names();
            break;
        case Kind::map:
            rule.accept = Accept::map;
            break;
        case Kind::point:
        case Kind::ring:
        case Kind::line_string:
        case Kind::polygon:
        case Kind::multi_polygon:
            return geometry(target->kind());
        default:
            rule.accept = Accept::opaque;
            // These two hold NULL without being Nullable.
            rule.nullable = rule.nullable || rule.type.starts_with("Variant(") || rule.type.starts_with("Dynamic");
    }
    for (const schema::Type& argument : target->arguments()) {
        rule.children.push_back(make_rule(argument, valid_utf8));
    }
    return rule;
}

const Rule& unknown_date_rule() {
    static const Rule rule = [] {
        Rule result;
        set_range(result, first_second_1900, last_second_2299);
        result.precision = 9;
        return result;
    }();
    return rule;
}

const Rule& unknown_rule(bool valid_utf8) {
    static const std::array<Rule, 2> rules{make_rule(std::nullopt, false), make_rule(std::nullopt, true)};
    return rules[valid_utf8 ? 1 : 0];
}

const Rule& inside_rule(bool valid_utf8) {
    static const auto make = [](bool valid) {
        Rule rule = make_rule(std::nullopt, valid);
        rule.accept = Accept::inside;
        rule.utc_mark = "+00";
        return rule;
    };
    static const std::array<Rule, 2> rules{make(false), make(true)};
    return rules[valid_utf8 ? 1 : 0];
}

}  // namespace tinybird_cdk::encode
