// SPDX-License-Identifier: Apache-2.0
// The types of Arrow, each as an array of one value that the same code reads as in a load.
#include <tinybird_cdk/type_notes.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "encode/arrow/type_examples.hpp"

namespace tinybird_cdk {

namespace {

using namespace encode;  // NOLINT(google-build-using-namespace): what the examples are made with

void add_numbers(std::vector<TypeNote>& notes) {
    using Limits = std::numeric_limits<std::int64_t>;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    notes.push_back(arrow_note("null", plain(NANOARROW_TYPE_NA),
                               {{"null", [](ArrowArray& array) { check_built(ArrowArrayAppendNull(&array, 1)); }}}));
    notes.push_back(arrow_note("bool", plain(NANOARROW_TYPE_BOOL), {{"true", integer(1)}}));
    notes.push_back(arrow_note("int8", plain(NANOARROW_TYPE_INT8), {{"-128", integer(-128)}}));
    notes.push_back(arrow_note("int16", plain(NANOARROW_TYPE_INT16), {{"-32768", integer(-32768)}}));
    notes.push_back(arrow_note("int32", plain(NANOARROW_TYPE_INT32), {{"-2147483648", integer(-2147483648LL)}}));
    notes.push_back(
        arrow_note("int64", plain(NANOARROW_TYPE_INT64), {{"-9223372036854775808", integer(Limits::min())}}));
    notes.push_back(arrow_note("uint8", plain(NANOARROW_TYPE_UINT8), {{"255", integer(255)}}));
    notes.push_back(arrow_note("uint16", plain(NANOARROW_TYPE_UINT16), {{"65535", integer(65535)}}));
    notes.push_back(arrow_note("uint32", plain(NANOARROW_TYPE_UINT32), {{"4294967295", integer(4294967295)}}));
    notes.push_back(arrow_note(
        "uint64", plain(NANOARROW_TYPE_UINT64),
        {{"18446744073709551615", [](ArrowArray& array) { check_built(ArrowArrayAppendUInt(&array, UINT64_MAX)); }}}));
    notes.push_back(arrow_note("float16", plain(NANOARROW_TYPE_HALF_FLOAT), {{"0.5", real(0.5)}}));
    notes.push_back(arrow_note("float32", plain(NANOARROW_TYPE_FLOAT), {{"0.1", real(0.1)}, {"nan", real(nan)}}));
    notes.push_back(
        arrow_note("float64", plain(NANOARROW_TYPE_DOUBLE), {{"0.1", real(0.1)}, {"-inf", real(-infinity)}}));
    notes.push_back(arrow_note("decimal32(9, 2)", decimal(NANOARROW_TYPE_DECIMAL32, 9, 2),
                               {{"-1234.50", digits(32, 9, 2, "-123450")}}));
    notes.push_back(
        arrow_note("decimal64(18, 4)", decimal(NANOARROW_TYPE_DECIMAL64, 18, 4), {{"0.0001", digits(64, 18, 4, "1")}}));
    notes.push_back(arrow_note("decimal128(38, 10)", decimal(NANOARROW_TYPE_DECIMAL128, 38, 10),
                               {{"0.0000000001", digits(128, 38, 10, "1")}}));
    notes.push_back(arrow_note("decimal128(10, -2)", decimal(NANOARROW_TYPE_DECIMAL128, 10, -2),
                               {{"12300", digits(128, 10, -2, "123")}}));
    notes.push_back(
        arrow_note("decimal256(76, 0)", decimal(NANOARROW_TYPE_DECIMAL256, 76, 0), {{"-1", digits(256, 76, 0, "-1")}}));
}

void add_texts(std::vector<TypeNote>& notes) {
    const std::string binary("\x00\xFF\x10", 3);
    for (const auto& [name, type] :
         {std::pair{"string", NANOARROW_TYPE_STRING}, {"large_string", NANOARROW_TYPE_LARGE_STRING}}) {
        notes.push_back(arrow_note(name, plain(type), {{"'a \"b\", é'", bytes("a \"b\", é")}}));
    }
    notes.push_back(arrow_note("string_view", plain(NANOARROW_TYPE_STRING_VIEW),
                               {{"'a \"b\", é'", bytes("a \"b\", é")}, {"bytes that are not UTF-8", bytes("a\xFF")}}));
    for (const auto& [name, type] : {std::pair{"binary", NANOARROW_TYPE_BINARY},
                                     {"large_binary", NANOARROW_TYPE_LARGE_BINARY},
                                     {"binary_view", NANOARROW_TYPE_BINARY_VIEW}}) {
        notes.push_back(arrow_note(name, plain(type), {{"b'\\x00\\xff\\x10'", bytes(binary)}}));
    }
    notes.push_back(arrow_note("fixed_size_binary[3]", fixed_bytes(3), {{"b'\\x00\\xff\\x10'", bytes(binary)}}));
}

void add_times(std::vector<TypeNote>& notes) {
    constexpr std::int64_t noon = 1709210096;  // 2024-02-29 12:34:56
    notes.push_back(arrow_note("date32", plain(NANOARROW_TYPE_DATE32),
                               {{"2024-02-29", integer(19782)}, {"1899-12-31", integer(-25568)}}));
    notes.push_back(arrow_note("date64", plain(NANOARROW_TYPE_DATE64), {{"2024-02-29", integer(1'709'164'800'000)}}));
    notes.push_back(
        arrow_note("timestamp[s]", timed(NANOARROW_TYPE_TIMESTAMP, NANOARROW_TIME_UNIT_SECOND),
                   {{"2024-02-29 12:34:56", integer(noon)}, {"9999-12-31 23:59:59", integer(253402300799)}}));
    notes.push_back(arrow_note("timestamp[ms]", timed(NANOARROW_TYPE_TIMESTAMP, NANOARROW_TIME_UNIT_MILLI),
                               {{"2024-02-29 12:34:56.789", integer(noon * 1000 + 789)}}));
    notes.push_back(arrow_note("timestamp[us]", timed(NANOARROW_TYPE_TIMESTAMP, NANOARROW_TIME_UNIT_MICRO),
                               {{"2024-02-29 12:34:56.789", integer(noon * 1'000'000 + 789'000)}}));
    notes.push_back(arrow_note("timestamp[ns]", timed(NANOARROW_TYPE_TIMESTAMP, NANOARROW_TIME_UNIT_NANO),
                               {{"2024-02-29 12:34:56.789012345", integer(noon * 1'000'000'000 + 789'012'345)},
                                {"1677-09-21 00:12:43.145224192", integer(std::numeric_limits<std::int64_t>::min())}}));
    notes.push_back(arrow_note("timestamp[us, tz=Europe/Madrid]",
                               timed(NANOARROW_TYPE_TIMESTAMP, NANOARROW_TIME_UNIT_MICRO, "Europe/Madrid"),
                               {{"2024-02-29 13:34:56+01:00", integer(noon * 1'000'000)}}));
    notes.push_back(arrow_note("time32[s]", timed(NANOARROW_TYPE_TIME32, NANOARROW_TIME_UNIT_SECOND),
                               {{"04:05:06", integer(14706)}}));
    notes.push_back(arrow_note("time64[ns]", timed(NANOARROW_TYPE_TIME64, NANOARROW_TIME_UNIT_NANO),
                               {{"04:05:06.000000001", integer(14'706'000'000'001)}}));
    notes.push_back(arrow_note("duration[ms]", timed(NANOARROW_TYPE_DURATION, NANOARROW_TIME_UNIT_MILLI),
                               {{"-25:01:01.001", integer(-90'061'001)}}));
    notes.push_back(arrow_note("month_interval", plain(NANOARROW_TYPE_INTERVAL_MONTHS),
                               {{"14 months", interval(NANOARROW_TYPE_INTERVAL_MONTHS, 14, 0, 0, 0)}}));
    notes.push_back(arrow_note("day_time_interval", plain(NANOARROW_TYPE_INTERVAL_DAY_TIME),
                               {{"-3 days 1500 ms", interval(NANOARROW_TYPE_INTERVAL_DAY_TIME, 0, -3, 1500, 0)}}));
    notes.push_back(
        arrow_note("month_day_nano_interval", plain(NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO),
                   {{"14 months 1 day 1 ns", interval(NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO, 14, 1, 0, 1)}}));
}

Describe list(ArrowType type, std::int32_t size = 0) {
    return [=](ArrowSchema& schema) {
        check_built(size > 0 ? ArrowSchemaSetTypeFixedSize(&schema, type, size) : ArrowSchemaSetType(&schema, type));
        check_built(ArrowSchemaSetType(schema.children[0], NANOARROW_TYPE_INT32));
    };
}

/// Of two integers, the second of which may be NULL.
Fill pair_of(int first, int second, bool second_is_null) {
    return [=](ArrowArray& array) {
        check_built(ArrowArrayAppendInt(array.children[0], first));
        check_built(second_is_null ? ArrowArrayAppendNull(array.children[0], 1)
                                   : ArrowArrayAppendInt(array.children[0], second));
        check_built(ArrowArrayFinishElement(&array));
    };
}

void describe_record(ArrowSchema& schema) {
    check_built(ArrowSchemaSetTypeStruct(&schema, 2));
    check_built(ArrowSchemaSetType(schema.children[0], NANOARROW_TYPE_INT32));
    check_built(ArrowSchemaSetName(schema.children[0], "a"));
    check_built(ArrowSchemaSetType(schema.children[1], NANOARROW_TYPE_STRING));
    check_built(ArrowSchemaSetName(schema.children[1], "b"));
}

void fill_record(ArrowArray& record) {
    check_built(ArrowArrayAppendInt(record.children[0], 1));
    check_built(ArrowArrayAppendString(record.children[1], ArrowCharView("x")));
    check_built(ArrowArrayFinishElement(&record));
}

Describe map(ArrowType key) {
    return [key](ArrowSchema& schema) {
        check_built(ArrowSchemaSetType(&schema, NANOARROW_TYPE_MAP));
        check_built(ArrowSchemaSetType(schema.children[0]->children[0], key));
        check_built(ArrowSchemaSetType(schema.children[0]->children[1], NANOARROW_TYPE_INT32));
    };
}

Fill entry(const Fill& key) {
    return [key](ArrowArray& array) {
        key(*array.children[0]->children[0]);
        check_built(ArrowArrayAppendInt(array.children[0]->children[1], 1));
        check_built(ArrowArrayFinishElement(array.children[0]));
        check_built(ArrowArrayFinishElement(&array));
    };
}

void add_nested(std::vector<TypeNote>& notes) {
    for (const auto& [name, type] : {std::pair{"list<int32>", NANOARROW_TYPE_LIST},
                                     {"large_list<int32>", NANOARROW_TYPE_LARGE_LIST},
                                     {"list_view<int32>", NANOARROW_TYPE_LIST_VIEW},
                                     {"large_list_view<int32>", NANOARROW_TYPE_LARGE_LIST_VIEW}}) {
        notes.push_back(arrow_note(name, list(type), {{"[1, null]", pair_of(1, 0, true)}}));
    }
    notes.push_back(arrow_note("fixed_size_list<int32>[2]", list(NANOARROW_TYPE_FIXED_SIZE_LIST, 2),
                               {{"[1, 2]", pair_of(1, 2, false)}}));
    notes.push_back(arrow_note("struct<a: int32, b: string>", describe_record, {{"{'a': 1, 'b': 'x'}", fill_record}}));
    notes.push_back(arrow_note("map<string, int32>", map(NANOARROW_TYPE_STRING), {{"{'k': 1}", entry(bytes("k"))}}));
    notes.push_back(
        arrow_note("map<date32, int32>", map(NANOARROW_TYPE_DATE32), {{"{2024-02-29: 1}", entry(integer(19782))}}));
    for (const auto& [name, type] : {std::pair{"sparse_union<int32, string>", NANOARROW_TYPE_SPARSE_UNION},
                                     {"dense_union<int32, string>", NANOARROW_TYPE_DENSE_UNION}}) {
        notes.push_back(arrow_note(name,
                                   [type = type](ArrowSchema& schema) {
                                       check_built(ArrowSchemaSetTypeUnion(&schema, type, 2));
                                       check_built(ArrowSchemaSetType(schema.children[0], NANOARROW_TYPE_INT32));
                                       check_built(ArrowSchemaSetType(schema.children[1], NANOARROW_TYPE_STRING));
                                   },
                                   {{"5",
                                     [](ArrowArray& array) {
                                         check_built(ArrowArrayAppendInt(array.children[0], 5));
                                         check_built(ArrowArrayFinishUnionElement(&array, 0));
                                     }},
                                    {"'x'", [](ArrowArray& array) {
                                         check_built(ArrowArrayAppendString(array.children[1], ArrowCharView("x")));
                                         check_built(ArrowArrayFinishUnionElement(&array, 1));
                                     }}}));
    }
    notes.push_back(arrow_note("dictionary<string>",
                               [](ArrowSchema& schema) {
                                   check_built(ArrowSchemaSetType(&schema, NANOARROW_TYPE_INT8));
                                   check_built(ArrowSchemaAllocateDictionary(&schema));
                                   ArrowSchemaInit(schema.dictionary);
                                   check_built(ArrowSchemaSetType(schema.dictionary, NANOARROW_TYPE_STRING));
                               },
                               {{"'ok'", [](ArrowArray& array) {
                                     check_built(ArrowArrayAppendString(array.dictionary, ArrowCharView("ok")));
                                     check_built(ArrowArrayAppendInt(&array, 0));
                                 }}}));
    notes.push_back(arrow_note("run_end_encoded<string>",
                               [](ArrowSchema& schema) {
                                   check_built(ArrowSchemaSetTypeRunEndEncoded(&schema, NANOARROW_TYPE_INT32));
                                   check_built(ArrowSchemaSetType(schema.children[1], NANOARROW_TYPE_STRING));
                                   schema.children[1]->flags &= ~std::int64_t{ARROW_FLAG_NULLABLE};
                               },
                               {{"'ok'", [](ArrowArray& array) {
                                     check_built(ArrowArrayAppendInt(array.children[0], 1));
                                     check_built(ArrowArrayAppendString(array.children[1], ArrowCharView("ok")));
                                     array.length = 1;
                                 }}}));
}

void add_extensions(std::vector<TypeNote>& notes) {
    notes.push_back(arrow_note("arrow.uuid", extension(fixed_bytes(16), "arrow.uuid"),
                               {{"'30313233-3435-3637-3839-616263646566'", bytes("0123456789abcdef")}}));
    notes.push_back(arrow_note("arrow.json", extension(plain(NANOARROW_TYPE_STRING), "arrow.json"),
                               {{"'{\"a\": 1.0}'", bytes(R"({"a": 1.0})")}}));
    notes.push_back(
        arrow_note("arrow.bool8", extension(plain(NANOARROW_TYPE_INT8), "arrow.bool8"), {{"true", integer(1)}}));
    notes.push_back(arrow_note("arrow.opaque, PostgreSQL's numeric",
                               opaque(plain(NANOARROW_TYPE_STRING), "numeric", "PostgreSQL"),
                               {{"'0.10'", bytes("0.10")}, {"'NaN'", bytes("NaN")}}));
    notes.push_back(arrow_note("arrow.opaque, DuckDB's hugeint", opaque(fixed_bytes(16), "hugeint", "DuckDB"),
                               {{"-1", bytes(std::string(16, '\xFF'))}}));
    notes.push_back(arrow_note("arrow.opaque, DuckDB's uhugeint", opaque(fixed_bytes(16), "uhugeint", "DuckDB"),
                               {{"340282366920938463463374607431768211455", bytes(std::string(16, '\xFF'))}}));
    notes.push_back(arrow_note("another extension type of int32", extension(plain(NANOARROW_TYPE_INT32), "acme.thing"),
                               {{"7", integer(7)}}));
}

}  // namespace

std::vector<TypeNote> arrow_type_notes() {
    std::vector<TypeNote> notes;
    add_numbers(notes);
    add_texts(notes);
    add_times(notes);
    add_nested(notes);
    add_extensions(notes);
    return notes;
}

}  // namespace tinybird_cdk
