// SPDX-License-Identifier: Apache-2.0
#include "number_range.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>

#include <fmt/format.h>

#include <tinybird_cdk/schema_compare.hpp>

#include "type_map.hpp"

namespace tinybird_cdk::snowflake {

namespace {

template <class Integer>
std::string beyond(const std::string& value) {
    return fmt::format("{0} < {1} OR {0} > {2}", value, std::numeric_limits<Integer>::min(),
                       std::numeric_limits<Integer>::max());
}

std::string beyond_integer(const std::string& value, schema::Kind target) {
    using schema::Kind;
    switch (target) {
        case Kind::int8:
            return beyond<std::int8_t>(value);
        case Kind::int16:
            return beyond<std::int16_t>(value);
        case Kind::int32:
            return beyond<std::int32_t>(value);
        case Kind::int64:
            return beyond<std::int64_t>(value);
        case Kind::uint8:
            return beyond<std::uint8_t>(value);
        case Kind::uint16:
            return beyond<std::uint16_t>(value);
        case Kind::uint32:
            return beyond<std::uint32_t>(value);
        case Kind::uint64:
            return beyond<std::uint64_t>(value);
        case Kind::uint128:
        case Kind::uint256:
            return fmt::format("{} < 0", value);
        default:
            return {};
    }
}

}  // namespace

std::string does_not_fit(const Column& column, const std::string& value, const schema::Type& target) {
    if (column.kind != ColumnKind::number ||
        !schema::loss(suggest_type(column).type.with_nullable(false), target.with_nullable(false))) {
        return {};
    }
    if (target.kind() != schema::Kind::decimal) {
        return column.scale == 0 ? beyond_integer(value, target.kind()) : std::string();
    }
    std::string condition;
    const int room = target.precision() - target.scale();
    if (room < column.precision - column.scale) {
        const std::string zeros(static_cast<std::size_t>(room), '0');
        condition = fmt::format("{0} <= -1{1} OR {0} >= 1{1}", value, zeros);
    }
    if (target.scale() < column.scale) {
        // A cast rounds.
        condition +=
            fmt::format("{0}{1} <> {1}::NUMBER(38,{2})", condition.empty() ? "" : " OR ", value, target.scale());
    }
    return condition;
}

}  // namespace tinybird_cdk::snowflake
