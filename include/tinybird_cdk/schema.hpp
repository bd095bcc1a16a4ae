// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// ClickHouse columns and types, and the schema of a data source.
namespace tinybird_cdk::schema {

/// The kind of a ClickHouse type (https://clickhouse.com/docs/sql-reference/data-types).
enum class Kind {
    int8,
    int16,
    int32,
    int64,
    int128,
    int256,
    uint8,
    uint16,
    uint32,
    uint64,
    uint128,
    uint256,
    float32,
    float64,
    decimal,
    boolean,
    string,
    fixed_string,
    uuid,
    ipv4,
    ipv6,
    date,
    date32,
    datetime,
    datetime64,
    json,
    enum8,
    enum16,
    array,
    tuple,
    map,
    point,
    ring,
    line_string,
    polygon,
    multi_polygon,
    other  ///< kept as its text: AggregateFunction, Nested, Variant, …
};

/// A ClickHouse type. A value: copy it freely. Make one with the functions below or with `parse()`.
class Type {
public:
    /// String
    Type() = default;
    /// A type without arguments. Use the functions below for the others.
    explicit Type(Kind kind) : kind_(kind) {}

    /// Reads a type as ClickHouse writes it, as in "Array(Nullable(Decimal(38, 10)))"; aliases such as "BOOLEAN",
    /// "Decimal64(4)" or "INT" are understood. A type that is not in `Kind` is kept as text.
    /// @throws errors::InvalidArgument when parentheses or quotes don't match, or an argument makes no sense
    static Type parse(std::string_view text);

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] bool nullable() const noexcept { return nullable_; }
    [[nodiscard]] bool low_cardinality() const noexcept { return low_cardinality_; }
    /// Digits in all for decimal; digits of the fraction of a second for datetime64; bytes for fixed_string.
    [[nodiscard]] int precision() const noexcept { return precision_; }
    /// Digits behind the point, for decimal.
    [[nodiscard]] int scale() const noexcept { return scale_; }
    /// The time zone of datetime and datetime64; empty: the server's, which is UTC at Tinybird.
    [[nodiscard]] const std::string& timezone() const noexcept { return timezone_; }
    /// Element of array; key and value of map; members of tuple.
    [[nodiscard]] const std::vector<Type>& arguments() const noexcept { return arguments_; }
    /// The names of a tuple's members, empty for an unnamed tuple; labels of an enum.
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

    /// As ClickHouse writes it. `parse(t.to_string()) == t`.
    [[nodiscard]] std::string to_string() const;
    /// The same type that takes (or takes no) NULL. Array, tuple and map have no Nullable form in ClickHouse: they are
    /// returned as they are.
    [[nodiscard]] Type with_nullable(bool nullable) const;
    [[nodiscard]] Type with_low_cardinality(bool low_cardinality) const;

    bool operator==(const Type&) const = default;

    friend Type Decimal(int precision, int scale);
    friend Type FixedString(int bytes);
    friend Type DateTime(std::string timezone);
    friend Type DateTime64(int precision, std::string timezone);
    friend Type Array(Type element);
    friend Type Tuple(std::vector<Type> members, std::vector<std::string> names);
    friend Type Map(Type key, Type value);
    friend Type Enum(Kind kind, std::vector<std::pair<std::string, int>> labels);
    friend class TypeParser;

private:
    Kind kind_ = Kind::string;
    bool nullable_ = false;
    bool low_cardinality_ = false;
    int precision_ = 0;
    int scale_ = 0;
    std::string timezone_;
    std::vector<Type> arguments_;
    std::vector<std::string> names_;
    std::vector<int> enum_values_;
    std::string text_;  // of Kind::other, and of Kind::json with arguments
};

inline Type Int8() {
    return Type(Kind::int8);
}
inline Type Int16() {
    return Type(Kind::int16);
}
inline Type Int32() {
    return Type(Kind::int32);
}
inline Type Int64() {
    return Type(Kind::int64);
}
inline Type Int128() {
    return Type(Kind::int128);
}
inline Type Int256() {
    return Type(Kind::int256);
}
inline Type UInt8() {
    return Type(Kind::uint8);
}
inline Type UInt16() {
    return Type(Kind::uint16);
}
inline Type UInt32() {
    return Type(Kind::uint32);
}
inline Type UInt64() {
    return Type(Kind::uint64);
}
inline Type UInt128() {
    return Type(Kind::uint128);
}
inline Type UInt256() {
    return Type(Kind::uint256);
}
inline Type Float32() {
    return Type(Kind::float32);
}
inline Type Float64() {
    return Type(Kind::float64);
}
inline Type Bool() {
    return Type(Kind::boolean);
}
inline Type String() {
    return Type(Kind::string);
}
inline Type UUID() {
    return Type(Kind::uuid);
}
inline Type IPv4() {
    return Type(Kind::ipv4);
}
inline Type IPv6() {
    return Type(Kind::ipv6);
}
inline Type Date() {
    return Type(Kind::date);
}
inline Type Date32() {
    return Type(Kind::date32);
}
inline Type JSON() {
    return Type(Kind::json);
}
inline Type Point() {
    return Type(Kind::point);
}
inline Type Ring() {
    return Type(Kind::ring);
}
inline Type LineString() {
    return Type(Kind::line_string);
}
inline Type Polygon() {
    return Type(Kind::polygon);
}
inline Type MultiPolygon() {
    return Type(Kind::multi_polygon);
}
/// @param precision 1 to 76, @param scale 0 to precision. @throws errors::InvalidArgument outside
Type Decimal(int precision, int scale);
Type FixedString(int bytes);
Type DateTime(std::string timezone = {});
/// @param precision digits of the fraction of a second, 0 to 9. @throws errors::InvalidArgument outside
Type DateTime64(int precision, std::string timezone = {});
Type Array(Type element);
/// @param names one per member, or none at all
Type Tuple(std::vector<Type> members, std::vector<std::string> names = {});
Type Map(Type key, Type value);
/// @param kind enum8 or enum16, @param labels at least one, each label and each value once
/// @throws errors::InvalidArgument for others, and for a value that the kind can't hold
Type Enum(Kind kind, std::vector<std::pair<std::string, int>> labels);
inline Type Nullable(const Type& type) {
    return type.with_nullable(true);
}
inline Type LowCardinality(const Type& type) {
    return type.with_low_cardinality(true);
}

/// A column of a suggested or a live schema.
struct Column {
    std::string name = {};         ///< in the source
    std::string source_type = {};  ///< as the source writes it, as in "numeric(38,10)"; empty for a live data source
    Type type = {};
    std::string remark = {};        ///< what a person should know, as in "dates before 1900 don't fit"; may be empty
    std::string jsonpath = {};      ///< as in "$.name"; empty: made from the name
    std::string default_expr = {};  ///< as in "now()"; empty: none
    bool operator==(const Column&) const = default;
};

/// What `suggest_schema()` gives and `.datasource` files hold.
struct Schema {
    /// The scopes that led to the table, outermost first: (scope value, chosen name), as in {"schema", "public"}.
    std::vector<std::pair<std::string, std::string>> scopes;
    std::string table;
    std::vector<Column> columns;
    std::vector<std::string> sorting_key;  ///< column names, from the primary key where there is one; may be empty
    std::string engine = "MergeTree";
    std::string partition_key;  ///< an expression; empty: none

    /// The SCHEMA part in one line, as Tinybird's `schema` parameter takes it, as in
    /// "`id` Int64 `json:$.id`, `name` String `json:$.name`".
    [[nodiscard]] std::string to_parameter(bool jsonpaths = true) const;
    /// A complete `.datasource` file. What a name has beside letters, digits and underscores becomes an underscore, for
    /// `tb` can't read it even in backticks; a load finds the column by that name too.
    [[nodiscard]] std::string to_datafile(std::string_view description = {}) const;
    /// The sorting key as an expression: "tuple()" when there is none.
    [[nodiscard]] std::string sorting_key_text() const;
};

/// A name that a Tinybird data source may have ([A-Za-z_][A-Za-z0-9_]*), made from any text.
std::string data_source_name(std::string_view text);
/// The jsonpath of a top-level field, as in "$.name" or "$.['odd name']".
std::string jsonpath_of(std::string_view column_name);
/// The top-level field that a jsonpath reads whole, in all notations of `jsonpath_of()` and with "[:]" behind it;
/// nothing for a path that goes deeper or takes the whole row.
std::optional<std::string> field_of_jsonpath(std::string_view jsonpath);

}  // namespace tinybird_cdk::schema
