// SPDX-License-Identifier: Apache-2.0
#include "local/conversion.hpp"

#include <fmt/format.h>

#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

using schema::Kind;

/// Types that have no Nullable form, or no cast that answers NULL: they are staged in their own type, so that
/// ClickHouse's reader refuses what does not fit.
bool staged_as_itself(Kind kind) {
    switch (kind) {
        case Kind::array:
        case Kind::tuple:
        case Kind::map:
        case Kind::json:
        case Kind::point:
        case Kind::ring:
        case Kind::line_string:
        case Kind::polygon:
        case Kind::multi_polygon:
        case Kind::other:
            return true;
        default:
            return false;
    }
}

/// The type without Nullable and LowCardinality.
std::string bare_type(const schema::Type& type) {
    return type.with_nullable(false).with_low_cardinality(false).to_string();
}

/// ClickHouse moves dates that don't exist (2021-02-30) and clips those out of range, so a date counts only if it
/// prints as it came. @param length of the part to compare
std::string same_text(const std::string& value, const std::string& staged, int length) {
    return fmt::format("substring(toString({}), 1, {}) = replaceOne(substring({}, 1, {}), 'T', ' ')", value, length,
                       staged, length);
}

/// SQL that gives the value or NULL.
std::string scalar_value(const schema::Type& type, const std::string& text) {
    const std::string zone = literal(type.timezone().empty() ? "UTC" : type.timezone());
    switch (type.kind()) {
        case Kind::string:
            return text;
        case Kind::fixed_string:
            return fmt::format("if(length({0}) <= {1}, toFixedString(substring(ifNull({0}, ''), 1, {1}), {1}), NULL)",
                               text, type.precision());
        case Kind::uuid:
            return fmt::format("toUUIDOrNull({})", text);
        case Kind::ipv4:
            return fmt::format("toIPv4OrNull({})", text);
        case Kind::ipv6:
            return fmt::format("toIPv6OrNull({})", text);
        case Kind::date:
        case Kind::date32: {
            const std::string value =
                fmt::format("{}({})", type.kind() == Kind::date ? "toDateOrNull" : "toDate32OrNull", text);
            return fmt::format("if({}, {}, NULL)", same_text(value, text, 10), value);
        }
        case Kind::datetime:
        case Kind::datetime64: {
            const std::string value =
                type.kind() == Kind::datetime
                    ? fmt::format("parseDateTimeBestEffortOrNull({}, {})", text, zone)
                    : fmt::format("parseDateTime64BestEffortOrNull({}, {}, {})", text, type.precision(), zone);
            // A text with a zone, or seconds since 1970, prints differently by right.
            return fmt::format(
                "if(match({0}, '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([ T][0-9:.]*)?$'), "
                "if({1}, {2}, NULL), {2})",
                text, same_text(value, text, type.kind() == Kind::datetime ? 10 : 19), value);
        }
        case Kind::decimal:
            // The cast looks at the width of the storage only: 1000.00 would pass for a Decimal(5, 2).
            return fmt::format(
                "if(length(extract({0}, '^[-+]?0*([0-9]*)')) <= {1}, accurateCastOrNull({0}, {2}), NULL)", text,
                type.precision() - type.scale(), literal(bare_type(type)));
        default:
            return fmt::format("accurateCastOrNull({}, {})", text, literal(bare_type(type)));
    }
}

}  // namespace

Conversion conversion_of(const schema::Column& column, ImportFormat format, const std::string& staged,
                         const std::string& converted) {
    Conversion result;
    if (format == ImportFormat::parquet || staged_as_itself(column.type.kind())) {
        result.staged_type = column.type.to_string();
        result.value = staged;
        result.bad = "0";
        return result;
    }
    result.staged_type = "Nullable(String)";
    const std::string value = scalar_value(column.type, staged);
    if (column.type.nullable()) {
        result.value = value;
        result.bad = fmt::format("(isNotNull({}) AND isNull({}))", staged, converted);
        return result;
    }
    // NULL: a default stands in where there is one; the empty field of a CSV is the empty String.
    std::string when_missing;
    if (!column.default_expr.empty()) {
        when_missing = fmt::format("({})", column.default_expr);
    } else if (column.type.kind() == Kind::string && format == ImportFormat::csv) {
        when_missing = "''";
    }
    result.value = when_missing.empty()
                       ? value
                       : fmt::format("if(isNull({}), {}, {})", staged,
                                     scalar_value(column.type, fmt::format("toString({})", when_missing)), value);
    result.bad = fmt::format("isNull({})", converted);
    return result;
}

}  // namespace tinybird_cdk::local
