// SPDX-License-Identifier: Apache-2.0
#include "type_notes.hpp"

#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "codec.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::postgresql {

namespace {

/// A value as SQL has it, and as binary COPY gives it, in hexadecimal digits.
struct Shown {
    std::string_view literal;
    std::string_view bytes;
};

/// A type as the catalog describes it.
struct NotedType {
    std::string_view shown;
    SourceType source;
    oid::Oid sent_as;  ///< what the query casts it to; 0: nothing
    std::array<Shown, 3> examples;
};

constexpr std::array noted_types{
    NotedType{"boolean", {.type = oid::boolean}, 0, {{{"true", "01"}, {"false", "00"}}}},
    NotedType{"smallint", {.type = oid::int2}, 0, {{{"'-32768'", "8000"}}}},
    NotedType{"integer", {.type = oid::int4}, 0, {{{"2147483647", "7FFFFFFF"}}}},
    NotedType{"bigint", {.type = oid::int8}, 0, {{{"9223372036854775807", "7FFFFFFFFFFFFFFF"}}}},
    NotedType{"oid", {.type = oid::oid}, 0, {{{"'4294967295'", "FFFFFFFF"}}}},
    NotedType{"xid", {.type = oid::xid}, 0, {{{"'4294967295'", "FFFFFFFF"}}}},
    NotedType{"cid", {.type = oid::cid}, 0, {{{"'4294967295'", "FFFFFFFF"}}}},
    NotedType{"xid8", {.type = oid::xid8}, 0, {{{"'18446744073709551615'", "FFFFFFFFFFFFFFFF"}}}},
    NotedType{
        "real", {.type = oid::float4}, 0, {{{"0.1", "3DCCCCCD"}, {"'NaN'", "7FC00000"}, {"'-Infinity'", "FF800000"}}}},
    NotedType{"double precision",
              {.type = oid::float8},
              0,
              {{{"0.1", "3FB999999999999A"}, {"'NaN'", "7FF8000000000000"}, {"'Infinity'", "7FF0000000000000"}}}},
    NotedType{"numeric(10,2)",
              {.type = oid::numeric, .modifier = 655366},
              0,
              {{{"-1234.50", "000200004000000204D21388"}, {"'NaN'", "00000000C0000000"}}}},
    NotedType{
        "numeric(38,10)", {.type = oid::numeric, .modifier = 2490382}, 0, {{{"0.0000000001", "0001FFFD0000000A0064"}}}},
    NotedType{"numeric(100,2)",
              {.type = oid::numeric, .modifier = 6553606},
              0,
              {{{"1234.50", "000200000000000204D21388"}, {"'NaN'", "00000000C0000000"}}}},
    NotedType{
        "numeric", {.type = oid::numeric}, 0, {{{"0.10", "0001FFFF0000000203E8"}, {"'Infinity'", "00000000D0000000"}}}},
    NotedType{"money", {.type = oid::money}, oid::numeric, {{{"-1234.56", "000200004000000204D215E0"}}}},
    NotedType{"text", {.type = oid::text}, 0, {{{"'a \"b\", é'", "61202262222C20C3A9"}, {"''", ""}}}},
    NotedType{"character varying(10)", {.type = oid::varchar, .modifier = 14}, 0, {{{"'ab'", "6162"}}}},
    NotedType{"character(5)", {.type = oid::bpchar, .modifier = 9}, 0, {{{"'ab'", "6162202020"}}}},
    NotedType{"name", {.type = oid::name}, 0, {{{"'ab'", "6162"}}}},
    NotedType{"\"char\"", {.type = oid::character}, 0, {{{"'a'", "61"}}}},
    NotedType{"xml", {.type = oid::xml}, 0, {{{"'<a/>'", "3C612F3E"}}}},
    NotedType{"json", {.type = oid::json}, 0, {{{"'{\"a\": 1.0}'", "7B2261223A20312E307D"}}}},
    NotedType{"jsonb", {.type = oid::jsonb}, 0, {{{"'{\"a\": 1.0}'", "017B2261223A20312E307D"}}}},
    NotedType{"bytea", {.type = oid::bytea}, 0, {{{"'\\x00ff10'", "00FF10"}}}},
    NotedType{"uuid",
              {.type = oid::uuid},
              0,
              {{{"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "A0EEBC999C0B4EF8BB6D6BB9BD380A11"}}}},
    NotedType{"date",
              {.type = oid::date},
              0,
              {{{"'2024-02-29'", "00002279"}, {"'infinity'", "7FFFFFFF"}, {"'0044-03-15 BC'", "FFF49D7B"}}}},
    NotedType{"timestamp without time zone",
              {.type = oid::timestamp},
              0,
              {{{"'2024-02-29 12:34:56.789'", "0002B58341728608"},
                {"'-infinity'", "8000000000000000"},
                {"'9999-12-31 23:59:59'", "0380E70B912C3DC0"}}}},
    NotedType{"timestamp(0) without time zone",
              {.type = oid::timestamp, .modifier = 0},
              0,
              {{{"'2024-02-29 12:34:56'", "0002B58341667C00"}}}},
    NotedType{"timestamp with time zone",
              {.type = oid::timestamptz},
              0,
              {{{"'2024-02-29 12:34:56.789+02'", "0002B581944B3E08"}, {"'infinity'", "7FFFFFFFFFFFFFFF"}}}},
    NotedType{"time without time zone", {.type = oid::time}, 0, {{{"'04:05:06.789'", "000000036C97CA88"}}}},
    NotedType{
        "time with time zone", {.type = oid::timetz}, 0, {{{"'04:05:06.789-03:30'", "000000036C97CA8800003138"}}}},
    NotedType{"interval",
              {.type = oid::interval},
              0,
              {{{"'1 year 2 mons -3 days 04:05:06.789'", "000000036C97CA88FFFFFFFD0000000E"}}}},
    NotedType{"inet", {.type = oid::inet}, 0, {{{"'10.0.0.1/8'", "020800040A000001"}}}},
    NotedType{"cidr", {.type = oid::cidr}, 0, {{{"'10.0.0.0/8'", "020801040A000000"}}}},
    NotedType{"macaddr", {.type = oid::macaddr}, 0, {{{"'08:00:2b:01:02:03'", "08002B010203"}}}},
    NotedType{"macaddr8", {.type = oid::macaddr8}, 0, {{{"'08:00:2b:01:02:03:04:05'", "08002B0102030405"}}}},
    NotedType{"bit(5)", {.type = oid::bit, .modifier = 5}, 0, {{{"B'10110'", "00000005B0"}}}},
    NotedType{"bit varying(9)", {.type = oid::varbit, .modifier = 9}, 0, {{{"B'101'", "00000003A0"}}}},
    NotedType{"pg_lsn", {.type = oid::pg_lsn}, 0, {{{"'16/B374D848'", "00000016B374D848"}}}},
    NotedType{"tid", {.type = oid::tid}, 0, {{{"'(42,1)'", "0000002A0001"}}}},
    NotedType{"mood (an enum)", {.type = oid::text, .kind = 'e'}, 0, {{{"'ok'", "6F6B"}}}},
    NotedType{"pair (a composite type)",
              {.type = oid::unknown, .kind = 'c'},
              oid::text,
              {{{"'(1,\"a,b\")'", "28312C22612C622229"}}}},
    NotedType{"point", {.type = oid::unknown}, oid::text, {{{"'(1,2.5)'", "28312C322E3529"}}}},
    NotedType{"int4range", {.type = oid::unknown}, oid::text, {{{"'[1,5)'", "5B312C3529"}}}},
    NotedType{"tsvector", {.type = oid::unknown}, oid::text, {{{"'a:1 b'", "2761273A3120276227"}}}},
    NotedType{"integer[]",
              {.element = oid::int4, .dimensions = 1},
              0,
              {{{"'{1,NULL,3}'", "00000001000000010000001700000003000000010000000400000001FFFFFFFF0000000400000003"},
                {"'{{1},{2}}'",
                 "0000000200000000000000170000000200000001000000010000000100000004000000010000000400000002"}}}},
    NotedType{"integer[][]",
              {.element = oid::int4, .dimensions = 2},
              0,
              {{{"'{{1,2},{3,NULL}}'",
                 "00000002000000010000001700000002000000010000000200000001000000040000000100000004000000020000000400000"
                 "003FFFFFFFF"}}}},
    NotedType{"text[]",
              {.element = oid::text, .dimensions = 1},
              0,
              {{{"ARRAY['a \"b\"', NULL, '']",
                 "0000000100000001000000190000000300000001000000056120226222FFFFFFFF00000000"}}}},
    NotedType{
        "numeric(10,2)[]",
        {.modifier = 655366, .element = oid::numeric, .dimensions = 1},
        0,
        {{{"'{1.50,NULL}'", "0000000100000001000006A400000002000000010000000C000200000000000200011388FFFFFFFF"}}}},
    NotedType{"timestamp with time zone[]",
              {.element = oid::timestamptz, .dimensions = 1},
              0,
              {{{"ARRAY['2024-02-29 12:00:00+00'::timestamptz]",
                 "0000000100000000000004A00000000100000001000000080002B582C4781000"}}}},
    NotedType{"jsonb[]",
              {.element = oid::jsonb, .dimensions = 1},
              0,
              {{{"ARRAY['{\"a\": 1}'::jsonb, NULL]",
                 "000000010000000100000EDA000000020000000100000009017B2261223A20317DFFFFFFFF"}}}},
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

Decoder decoder_of(const NotedType& type) {
    constexpr int server_version = 170000;
    if (type.source.element != 0) {
        return array_decoder(type.source.element, type.source.element, server_version);
    }
    return scalar_decoder(type.sent_as != 0 ? type.sent_as : type.source.type, server_version);
}

}  // namespace

std::vector<TypeNote> type_notes() {
    std::vector<TypeNote> notes;
    for (const NotedType& type : noted_types) {
        TargetType target = target_of(type.source);
        TypeNote note{.source_type = std::string(type.shown),
                      .target = std::move(target.type),
                      .remark = std::move(target.remark),
                      .examples = {}};
        for (const Shown& example : type.examples) {
            if (example.literal.empty()) {
                break;
            }
            note.examples.push_back(
                {std::string(example.literal), [decoder = decoder_of(type), bytes = bytes_of(example.bytes)] {
                     return one_value(
                         [decoder, bytes](RowWriter& writer) {
                             std::string scratch;
                             decoder(bytes, writer, scratch);
                         },
                         true);
                 }});
        }
        notes.push_back(std::move(note));
    }
    return notes;
}

}  // namespace tinybird_cdk::postgresql
