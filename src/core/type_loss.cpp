// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/schema_compare.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace tinybird_cdk::schema {

namespace {

using Answer = std::optional<std::string>;

/// An integer type by its sign and size; nothing for other types.
struct Integer {
    bool is_signed;
    int bits;
};
std::optional<Integer> integer(Kind kind) {
    switch (kind) {
        case Kind::int8:
            return Integer{true, 8};
        case Kind::int16:
            return Integer{true, 16};
        case Kind::int32:
            return Integer{true, 32};
        case Kind::int64:
            return Integer{true, 64};
        case Kind::int128:
            return Integer{true, 128};
        case Kind::int256:
            return Integer{true, 256};
        case Kind::uint8:
            return Integer{false, 8};
        case Kind::uint16:
            return Integer{false, 16};
        case Kind::uint32:
            return Integer{false, 32};
        case Kind::uint64:
            return Integer{false, 64};
        case Kind::uint128:
            return Integer{false, 128};
        case Kind::uint256:
            return Integer{false, 256};
        default:
            return std::nullopt;
    }
}

/// Decimal digits that any value of the integer type fits into.
int digits_of(Integer type) {
    switch (type.is_signed ? type.bits - 1 : type.bits) {
        case 7:
        case 8:
            return 3;
        case 15:
        case 16:
            return 5;
        case 31:
        case 32:
            return 10;
        case 63:
            return 19;
        case 64:
            return 20;
        case 127:
        case 128:
            return 39;
        default:
            return 78;
    }
}

/// Decimal digits all of whose integers the type holds.
int whole_digits(Integer type) {
    return digits_of(type) - 1;
}

Answer beyond(const Type& to) {
    return fmt::format("values beyond {} don't fit", to.with_nullable(false).to_string());
}

bool is_float(Kind kind) {
    return kind == Kind::float32 || kind == Kind::float64;
}

Answer integer_loss(Integer from, const Type& to) {
    if (const auto target = integer(to.kind())) {
        if (from.is_signed && !target->is_signed) {
            return target->bits >= from.bits ? "negative values don't fit" : beyond(to);
        }
        const int room = target->bits - (target->is_signed && !from.is_signed ? 1 : 0);
        return room >= from.bits ? std::nullopt : beyond(to);
    }
    if (is_float(to.kind())) {
        const int exact = to.kind() == Kind::float32 ? 24 : 53;
        return from.bits <= exact ? std::nullopt : Answer(fmt::format("integers beyond 2^{} may not be exact", exact));
    }
    if (to.kind() == Kind::decimal) {
        return to.precision() - to.scale() >= digits_of(from) ? std::nullopt : beyond(to);
    }
    return fmt::format("integers are no {}", to.to_string());
}

Answer decimal_loss(const Type& from, const Type& to) {
    if (to.kind() == Kind::decimal) {
        if (to.scale() < from.scale()) {
            return fmt::format("digits behind the {} are lost", to.scale() == 0 ? "point" : "last that fits");
        }
        return to.precision() - to.scale() >= from.precision() - from.scale() ? std::nullopt : beyond(to);
    }
    if (const auto target = integer(to.kind())) {
        if (from.scale() > 0) {
            return "digits behind the point don't fit";
        }
        if (!target->is_signed) {
            return "negative values don't fit";
        }
        return whole_digits(*target) >= from.precision() ? std::nullopt : beyond(to);
    }
    if (is_float(to.kind())) {
        return fmt::format("decimals are not exact as {}", to.with_nullable(false).to_string());
    }
    return fmt::format("decimals are no {}", to.to_string());
}

Answer date_loss(const Type& from, const Type& to) {
    const bool from_day = from.kind() == Kind::date || from.kind() == Kind::date32;
    const bool to_day = to.kind() == Kind::date || to.kind() == Kind::date32;
    if (to_day && !from_day) {
        return "the time of day is lost";
    }
    switch (to.kind()) {
        case Kind::date:
            return from.kind() == Kind::date ? std::nullopt : Answer("dates outside 1970 to 2149 don't fit");
        case Kind::date32:
            return std::nullopt;
        case Kind::datetime:
            if (from.kind() == Kind::datetime64) {
                return from.precision() > 0 ? "fractions of a second, and dates outside 1970 to 2106, don't fit"
                                            : "dates outside 1970 to 2106 don't fit";
            }
            return from.kind() == Kind::datetime ? std::nullopt : Answer("dates outside 1970 to 2106 don't fit");
        case Kind::datetime64:
            if (from.kind() == Kind::datetime64 && to.precision() < from.precision()) {
                return fmt::format("digits of the second behind the first {} don't fit", to.precision());
            }
            if (to.precision() == 9 && from.kind() != Kind::datetime &&
                !(from.kind() == Kind::datetime64 && from.precision() == 9)) {
                return "dates after 2262-04-11 don't fit";
            }
            return std::nullopt;
        default:
            return fmt::format("dates are no {}", to.to_string());
    }
}

bool is_date(Kind kind) {
    return kind == Kind::date || kind == Kind::date32 || kind == Kind::datetime || kind == Kind::datetime64;
}

/// Of the parts of a list, record or map.
Answer members_loss(const Type& from, const Type& to) {
    if (from.arguments().size() != to.arguments().size() || (!to.names().empty() && from.names() != to.names())) {
        return fmt::format("its members are not those of {}", to.to_string());
    }
    for (std::size_t i = 0; i < from.arguments().size(); ++i) {
        if (auto lost = loss(from.arguments()[i], to.arguments()[i])) {
            return "inside it, " + *lost;
        }
    }
    return std::nullopt;
}

Answer value_loss(const Type& from, const Type& to) {
    const Kind kind = from.kind();
    if (to.kind() == Kind::string) {
        return std::nullopt;  // any value has its text
    }
    if (const auto whole = integer(kind)) {
        return integer_loss(*whole, to);
    }
    if (kind == Kind::decimal) {
        return decimal_loss(from, to);
    }
    if (is_date(kind)) {
        return date_loss(from, to);
    }
    if (is_float(kind)) {
        return to.kind() == Kind::float64 || to.kind() == kind
                   ? std::nullopt
                   : Answer(fmt::format("{} is not exact as {}", from.with_nullable(false).to_string(),
                                        to.with_nullable(false).to_string()));
    }
    if (kind == Kind::boolean && integer(to.kind())) {
        return std::nullopt;
    }
    if (kind == Kind::ipv4 && to.kind() == Kind::ipv6) {
        return std::nullopt;
    }
    if (kind == Kind::fixed_string && to.kind() == Kind::fixed_string) {
        return from.precision() <= to.precision()
                   ? std::nullopt
                   : Answer(fmt::format("text of more than {} bytes doesn't fit", to.precision()));
    }
    if (kind != to.kind()) {
        return kind == Kind::string ? fmt::format("text that is no {} doesn't fit", to.with_nullable(false).to_string())
                                    : fmt::format("{} is no {}", from.with_nullable(false).to_string(),
                                                  to.with_nullable(false).to_string());
    }
    if (!from.arguments().empty()) {
        return members_loss(from, to);
    }
    const auto plain = [](const Type& type) { return type.with_nullable(false).with_low_cardinality(false); };
    if (plain(from) != plain(to)) {
        return fmt::format("values that {} has not don't fit", plain(to).to_string());
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> loss(const Type& from, const Type& to) {
    Answer lost = value_loss(from, to);
    if (from.nullable() && !to.nullable()) {
        return lost ? "NULL doesn't fit, and " + *lost : "NULL doesn't fit";
    }
    return lost;
}

}  // namespace tinybird_cdk::schema
