// SPDX-License-Identifier: Apache-2.0
#include "number_fit.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>

#include <fmt/format.h>

#include "type_map.hpp"

namespace tinybird_cdk::bigquery {

namespace {

using schema::Kind;

template <class Integer>
std::string beyond(const std::string& value) {
    return fmt::format("{0} < {1} OR {0} > {2}", value, std::numeric_limits<Integer>::min(),
                       std::numeric_limits<Integer>::max());
}

std::string beyond_integer(const std::string& value, Kind target) {
    switch (target) {
        case Kind::int8:
            return beyond<std::int8_t>(value);
        case Kind::int16:
            return beyond<std::int16_t>(value);
        case Kind::int32:
            return beyond<std::int32_t>(value);
        case Kind::uint8:
            return beyond<std::uint8_t>(value);
        case Kind::uint16:
            return beyond<std::uint16_t>(value);
        case Kind::uint32:
            return beyond<std::uint32_t>(value);
        case Kind::uint64:
        case Kind::uint128:
        case Kind::uint256:
            return fmt::format("{} < 0", value);
        default:
            return {};
    }
}

/// Digits before and behind the point.
struct Digits {
    int whole;
    int behind;
};
Digits digits_of(const Field& field) {
    constexpr int most_of_int64 = 19;
    if (field.type == "INT64") {
        return {most_of_int64, 0};
    }
    Field one = field;
    one.repeated = false;
    const schema::Type type = suggest_type(one).type;
    return {type.precision() - type.scale(), type.scale()};
}

/// "NUMERIC '-1000'" for 3.
std::string power_of_ten(const Field& field, const char* sign, int exponent) {
    const std::string digits = fmt::format("{}1{}", sign, std::string(static_cast<std::size_t>(exponent), '0'));
    return field.type == "INT64" ? digits : fmt::format("{} '{}'", field.type, digits);
}

}  // namespace

std::string does_not_fit(const Field& field, const std::string& value, const schema::Type& target) {
    const bool is_integer = field.type == "INT64";
    if (!is_integer && field.type != "NUMERIC" && field.type != "BIGNUMERIC") {
        return {};
    }
    if (target.kind() != Kind::decimal) {
        return is_integer ? beyond_integer(value, target.kind()) : std::string();
    }
    const Digits has = digits_of(field);
    const int room = target.precision() - target.scale();
    std::string condition;
    if (room < has.whole) {
        // Not by ABS(), which the least value of all has not.
        condition = fmt::format("{0} <= {1} OR {0} >= {2}", value, power_of_ten(field, "-", room),
                                power_of_ten(field, "", room));
    }
    if (target.scale() < has.behind) {
        condition +=
            fmt::format("{}{} != TRUNC({}, {})", condition.empty() ? "" : " OR ", value, value, target.scale());
    }
    return condition;
}

}  // namespace tinybird_cdk::bigquery
