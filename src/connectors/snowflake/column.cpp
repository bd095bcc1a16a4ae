// SPDX-License-Identifier: Apache-2.0
#include "column.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace tinybird_cdk::snowflake {

namespace {

constexpr int number_precision = 38;
constexpr int most_second_digits = 9;

struct Named {
    std::string_view name;
    ColumnKind kind;
};
constexpr std::array<Named, 35> kinds{{
    {"NUMBER", ColumnKind::number},
    {"DECIMAL", ColumnKind::number},
    {"NUMERIC", ColumnKind::number},
    {"INT", ColumnKind::number},
    {"INTEGER", ColumnKind::number},
    {"BIGINT", ColumnKind::number},
    {"SMALLINT", ColumnKind::number},
    {"FIXED", ColumnKind::number},
    {"DECFLOAT", ColumnKind::decfloat},
    {"FLOAT", ColumnKind::real},
    {"REAL", ColumnKind::real},
    {"DOUBLE", ColumnKind::real},
    {"BOOLEAN", ColumnKind::boolean},
    {"VARCHAR", ColumnKind::text},
    {"CHAR", ColumnKind::text},
    {"STRING", ColumnKind::text},
    {"TEXT", ColumnKind::text},
    {"BINARY", ColumnKind::binary},
    {"VARBINARY", ColumnKind::binary},
    {"DATE", ColumnKind::date},
    {"TIME", ColumnKind::time},
    {"DATETIME", ColumnKind::timestamp_ntz},
    {"TIMESTAMP_NTZ", ColumnKind::timestamp_ntz},
    {"TIMESTAMP_LTZ", ColumnKind::timestamp_ltz},
    {"TIMESTAMP_TZ", ColumnKind::timestamp_tz},
    {"VARIANT", ColumnKind::semi_structured},
    {"OBJECT", ColumnKind::semi_structured},
    {"ARRAY", ColumnKind::semi_structured},
    {"MAP", ColumnKind::semi_structured},
    {"GEOGRAPHY", ColumnKind::spatial},
    {"GEOMETRY", ColumnKind::spatial},
    {"VECTOR", ColumnKind::vector},
    {"INTERVAL", ColumnKind::printable},
    {"UUID", ColumnKind::printable},
    {"PERIOD", ColumnKind::printable},
}};

ColumnKind kind_named(std::string_view name) {
    const auto* const found =
        std::find_if(kinds.begin(), kinds.end(), [&](const Named& one) { return one.name == name; });
    return found == kinds.end() ? ColumnKind::other : found->kind;
}

/// The first two numbers in the parentheses of a type; -1 for one that is not there.
std::pair<int, int> arguments_of(std::string_view type) {
    std::pair<int, int> numbers{-1, -1};
    const std::size_t open = type.find('(');
    if (open == std::string_view::npos) {
        return numbers;
    }
    const char* const end = type.data() + type.size();
    const auto first = std::from_chars(type.data() + open + 1, end, numbers.first);
    const char* at = first.ptr;
    while (at != end && (*at == ',' || *at == ' ')) {
        ++at;
    }
    std::from_chars(at, end, numbers.second);
    return numbers;
}

}  // namespace

Column column_of(std::string name, std::string type, bool nullable) {
    Column column;
    // As in "NUMBER(38,0)" and "INTERVAL DAY(9) TO SECOND(9)".
    column.kind = kind_named(std::string_view(type).substr(0, type.find_first_of("( ")));
    const auto [first, second] = arguments_of(type);
    switch (column.kind) {
        case ColumnKind::number:
            column.precision = first < 0 ? number_precision : first;
            column.scale = std::max(second, 0);
            break;
        case ColumnKind::time:
        case ColumnKind::timestamp_ntz:
        case ColumnKind::timestamp_ltz:
        case ColumnKind::timestamp_tz:
            column.scale = first < 0 ? most_second_digits : first;
            break;
        default:
            break;
    }
    column.name = std::move(name);
    column.type = std::move(type);
    column.nullable = nullable;
    return column;
}

}  // namespace tinybird_cdk::snowflake
