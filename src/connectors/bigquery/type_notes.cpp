// SPDX-License-Identifier: Apache-2.0
#include "type_notes.hpp"

#include <string>
#include <utility>

#include "cell.hpp"
#include "field.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::bigquery {

namespace {

/// A value in SQL's notation, and as the API gives it.
struct Example {
    const char* literal;
    const char* cell;  ///< JSON
};

struct Case {
    const char* type;  ///< of a column, as the API describes it: JSON without braces
    std::vector<Example> examples;
};

std::vector<Case> cases() {
    return {
        {R"("type":"INT64")", {{"-9223372036854775808", R"("-9223372036854775808")"}}},
        {R"("type":"FLOAT64")", {{"0.1", R"("0.1")"}, {"CAST('NaN' AS FLOAT64)", R"("NaN")"}}},
        {R"("type":"NUMERIC")", {{"NUMERIC '-0.10'", R"("-0.1")"}}},
        {R"("type":"NUMERIC","precision":"10","scale":"2")", {{"NUMERIC '12.50'", R"("12.5")"}}},
        {R"("type":"BIGNUMERIC")", {{"BIGNUMERIC '1e-38'", R"("0.00000000000000000000000000000000000001")"}}},
        {R"("type":"BOOL")", {{"TRUE", R"("true")"}}},
        {R"("type":"STRING")", {{R"('it\'s')", R"("it's")"}, {"''", R"("")"}}},
        {R"("type":"BYTES")", {{R"(b'\x00\xff')", R"("AP8=")"}}},
        {R"("type":"DATE")", {{"DATE '2024-02-29'", R"("2024-02-29")"}, {"DATE '0001-01-01'", R"("0001-01-01")"}}},
        {R"("type":"TIME")", {{"TIME '12:34:56.789'", R"("12:34:56.789000")"}}},
        {R"("type":"DATETIME")", {{"DATETIME '2024-01-31 12:34:56.789'", R"("2024-01-31T12:34:56.789000")"}}},
        {R"("type":"TIMESTAMP")",
         {{"TIMESTAMP '2024-01-31 12:34:56.789012+00'", R"("1706704496789012")"},
          {"TIMESTAMP '9999-12-31 23:59:59+00'", R"("253402300799000000")"}}},
        {R"("type":"JSON")", {{R"(JSON '{"a":[1,null]}')", R"("{\"a\":[1,null]}")"}}},
        {R"("type":"GEOGRAPHY")", {{"ST_GEOGPOINT(1, 2)", R"x("POINT(1 2)")x"}}},
        {R"("type":"INTERVAL")", {{"INTERVAL '1-2 3 4:5:6.789' YEAR TO SECOND", R"("1-2 3 4:5:6.789")"}}},
        {R"("type":"RANGE","rangeElementType":{"type":"DATE"})",
         {{"RANGE(DATE '2024-01-01', NULL)", R"x("[2024-01-01, UNBOUNDED)")x"}}},
        {R"("type":"STRUCT","fields":[{"name":"a","type":"INT64"},{"name":"b","type":"STRING","mode":"REPEATED"}])",
         {{"STRUCT(1 AS a, ['x'] AS b)", R"({"f":[{"v":"1"},{"v":[{"v":"x"}]}]})"}}},
        {R"("type":"INT64","mode":"REPEATED")", {{"[3, 1]", R"([{"v":"3"},{"v":"1"}])"}, {"[]", "[]"}}},
        {R"("type":"TIMESTAMP","mode":"REPEATED")",
         {{"[TIMESTAMP '2024-01-31 12:34:56+00']", R"([{"v":"1706704496000000"}])"}}},
        {R"("type":"STRUCT","mode":"REPEATED","fields":[{"name":"a","type":"INT64"}])",
         {{"[STRUCT(1 AS a)]", R"([{"v":{"f":[{"v":"1"}]}}])"}}},
    };
}

}  // namespace

std::vector<TypeNote> type_notes() {
    std::vector<TypeNote> notes;
    for (const Case& one : cases()) {
        const Value schema = Value::from_json(std::string(R"({"fields":[{"name":"c",)") + one.type + "}]}");
        const Field field = fields_of(schema).at(0);
        Suggestion suggestion = suggest_type(field);
        TypeNote note{.source_type = type_text(field),
                      .target = suggestion.type.with_nullable(false),
                      .remark = std::move(suggestion.remark),
                      .examples = {}};
        for (const Example& example : one.examples) {
            const Value cell = Value::from_json(std::string(R"({"v":)") + example.cell + "}");
            note.examples.push_back(
                {.literal = example.literal, .read = [field, cell] {
                     return one_value([field, cell](RowWriter& writer) { write_cell(writer, field, cell); }, true);
                 }});
        }
        notes.push_back(std::move(note));
    }
    return notes;
}

}  // namespace tinybird_cdk::bigquery
