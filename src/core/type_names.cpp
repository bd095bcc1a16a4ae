// SPDX-License-Identifier: Apache-2.0
#include "core/type_names.hpp"

#include <algorithm>
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

constexpr std::array aliases{Entry{Kind::float64, "double"},
                             Entry{Kind::float64, "double precision"},
                             Entry{Kind::float32, "float"},
                             Entry{Kind::float32, "real"},
                             Entry{Kind::float32, "single"},
                             Entry{Kind::boolean, "boolean"},
                             Entry{Kind::ipv4, "inet4"},
                             Entry{Kind::ipv6, "inet6"},
                             Entry{Kind::int8, "byte"},
                             Entry{Kind::int8, "tinyint"},
                             Entry{Kind::int8, "tinyint signed"},
                             Entry{Kind::int8, "int1"},
                             Entry{Kind::int8, "int1 signed"},
                             Entry{Kind::int16, "smallint"},
                             Entry{Kind::int16, "smallint signed"},
                             Entry{Kind::int32, "int"},
                             Entry{Kind::int32, "int signed"},
                             Entry{Kind::int32, "integer"},
                             Entry{Kind::int32, "integer signed"},
                             Entry{Kind::int32, "mediumint"},
                             Entry{Kind::int32, "mediumint signed"},
                             Entry{Kind::int64, "bigint"},
                             Entry{Kind::int64, "bigint signed"},
                             Entry{Kind::int64, "signed"},
                             Entry{Kind::uint8, "tinyint unsigned"},
                             Entry{Kind::uint8, "int1 unsigned"},
                             Entry{Kind::uint16, "smallint unsigned"},
                             Entry{Kind::uint16, "year"},
                             Entry{Kind::uint32, "int unsigned"},
                             Entry{Kind::uint32, "integer unsigned"},
                             Entry{Kind::uint32, "mediumint unsigned"},
                             Entry{Kind::uint64, "bigint unsigned"},
                             Entry{Kind::uint64, "unsigned"},
                             Entry{Kind::uint64, "bit"},
                             Entry{Kind::uint64, "set"},
                             Entry{Kind::string, "text"},
                             Entry{Kind::string, "tinytext"},
                             Entry{Kind::string, "mediumtext"},
                             Entry{Kind::string, "longtext"},
                             Entry{Kind::string, "blob"},
                             Entry{Kind::string, "tinyblob"},
                             Entry{Kind::string, "mediumblob"},
                             Entry{Kind::string, "longblob"},
                             Entry{Kind::string, "binary large object"},
                             Entry{Kind::string, "binary varying"},
                             Entry{Kind::string, "varbinary"},
                             Entry{Kind::string, "bytea"},
                             Entry{Kind::string, "char"},
                             Entry{Kind::string, "char varying"},
                             Entry{Kind::string, "char large object"},
                             Entry{Kind::string, "character"},
                             Entry{Kind::string, "character varying"},
                             Entry{Kind::string, "character large object"},
                             Entry{Kind::string, "nchar"},
                             Entry{Kind::string, "nchar varying"},
                             Entry{Kind::string, "nchar large object"},
                             Entry{Kind::string, "national char"},
                             Entry{Kind::string, "national char varying"},
                             Entry{Kind::string, "national character"},
                             Entry{Kind::string, "national character varying"},
                             Entry{Kind::string, "national character large object"},
                             Entry{Kind::string, "varchar"},
                             Entry{Kind::string, "varchar2"},
                             Entry{Kind::string, "nvarchar"},
                             Entry{Kind::string, "clob"}};

}  // namespace

std::string_view name_of_kind(Kind kind) noexcept {
    for (const auto& [known, name] : names) {
        if (known == kind) {
            return name;
        }
    }
    return {};
}

std::optional<Kind> kind_of_name(std::string_view name) noexcept {
    const auto is_it = [name](const Entry& entry) { return equal_ignoring_case(entry.second, name); };
    if (const auto* found = std::find_if(names.begin(), names.end(), is_it); found != names.end()) {
        return found->first;
    }
    if (const auto* found = std::find_if(aliases.begin(), aliases.end(), is_it); found != aliases.end()) {
        return found->first;
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
