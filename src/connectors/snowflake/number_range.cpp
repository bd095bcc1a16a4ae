// SPDX-License-Identifier: Apache-2.0
#include "number_range.hpp"

#include <cstddef>

#include <tinybird_cdk/schema_compare.hpp>

#include "type_map.hpp"

namespace tinybird_cdk::snowflake {

namespace {

constexpr std::size_t most_digits = 38;  // of any NUMBER

std::string nines(std::size_t count) {
    return std::string(count, '9');
}

/// Of whole numbers. Floats hold all of them so far.
std::optional<NumberRange> whole_range(schema::Kind kind) {
    using schema::Kind;
    switch (kind) {
        case Kind::int8:
            return NumberRange{"-128", "127"};
        case Kind::int16:
            return NumberRange{"-32768", "32767"};
        case Kind::int32:
            return NumberRange{"-2147483648", "2147483647"};
        case Kind::int64:
            return NumberRange{"-9223372036854775808", "9223372036854775807"};
        case Kind::uint8:
            return NumberRange{"0", "255"};
        case Kind::uint16:
            return NumberRange{"0", "65535"};
        case Kind::uint32:
            return NumberRange{"0", "4294967295"};
        case Kind::uint64:
            return NumberRange{"0", "18446744073709551615"};
        case Kind::uint128:
        case Kind::uint256:
            return NumberRange{"0", nines(most_digits)};
        case Kind::float32:
            return NumberRange{"-16777216", "16777216"};
        case Kind::float64:
            return NumberRange{"-9007199254740992", "9007199254740992"};
        default:
            return std::nullopt;
    }
}

}  // namespace

std::optional<NumberRange> range_to_check(const Column& column, const schema::Type& target) {
    const schema::Type own = suggest_type(column).type.with_nullable(false);
    if (column.kind != ColumnKind::number || !schema::loss(own, target.with_nullable(false))) {
        return std::nullopt;
    }
    if (target.kind() != schema::Kind::decimal) {
        return column.scale == 0 ? whole_range(target.kind()) : std::nullopt;
    }
    if (target.scale() < column.scale) {
        return std::nullopt;
    }
    const int whole = target.precision() - target.scale();
    std::string most = whole == 0 ? "0" : nines(static_cast<std::size_t>(whole));
    if (column.scale > 0) {
        most += "." + nines(static_cast<std::size_t>(column.scale));
    }
    return NumberRange{"-" + most, most};
}

}  // namespace tinybird_cdk::snowflake
