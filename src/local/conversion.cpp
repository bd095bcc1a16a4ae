// SPDX-License-Identifier: Apache-2.0
#include "local/conversion.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "local/ingest/types.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

using schema::Kind;

/// "2026-11-24", "2026-11-24 10:11", "2026-11-24T10:11:12.5", and the latter with a zone behind them.
constexpr std::string_view local_time = "^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?$";
constexpr std::string_view zoned_time =
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$";

/// The type without Nullable.
std::string bare_type(const schema::Type& type) {
    return type.with_nullable(false).to_string();
}

/// Whether a time prints as it came. ClickHouse moves times that don't exist (2021-02-30, 24:00) and clips those out
/// of range, so only that proves that it read what was meant.
std::string same_text(const std::string& value, const std::string& text) {
    return fmt::format("startsWith(toString({}), replaceOne(substring({}, 1, 19), 'T', ' '))", value, text);
}

std::string time_value(const schema::Type& type, const std::string& text) {
    const std::string zone = literal(type.timezone().empty() ? "UTC" : type.timezone());
    const bool seconds = type.kind() == Kind::datetime;
    // With no digits the function answers a DateTime, and clips to it.
    const std::string wide = fmt::format("parseDateTime64BestEffortOrNull({}, {}, {})", text,
                                         std::max(seconds ? 0 : type.precision(), 1), zone);
    const std::string without_zone =
        fmt::format("parseDateTime64BestEffortOrNull(substring({}, 1, 19), 1, 'UTC')", text);
    // A clipped time is another time.
    const std::string value =
        seconds
            ? fmt::format("if(toInt64({0}) BETWEEN 0 AND 4294967295, parseDateTimeBestEffortOrNull({1}, {2}), NULL)",
                          wide, text, zone)
            : wide;
    return fmt::format("multiIf(match({0}, {1}) AND NOT {2}, NULL, match({0}, {3}) AND NOT {4}, NULL, {5})", text,
                       literal(local_time), same_text(wide, text), literal(zoned_time), same_text(without_zone, text),
                       value);
}

std::string enum_value(const schema::Type& type, const std::string& text) {
    std::vector<std::string> texts;
    for (const std::string& one : ingest::enum_texts(type)) {
        texts.push_back(literal(one));
    }
    // The cast throws for a text that is no label.
    return fmt::format("accurateCastOrNull(if({0} IN ({1}), {0}, NULL), {2})", text, fmt::join(texts, ", "),
                       literal(bare_type(type)));
}

bool is_wide(Kind kind) {
    return kind == Kind::int128 || kind == Kind::int256 || kind == Kind::uint128 || kind == Kind::uint256;
}

/// SQL over a value of `staged_type()`.
class Expression {
public:
    /// The value; NULL, or something else that does not matter, where `bad()` is true.
    static std::string value(const schema::Type& plain, const std::string& staged, int depth = 0) {
        const std::string x = fmt::format("x{}", depth);
        switch (plain.kind()) {
            case Kind::array:
                return fmt::format("arrayMap({} -> {}, {})", x, value(plain.arguments().at(0), x, depth + 1), staged);
            case Kind::map:
                return fmt::format("mapFromArrays(arrayMap({0} -> {1}, {3}), arrayMap({0} -> {2}, {3}))", x,
                                   value(plain.arguments().at(0), x + ".1", depth + 1),
                                   value(plain.arguments().at(1), x + ".2", depth + 1), staged);
            case Kind::tuple:
                return fmt::format("tuple({})", fmt::join(members(plain, staged, depth, value), ", "));
            default:
                return plain.nullable() ? scalar_value(plain, staged)
                                        : fmt::format("assumeNotNull({})", scalar_value(plain, staged));
        }
    }

    static std::string bad(const schema::Type& plain, const std::string& staged, int depth = 0) {
        const std::string x = fmt::format("x{}", depth);
        switch (plain.kind()) {
            case Kind::array:
                return fmt::format("arrayExists({} -> {}, {})", x, bad(plain.arguments().at(0), x, depth + 1), staged);
            case Kind::map:
                return fmt::format("arrayExists({} -> ({} OR {}), {})", x,
                                   bad(plain.arguments().at(0), x + ".1", depth + 1),
                                   bad(plain.arguments().at(1), x + ".2", depth + 1), staged);
            case Kind::tuple:
                return fmt::format("({})", fmt::join(members(plain, staged, depth, bad), " OR "));
            default: {
                const std::string is_null = fmt::format("isNull({})", scalar_value(plain, staged));
                return plain.nullable() ? fmt::format("(isNotNull({}) AND {})", staged, is_null) : is_null;
            }
        }
    }

private:
    template <class Of>
    static std::vector<std::string> members(const schema::Type& tuple, const std::string& staged, int depth, Of of) {
        std::vector<std::string> all;
        for (std::size_t i = 0; i < tuple.arguments().size(); ++i) {
            all.push_back(of(tuple.arguments()[i], fmt::format("tupleElement({}, {})", staged, i + 1), depth));
        }
        return all;
    }
};

Conversion nested_conversion(const schema::Column& column, const schema::Type& plain, std::size_t place) {
    const std::string staged = fmt::format("c{}", place);
    const std::string raw = fmt::format("r{}", place);
    Conversion result;
    result.raw = raw;
    result.value = Expression::value(plain, staged);
    result.bad = fmt::format("(f{} OR {})", place, Expression::bad(plain, staged));
    if (!column.default_expr.empty()) {
        const std::string type = literal(plain.to_string());
        result.value = fmt::format("if(isNull({0}), CAST(({1}), {2}), CAST({3}, {2}))", raw, column.default_expr, type,
                                   result.value);
        result.bad = fmt::format("(isNotNull({}) AND {})", raw, result.bad);
    }
    return result;
}

}  // namespace

std::string scalar_value(const schema::Type& plain, const std::string& text) {
    const std::string type = literal(bare_type(plain));
    std::string cast = fmt::format("accurateCastOrNull({}, {})", text, type);
    switch (plain.kind()) {
        case Kind::string:
            return text;
        case Kind::fixed_string:
            return fmt::format("if(length({0}) <= {1}, toFixedString(substring(ifNull({0}, ''), 1, {1}), {1}), NULL)",
                               text, plain.precision());
        case Kind::uuid:
            return fmt::format("toUUIDOrNull({})", text);
        case Kind::ipv4:
            return fmt::format("toIPv4OrNull({})", text);
        case Kind::ipv6:
            return fmt::format("toIPv6OrNull({})", text);
        case Kind::date:
        case Kind::date32: {
            const std::string value =
                fmt::format("{}({})", plain.kind() == Kind::date ? "toDateOrNull" : "toDate32OrNull", text);
            return fmt::format("if(substring(toString({0}), 1, 10) = substring({1}, 1, 10), {0}, NULL)", value, text);
        }
        case Kind::datetime:
        case Kind::datetime64:
            return time_value(plain, text);
        case Kind::enum8:
        case Kind::enum16:
            return enum_value(plain, text);
        case Kind::decimal:
            // The cast looks at the width of the storage only: 1000.00 would pass for a Decimal(5, 2).
            return fmt::format("if(length(extract({}, '^[-+]?0*([0-9]*)')) <= {}, {}, NULL)", text,
                               plain.precision() - plain.scale(), cast);
        case Kind::float32:
        case Kind::float64:
            // 1e400 is read as infinity.
            return fmt::format("if(isInfinite({0}) AND NOT match({1}, '(?i)inf'), NULL, {0})", cast, text);
        default:
            break;
    }
    if (is_wide(plain.kind())) {
        // The cast wraps these.
        return fmt::format("if(toString({0}) = replaceRegexpOne({1}, '^(-?)[+]?0*([0-9])', '\\\\1\\\\2'), {0}, NULL)",
                           cast, text);
    }
    return cast;
}

Conversion conversion_of(const schema::Column& column, std::size_t place, ImportFormat format) {
    const schema::Type plain = ingest::plain_type(column.type);
    if (ingest::is_nested(plain)) {
        return nested_conversion(column, plain, place);
    }
    const std::string staged = fmt::format("c{}", place);
    const std::string value = scalar_value(plain, staged);
    if (plain.nullable()) {
        return {value, fmt::format("(isNotNull({}) AND isNull({}))", staged, value), staged};
    }
    // NULL: a default stands in where there is one; the empty field of a CSV is the empty String.
    std::string when_missing;
    if (!column.default_expr.empty()) {
        when_missing = fmt::format("({})", column.default_expr);
    } else if (plain.kind() == Kind::string && format == ImportFormat::csv) {
        when_missing = "''";
    } else if (plain.kind() == Kind::json) {
        when_missing = "'{}'";
    }
    Conversion result{value, fmt::format("isNull({})", value), staged};
    if (!when_missing.empty()) {
        const std::string text = fmt::format("ifNull({}, toString({}))", staged, when_missing);
        result.value = scalar_value(plain, text);
        result.bad = fmt::format("isNull({})", result.value);
    }
    result.value = fmt::format("assumeNotNull({})", result.value);
    return result;
}

}  // namespace tinybird_cdk::local
