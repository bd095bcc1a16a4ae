// SPDX-License-Identifier: Apache-2.0
#include "type_notes.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "type_map.hpp"

namespace tinybird_cdk::redshift {

namespace {

using Write = std::function<void(RowWriter&)>;

/// A value in SQL's notation, and the calls that Arrow's values become.
struct Example {
    const char* literal;
    Write write;
};

struct Case {
    TableColumn column;
    std::vector<Example> examples;
};

Write text(const char* value) {
    return [value](RowWriter& writer) { writer.text(value); };
}

Write decimal(const char* digits) {
    return [digits](RowWriter& writer) { writer.decimal(digits); };
}

Write number(std::int64_t value) {
    return [value](RowWriter& writer) { writer.int64(value); };
}

Write timestamp(std::int64_t seconds, std::uint32_t nanoseconds, RowWriter::Zone zone) {
    return [=](RowWriter& writer) { writer.timestamp(seconds, nanoseconds, zone); };
}

std::vector<Case> cases() {
    constexpr std::int64_t leap_day = 19782;
    constexpr std::int64_t first_of_1 = -719162;
    constexpr std::int64_t moment = 1706704496;
    constexpr std::uint32_t fraction = 789'012'000;
    constexpr std::int64_t time_of_day = 45'296'500'000'000;
    return {
        {{.name = "c", .data_type = "smallint"}, {{"-32768", number(-32768)}}},
        {{.name = "c", .data_type = "integer"}, {{"2147483647", number(2147483647)}}},
        {{.name = "c", .data_type = "bigint"}, {{"-9007199254740993", number(-9007199254740993)}}},
        {{.name = "c", .data_type = "numeric", .precision = 38, .scale = 10}, {{"-0.1", decimal("-0.1000000000")}}},
        {{.name = "c", .data_type = "real"}, {{"0.1", [](RowWriter& writer) { writer.float32(0.1F); }}}},
        {{.name = "c", .data_type = "double precision"}, {{"0.1", [](RowWriter& writer) { writer.float64(0.1); }}}},
        {{.name = "c", .data_type = "boolean"}, {{"true", [](RowWriter& writer) { writer.boolean(true); }}}},
        {{.name = "c", .data_type = "character"}, {{"'ab'", text("ab")}}},
        {{.name = "c", .data_type = "character varying"}, {{"'it''s'", text("it's")}, {"''", text("")}}},
        {{.name = "c", .data_type = "date"},
         {{"'2024-02-29'", [](RowWriter& writer) { writer.date(leap_day); }},
          {"'0001-01-01'", [](RowWriter& writer) { writer.date(first_of_1); }}}},
        {{.name = "c", .data_type = "time without time zone"},
         {{"'12:34:56.5'", [](RowWriter& writer) { writer.time(time_of_day); }}}},
        {{.name = "c", .data_type = "time with time zone"}, {{"'12:34:56.5+02'", text("12:34:56.5+02")}}},
        {{.name = "c", .data_type = "timestamp without time zone"},
         {{"'2024-01-31 12:34:56.789012'", timestamp(moment, fraction, RowWriter::Zone::none)}}},
        {{.name = "c", .data_type = "timestamp with time zone"},
         {{"'2024-01-31 14:34:56.789012+02'", timestamp(moment, fraction, RowWriter::Zone::utc)}}},
        {{.name = "c", .data_type = "super"}, {{R"(JSON_PARSE('{"a":[1,null]}'))", text(R"({"a":[1,null]})")}}},
        {{.name = "c", .data_type = "varbyte"}, {{"FROM_HEX('00ff')", text("AP8=")}}},
        {{.name = "c", .data_type = "geometry"}, {{"ST_AsText(ST_Point(1, 2))", text("POINT(1 2)")}}},
    };
}

}  // namespace

std::vector<TypeNote> type_notes() {
    std::vector<TypeNote> notes;
    std::vector<Case> all = cases();
    for (Case& one : all) {
        schema::Column suggested = suggest_column(one.column);
        TypeNote note{.source_type = std::move(suggested.source_type),
                      .target = suggested.type.with_nullable(false),
                      .remark = std::move(suggested.remark),
                      .examples = {}};
        for (Example& example : one.examples) {
            note.examples.push_back({.literal = example.literal,
                                     .read = [write = std::move(example.write)] { return one_value(write, true); }});
        }
        notes.push_back(std::move(note));
    }
    return notes;
}

}  // namespace tinybird_cdk::redshift
