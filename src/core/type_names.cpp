// SPDX-License-Identifier: Apache-2.0
#include "core/type_names.hpp"

#include <array>
#include <utility>

#include "core/text.hpp"

namespace tinybird_cdk::core {

namespace {

using schema::Kind;
using Entry = std::pair<Kind, std::string_view>;

constexpr std::array names{Entry{Kind::int8, "Int8"},
                           Entry{Kind::int16, "Int16"},
                           Entry{Kind::int32, "Int32"},
                           Entry{Kind::int64, "Int64"},
                           Entry{Kind::int128, "Int128"},
                           Entry{Kind::int256, "Int256"},
                           Entry{Kind::uint8, "UInt8"},
                           Entry{Kind::uint16, "UInt16"},
                           Entry{Kind::uint32, "UInt32"},
                           Entry{Kind::uint64, "UInt64"},
                           Entry{Kind::uint128, "UInt128"},
                           Entry{Kind::uint256, "UInt256"},
                           Entry{Kind::float32, "Float32"},
                           Entry{Kind::float64, "Float64"},
                           Entry{Kind::boolean, "Bool"},
                           Entry{Kind::string, "String"},
                           Entry{Kind::uuid, "UUID"},
                           Entry{Kind::ipv4, "IPv4"},
                           Entry{Kind::ipv6, "IPv6"},
                           Entry{Kind::date, "Date"},
                           Entry{Kind::date32, "Date32"},
                           Entry{Kind::json, "JSON"},
                           Entry{Kind::point, "Point"},
                           Entry{Kind::ring, "Ring"},
                           Entry{Kind::line_string, "LineString"},
                           Entry{Kind::polygon, "Polygon"},
                           Entry{Kind::multi_polygon, "MultiPolygon"}};

/// Lower case. UInt aliases of MySQL ("INT UNSIGNED") are two words and not understood.
constexpr std::array aliases{
    Entry{Kind::int8, "tinyint"},  Entry{Kind::int16, "smallint"}, Entry{Kind::int32, "int"},
    Entry{Kind::int32, "integer"}, Entry{Kind::int64, "bigint"},   Entry{Kind::float32, "float"},
    Entry{Kind::float32, "real"},  Entry{Kind::float64, "double"}, Entry{Kind::boolean, "boolean"},
    Entry{Kind::string, "text"},   Entry{Kind::string, "varchar"}, Entry{Kind::string, "char"},
    Entry{Kind::string, "blob"},   Entry{Kind::ipv4, "inet4"},     Entry{Kind::ipv6, "inet6"}};

}  // namespace

std::string_view name_of_kind(Kind kind) noexcept {
    for (const auto& [known, name] : names) {
        if (known == kind) {
            return name;
        }
    }
    return {};
}

std::optional<Kind> kind_of_name(std::string_view lower_name) noexcept {
    for (const auto& [kind, name] : names) {
        if (equal_ignoring_case(name, lower_name)) {
            return kind;
        }
    }
    for (const auto& [kind, name] : aliases) {
        if (name == lower_name) {
            return kind;
        }
    }
    return std::nullopt;
}

int decimal_alias_precision(std::string_view lower_name) noexcept {
    constexpr std::array<std::pair<std::string_view, int>, 4> precisions{
        {{"decimal32", 9}, {"decimal64", 18}, {"decimal128", 38}, {"decimal256", 76}}};
    for (const auto& [name, precision] : precisions) {
        if (name == lower_name) {
            return precision;
        }
    }
    return 0;
}

}  // namespace tinybird_cdk::core
