// SPDX-License-Identifier: Apache-2.0
#include "type_notes.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "codec.hpp"
#include "field.hpp"
#include "type_map.hpp"
#include "wire.hpp"

namespace tinybird_cdk::mysql {

namespace {

/// A value as SQL has it, and as the binary protocol gives it, in hexadecimal digits.
struct Shown {
    std::string_view literal;
    std::string_view bytes;
};

enum class Flag : std::uint8_t { none, is_unsigned, is_binary, is_enum, is_set };

/// A type as the catalog describes it, and as a result does.
struct NotedType {
    std::string_view shown;
    std::string_view data_type;
    int precision;
    int scale;
    enum_field_types type;
    Flag flag;
    unsigned int decimals;
    std::string_view extended_type;
    std::array<Shown, 4> examples;
};

constexpr std::array noted_types{
    NotedType{"tinyint", "tinyint", 0, 0, MYSQL_TYPE_TINY, Flag::none, 0, "", {{{"-128", "80"}}}},
    NotedType{"tinyint(1)", "tinyint", 0, 0, MYSQL_TYPE_TINY, Flag::none, 0, "", {{{"true", "01"}}}},
    NotedType{"tinyint unsigned", "tinyint", 0, 0, MYSQL_TYPE_TINY, Flag::is_unsigned, 0, "", {{{"255", "FF"}}}},
    NotedType{"smallint", "smallint", 0, 0, MYSQL_TYPE_SHORT, Flag::none, 0, "", {{{"-32768", "0080"}}}},
    NotedType{"smallint unsigned", "smallint", 0, 0, MYSQL_TYPE_SHORT, Flag::is_unsigned, 0, "", {{{"65535", "FFFF"}}}},
    NotedType{"mediumint", "mediumint", 0, 0, MYSQL_TYPE_INT24, Flag::none, 0, "", {{{"-8388608", "000080FF"}}}},
    NotedType{"mediumint unsigned",
              "mediumint",
              0,
              0,
              MYSQL_TYPE_INT24,
              Flag::is_unsigned,
              0,
              "",
              {{{"16777215", "FFFFFF00"}}}},
    NotedType{"int", "int", 0, 0, MYSQL_TYPE_LONG, Flag::none, 0, "", {{{"-2147483648", "00000080"}}}},
    NotedType{"int unsigned", "int", 0, 0, MYSQL_TYPE_LONG, Flag::is_unsigned, 0, "", {{{"4294967295", "FFFFFFFF"}}}},
    NotedType{"bigint",
              "bigint",
              0,
              0,
              MYSQL_TYPE_LONGLONG,
              Flag::none,
              0,
              "",
              {{{"-9223372036854775808", "0000000000000080"}}}},
    NotedType{"bigint unsigned",
              "bigint",
              0,
              0,
              MYSQL_TYPE_LONGLONG,
              Flag::is_unsigned,
              0,
              "",
              {{{"18446744073709551615", "FFFFFFFFFFFFFFFF"}}}},
    NotedType{"bit(1)", "bit", 1, 0, MYSQL_TYPE_BIT, Flag::none, 0, "", {{{"b'1'", "0101"}}}},
    NotedType{
        "bit(64)", "bit", 64, 0, MYSQL_TYPE_BIT, Flag::none, 0, "", {{{"0xFFFFFFFFFFFFFFFF", "08FFFFFFFFFFFFFFFF"}}}},
    NotedType{"year", "year", 0, 0, MYSQL_TYPE_YEAR, Flag::none, 0, "", {{{"2155", "6B08"}}}},
    NotedType{"decimal(10,2)",
              "decimal",
              10,
              2,
              MYSQL_TYPE_NEWDECIMAL,
              Flag::none,
              0,
              "",
              {{{"-1234.50", "082D313233342E3530"}}}},
    NotedType{
        "decimal(65,30)",
        "decimal",
        65,
        30,
        MYSQL_TYPE_NEWDECIMAL,
        Flag::none,
        0,
        "",
        {{{"0.000000000000000000000000000001", "20302E303030303030303030303030303030303030303030303030303030303031"}}}},
    NotedType{"float", "float", 0, 0, MYSQL_TYPE_FLOAT, Flag::none, 0, "", {{{"0.1", "CDCCCC3D"}}}},
    NotedType{"double", "double", 0, 0, MYSQL_TYPE_DOUBLE, Flag::none, 0, "", {{{"0.1", "9A9999999999B93F"}}}},
    NotedType{"char(5)", "char", 0, 0, MYSQL_TYPE_STRING, Flag::none, 0, "", {{{"'ab'", "026162"}}}},
    NotedType{"varchar(20)",
              "varchar",
              0,
              0,
              MYSQL_TYPE_VAR_STRING,
              Flag::none,
              0,
              "",
              {{{"'a \"b\", é'", "0961202262222C20C3A9"}, {"''", "00"}}}},
    NotedType{"text", "text", 0, 0, MYSQL_TYPE_BLOB, Flag::none, 0, "", {{{"'ab'", "026162"}}}},
    NotedType{"binary(3)", "binary", 0, 0, MYSQL_TYPE_STRING, Flag::is_binary, 0, "", {{{"x'00ff10'", "0300FF10"}}}},
    NotedType{"varbinary(20)",
              "varbinary",
              0,
              0,
              MYSQL_TYPE_VAR_STRING,
              Flag::is_binary,
              0,
              "",
              {{{"x'00ff10'", "0300FF10"}}}},
    NotedType{"blob", "blob", 0, 0, MYSQL_TYPE_BLOB, Flag::is_binary, 0, "", {{{"x'00ff10'", "0300FF10"}}}},
    NotedType{"date",
              "date",
              0,
              0,
              MYSQL_TYPE_DATE,
              Flag::none,
              0,
              "",
              {{{"'2024-02-29'", "04E807021D"},
                {"'0000-00-00'", "00"},
                {"'2020-05-00'", "04E4070500"},
                {"'9999-12-31'", "040F270C1F"}}}},
    NotedType{"datetime",
              "datetime",
              0,
              0,
              MYSQL_TYPE_DATETIME,
              Flag::none,
              0,
              "",
              {{{"'2024-02-29 12:34:56'", "07E807021D0C2238"}, {"'0000-00-00 00:00:00'", "00"}}}},
    NotedType{"datetime(6)",
              "datetime",
              6,
              0,
              MYSQL_TYPE_DATETIME,
              Flag::none,
              6,
              "",
              {{{"'2024-02-29 12:34:56.789'", "0BE807021D0C2238080A0C00"}, {"'1000-01-01 00:00:00'", "04E8030101"}}}},
    NotedType{"timestamp",
              "timestamp",
              0,
              0,
              MYSQL_TYPE_TIMESTAMP,
              Flag::none,
              0,
              "",
              {{{"'2024-02-29 12:34:56'", "07E807021D0C2238"}, {"'0000-00-00 00:00:00'", "00"}}}},
    NotedType{"timestamp(6)",
              "timestamp",
              6,
              0,
              MYSQL_TYPE_TIMESTAMP,
              Flag::none,
              6,
              "",
              {{{"'2024-02-29 12:34:56.789'", "0BE807021D0C2238080A0C00"}}}},
    NotedType{"time", "time", 0, 0, MYSQL_TYPE_TIME, Flag::none, 0, "", {{{"'-838:59:59'", "080122000000163B3B"}}}},
    NotedType{"time(6)",
              "time",
              6,
              0,
              MYSQL_TYPE_TIME,
              Flag::none,
              6,
              "",
              {{{"'25:00:00.5'", "0C000100000001000020A10700"}}}},
    NotedType{"enum('ok','no')", "enum", 0, 0, MYSQL_TYPE_STRING, Flag::is_enum, 0, "", {{{"'ok'", "026F6B"}}}},
    NotedType{"set('a','b')", "set", 0, 0, MYSQL_TYPE_STRING, Flag::is_set, 0, "", {{{"'a,b'", "03612C62"}}}},
    NotedType{"json",
              "json",
              0,
              0,
              MYSQL_TYPE_STRING,
              Flag::none,
              0,
              "json",
              {{{"'{\"a\": 1.0}'", "0A7B2261223A20312E307D"}}}},
    NotedType{"point",
              "point",
              0,
              0,
              MYSQL_TYPE_GEOMETRY,
              Flag::none,
              0,
              "",
              {{{"point(1, 2.5)", "19000000000101000000000000000000F03F0000000000000440"}}}},
    NotedType{"geometry",
              "geometry",
              0,
              0,
              MYSQL_TYPE_GEOMETRY,
              Flag::none,
              0,
              "",
              {{{"st_geomfromtext('POINT(1 2.5)', 4326)", "19E61000000101000000000000000000F03F0000000000000440"}}}},
    NotedType{"uuid",
              "uuid",
              0,
              0,
              MYSQL_TYPE_STRING,
              Flag::none,
              0,
              "uuid",
              {{{"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
                 "2461306565626339392D396330622D346566382D626236642D366262396264333830613131"}}}},
    NotedType{"inet6",
              "inet6",
              0,
              0,
              MYSQL_TYPE_STRING,
              Flag::none,
              0,
              "inet6",
              {{{"'2001:db8::1'", "0B323030313A6462383A3A31"}}}},
    NotedType{
        "inet4", "inet4", 0, 0, MYSQL_TYPE_STRING, Flag::none, 0, "inet4", {{{"'192.0.2.1'", "093139322E302E322E31"}}}},
};

std::string bytes_of(std::string_view digits) {
    std::string bytes;
    for (; digits.size() >= 2; digits.remove_prefix(2)) {
        unsigned byte = 0;
        std::from_chars(digits.data(), digits.data() + 2, byte, 16);
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

Field field_of(const NotedType& type) {
    Field field;
    field.type = type.type;
    field.is_unsigned = type.flag == Flag::is_unsigned;
    field.is_binary = type.flag == Flag::is_binary;
    field.is_enum = type.flag == Flag::is_enum;
    field.is_set = type.flag == Flag::is_set;
    field.decimals = type.decimals;
    field.extended_type = type.extended_type;
    return field;
}

}  // namespace

std::vector<TypeNote> type_notes() {
    std::vector<TypeNote> notes;
    for (const NotedType& type : noted_types) {
        TargetType target = target_of({.data_type = std::string(type.data_type),
                                       .column_type = std::string(type.shown),
                                       .precision = type.precision,
                                       .scale = type.scale});
        TypeNote note{.source_type = std::string(type.shown),
                      .target = std::move(target.type),
                      .remark = std::move(target.remark),
                      .examples = {}};
        for (const Shown& example : type.examples) {
            if (example.literal.empty()) {
                break;
            }
            note.examples.push_back({std::string(example.literal),
                                     [decoder = decoder_for(field_of(type)), bytes = bytes_of(example.bytes)] {
                                         return one_value([decoder, bytes](RowWriter& writer) {
                                             std::string scratch;
                                             Wire wire(bytes);
                                             decoder(wire, writer, scratch);
                                         });
                                     }});
        }
        notes.push_back(std::move(note));
    }
    return notes;
}

}  // namespace tinybird_cdk::mysql
