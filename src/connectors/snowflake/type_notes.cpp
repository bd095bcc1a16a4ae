// SPDX-License-Identifier: Apache-2.0
#include "type_notes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include "column.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::snowflake {

namespace {

using Write = std::function<void(RowWriter&)>;

struct Example {
    const char* literal;
    Write write;  ///< as the driver's Arrow value is written
};
struct Case {
    const char* type;
    std::vector<Example> examples;
};

Write digits(const char* text) {
    return [text](RowWriter& writer) { writer.decimal(text); };
}
Write text(const char* value) {
    return [value](RowWriter& writer) { writer.text(value); };
}
Write moment(std::int64_t seconds, std::uint32_t nanoseconds, RowWriter::Zone zone) {
    return [=](RowWriter& writer) { writer.timestamp(seconds, nanoseconds, zone); };
}

std::vector<Case> numbers() {
    return {
        {"NUMBER(2,0)", {{"99", digits("99")}}},
        {"NUMBER(4,0)", {{"-9999", digits("-9999")}}},
        {"NUMBER(9,0)", {{"999999999", digits("999999999")}}},
        {"NUMBER(18,0)", {{"-999999999999999999", digits("-999999999999999999")}}},
        {"NUMBER(38,0)",
         {{"99999999999999999999999999999999999999", digits("99999999999999999999999999999999999999")}}},
        {"NUMBER(10,2)", {{"-1234.50", digits("-1234.50")}}},
        {"NUMBER(38,37)",
         {{"0.0000000000000000000000000000000000001", digits("0.0000000000000000000000000000000000001")}}},
        {"DECFLOAT(38)", {{"1.5E+300::DECFLOAT", text("1.5e300")}}},
        {"FLOAT",
         {{"0.1::FLOAT", [](RowWriter& writer) { writer.float64(0.1); }},
          {"'NaN'::FLOAT", [](RowWriter& writer) { writer.float64(std::numeric_limits<double>::quiet_NaN()); }}}},
        {"BOOLEAN", {{"TRUE", [](RowWriter& writer) { writer.boolean(true); }}}},
    };
}

std::vector<Case> times() {
    constexpr std::int64_t leap_day = 19'782;
    constexpr std::int64_t first_of_years = -719'528;
    constexpr std::int64_t morning = 1'706'704'496;
    constexpr std::int64_t last_second = 253'402'300'799;
    return {
        {"DATE",
         {{"'2024-02-29'::DATE", [=](RowWriter& writer) { writer.date(leap_day); }},
          {"'0000-01-01'::DATE", [=](RowWriter& writer) { writer.date(first_of_years); }}}},
        {"TIME(9)", {{"'12:34:56.789'::TIME", text("12:34:56.789000000")}}},
        {"TIMESTAMP_NTZ(9)",
         {{"'2024-01-31 12:34:56.789012345'::TIMESTAMP_NTZ", moment(morning, 789'012'345, RowWriter::Zone::none)}}},
        {"TIMESTAMP_NTZ(3)",
         {{"'2024-01-31 12:34:56.789'::TIMESTAMP_NTZ(3)", moment(morning, 789'000'000, RowWriter::Zone::none)},
          {"'9999-12-31 23:59:59'::TIMESTAMP_NTZ(3)", moment(last_second, 0, RowWriter::Zone::none)}}},
        {"TIMESTAMP_LTZ(6)",
         {{"'2024-01-31 12:34:56.789012 +00:00'::TIMESTAMP_LTZ(6)",
           moment(morning, 789'012'000, RowWriter::Zone::utc)}}},
        {"TIMESTAMP_TZ(9)",
         {{"'2024-01-31 14:34:56.789 +02:00'::TIMESTAMP_TZ", moment(morning, 789'000'000, RowWriter::Zone::utc)}}},
        {"INTERVAL YEAR(9) TO MONTH", {{"INTERVAL '1-2' YEAR TO MONTH", text("+1-02")}}},
    };
}

std::vector<Case> texts() {
    return {
        {"VARCHAR(16777216)", {{"'it''s'", text("it's")}, {"''", text("")}}},
        {"BINARY(8388608)",
         {{"X'00FF'",
           [](RowWriter& writer) {
               constexpr std::array bytes{std::byte{0x00}, std::byte{0xff}};
               writer.binary(bytes);
           }}}},
        {"VARIANT", {{"PARSE_JSON('{\"a\":[1,null]}')", text("{\"a\":[1,null]}")}}},
        {"OBJECT", {{"OBJECT_CONSTRUCT('a', 1)", text("{\"a\":1}")}}},
        {"ARRAY", {{"ARRAY_CONSTRUCT(1, 'x')", text("[1,\"x\"]")}}},
        {"MAP(VARCHAR(16777216), NUMBER(38,0))", {{"{'k': 1}::MAP(VARCHAR, NUMBER)", text("{\"k\":1}")}}},
        {"VECTOR(FLOAT, 2)", {{"[1.5, 2]::VECTOR(FLOAT, 2)", text("[1.5,2.0]")}}},
        {"GEOGRAPHY", {{"TO_GEOGRAPHY('POINT(1 2)')", text("POINT(1 2)")}}},
        {"GEOMETRY", {{"TO_GEOMETRY('POINT(1 2)')", text("POINT(1 2)")}}},
    };
}

}  // namespace

std::vector<TypeNote> type_notes() {
    std::vector<TypeNote> notes;
    for (const auto& cases : {numbers(), texts(), times()}) {
        for (const Case& one : cases) {
            Suggestion suggestion = suggest_type(column_of("c", one.type, false));
            TypeNote note{.source_type = one.type,
                          .target = std::move(suggestion.type),
                          .remark = std::move(suggestion.remark),
                          .examples = {}};
            for (const Example& example : one.examples) {
                note.examples.push_back(
                    {.literal = example.literal, .read = [write = example.write] { return one_value(write, true); }});
            }
            notes.push_back(std::move(note));
        }
    }
    return notes;
}

}  // namespace tinybird_cdk::snowflake
