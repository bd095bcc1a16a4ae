// SPDX-License-Identifier: Apache-2.0
#include "connectors/bigquery/cell.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/bigquery/page.hpp"
#include "connectors/bigquery/page_rows.hpp"
#include "connectors/bigquery/type_map.hpp"

namespace tinybird_cdk::bigquery {
namespace {

class Kept final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        text.append(full.view());
        return Buffer(wanted);
    }
    std::string text;
};

/// A value as it is written into the column that is suggested for it, in NDJSON.
std::string written(const std::string& type, const std::string& value) {
    const Field field = fields_of(Value::from_json(R"({"fields":[{"name":"c",)" + type + "}]}")).at(0);
    Kept kept;
    RowWriterOptions options;
    options.format = Format::ndjson;
    RowWriter writer({{.name = "c", .target = suggest_type(field).type}}, options, kept);
    writer.begin_row();
    write_cell(writer, field, Value::from_json(R"({"v":)" + value + "}"));
    writer.end_row();
    writer.finish();
    return kept.text;
}

/// Answers as local-bigquery gives them, which are those of the documentation.
TEST(TestBigQueryCell, EachTypeHasItsNotation) {
    EXPECT_EQ(written(R"("type":"INTEGER")", R"("-9223372036854775808")"), "{\"c\":-9223372036854775808}\n");
    EXPECT_EQ(written(R"("type":"FLOAT")", R"("1.5")"), "{\"c\":1.5}\n");
    EXPECT_EQ(written(R"("type":"BOOLEAN")", R"("true")"), "{\"c\":true}\n");
    EXPECT_EQ(written(R"("type":"STRING")", R"("")"), "{\"c\":\"\"}\n");
    EXPECT_EQ(written(R"("type":"STRING")", "null"), "{\"c\":null}\n");
    EXPECT_EQ(written(R"("type":"BYTES")", R"("YWI=")"), "{\"c\":\"YWI=\"}\n");
    EXPECT_EQ(written(R"("type":"NUMERIC")", R"("12.5")"), "{\"c\":12.5}\n");
    EXPECT_EQ(written(R"("type":"DATE")", R"("2024-01-31")"), "{\"c\":\"2024-01-31\"}\n");
    EXPECT_EQ(written(R"("type":"TIME")", R"("12:34:56.789000")"), "{\"c\":\"12:34:56.789\"}\n");
    EXPECT_EQ(written(R"("type":"DATETIME")", R"("2024-01-31T12:34:56.789000")"),
              "{\"c\":\"2024-01-31 12:34:56.789\"}\n");
    EXPECT_EQ(written(R"("type":"TIMESTAMP")", R"("1706704496789012")"), "{\"c\":\"2024-01-31 12:34:56.789012\"}\n");
    EXPECT_EQ(written(R"("type":"GEOGRAPHY")", R"x("POINT(1 2)")x"), "{\"c\":\"POINT(1 2)\"}\n");
    EXPECT_EQ(written(R"("type":"JSON")", R"("{\"a\":1}")"), "{\"c\":\"{\\\"a\\\":1}\"}\n");
    EXPECT_EQ(written(R"("type":"INTERVAL")", R"("1-2 3 4:5:6.789")"),
              "{\"c\":\"1 year 2 mons 3 days 04:05:06.789\"}\n");
    EXPECT_EQ(written(R"("type":"RANGE","rangeElementType":{"type":"DATE"})", R"x("[2024-01-01, UNBOUNDED)")x"),
              "{\"c\":\"[2024-01-01, UNBOUNDED)\"}\n");
}

TEST(TestBigQueryCell, ArraysAndRecords) {
    EXPECT_EQ(written(R"("type":"INTEGER","mode":"REPEATED")", R"([{"v":"1"},{"v":"2"}])"), "{\"c\":[1,2]}\n");
    EXPECT_EQ(written(R"("type":"INTEGER","mode":"REPEATED")", "[]"), "{\"c\":[]}\n");
    EXPECT_EQ(written(R"("type":"RECORD","fields":[{"name":"a","type":"INTEGER"},)"
                      R"({"name":"b","type":"STRING","mode":"REPEATED"}])",
                      R"({"f":[{"v":"1"},{"v":[{"v":"x"}]}]})"),
              "{\"c\":\"{\\\"a\\\":1,\\\"b\\\":[\\\"x\\\"]}\"}\n");
    EXPECT_EQ(written(R"("type":"RECORD","mode":"REPEATED","fields":[{"name":"x","type":"BOOLEAN"}])",
                      R"([{"v":{"f":[{"v":null}]}}])"),
              "{\"c\":\"[{\\\"x\\\":null}]\"}\n");
}

TEST(TestBigQueryCell, InAResultWithPicosecondsAllInstantsAreText) {
    constexpr const char* precise = R"("type":"TIMESTAMP","timestampPrecision":"12")";
    EXPECT_EQ(written(precise, R"("2024-01-31T12:34:56.789012345678Z")"),
              "{\"c\":\"2024-01-31T12:34:56.789012345678Z\"}\n");
    EXPECT_EQ(written(R"("type":"TIMESTAMP")", R"("2024-01-31T12:34:56.789012000000Z")"),
              "{\"c\":\"2024-01-31 12:34:56.789012\"}\n");
    EXPECT_EQ(written(R"("type":"RANGE","rangeElementType":{"type":"TIMESTAMP"})",
                      R"x("[2024-01-31T12:34:56.500000000000Z, UNBOUNDED)")x"),
              "{\"c\":\"[2024-01-31 12:34:56.5+00, UNBOUNDED)\"}\n");
    // Six digits of twelve: an answer to another question.
    EXPECT_THROW(written(precise, R"("1706704496789012")"), errors::ExternalDatasourceError);
}

std::vector<Field> fields(const std::string& list) {
    return fields_of(Value::from_json(R"({"fields":[)" + list + "]}"));
}

TEST(TestBigQueryPages, AreAskedForAsTheColumnsNeed) {
    const std::string column = R"({"name":"c","type":"STRING"})";
    EXPECT_EQ(page_form(fields(column)).rows, rows_of_a_page);
    EXPECT_FALSE(page_form(fields(column)).iso_timestamps);
    std::string many = column;
    for (int i = 1; i < 200; ++i) {
        many += "," + column;
    }
    EXPECT_EQ(page_form(fields(many)).rows, 500U);
    EXPECT_EQ(page_form(fields(R"({"name":"r","type":"RECORD","fields":[)" + many + "]}")).rows, 497U);
    EXPECT_TRUE(page_form(fields(R"({"name":"r","type":"RECORD","fields":[{"name":"t","type":"TIMESTAMP",)"
                                 R"("timestampPrecision":"12"}]})"))
                    .iso_timestamps);
}

Page page(std::string body) {
    return Page({.status = 200, .headers = {}, .body = std::move(body)}, "the query failed");
}

std::vector<std::string> rows_of(Page page) {
    std::vector<std::string> rows;
    while (const auto row = page.next_row()) {
        rows.push_back(row->to_json());
    }
    return rows;
}

TEST(TestBigQueryPages, GiveOneRowAtATimeAndTheRestAsItIs) {
    using ::testing::ElementsAre;
    Page whole = page(R"( { "kind" : "k", "schema":{"rows":[1]}, "n":12 , "rows" : [ {"f":[{"v":"]\"}\\"}]} ,)"
                      R"({"f":[{"v":[{"v":"1"},{"v":null}]}]} ], "pageToken":"t" } )");
    EXPECT_EQ(whole.head().to_json(), R"({"kind":"k","schema":{"rows":[1]},"n":12,"rows":[],"pageToken":"t"})");
    EXPECT_THAT(rows_of(std::move(whole)),
                ElementsAre(R"({"f":[{"v":"]\"}\\"}]})", R"({"f":[{"v":[{"v":"1"},{"v":null}]}]})"));
    EXPECT_THAT(rows_of(page(R"({"rows":[]})")), ElementsAre());
    EXPECT_THAT(rows_of(page(R"({"rows":[ ],"a":1})")), ElementsAre());
    EXPECT_THAT(rows_of(page(R"({"rows":null})")), ElementsAre());
    EXPECT_THAT(rows_of(page("{}")), ElementsAre());
}

TEST(TestBigQueryPages, OnlyTheRowThatIsLookedAtIsRead) {
    // A tree of all of them would take many times the memory of their text: it is not made.
    Page later = page(R"({"rows":[{"f":[]},{"f":[nonsense]}]})");
    EXPECT_TRUE(later.next_row());
    EXPECT_THROW(later.next_row(), errors::ExternalDatasourceError);
}

TEST(TestBigQueryPages, ThatAreCutOrNoJsonAreErrors) {
    for (const char* const body : {"",
                                   "[",
                                   "{",
                                   R"({"rows":[{"f":[]})",
                                   R"({"rows":[{"f":[]}])",
                                   R"({"rows":["a)",
                                   R"({"rows":["a\)",
                                   R"({"rows)",
                                   R"({"rows")",
                                   R"({"rows":)",
                                   R"({"rows":[] "a":1})",
                                   R"({"rows":[],})",
                                   R"({"a":1 "rows":[]})",
                                   R"({"rows":[]}x)",
                                   R"({"rows":[,{"f":[]}]})",
                                   R"({"rows":[{"f":[]},]})",
                                   R"({"rows":[{"f":[]}{"f":[]}]})",
                                   R"({"rows":[1 2]})",
                                   R"({"rows":[{"f":[}]})",
                                   R"({"rows":[{"f":]}})"}) {
        EXPECT_THROW(rows_of(page(body)), errors::ExternalDatasourceError) << body;
    }
}

TEST(TestBigQueryCell, YearsBeyondTheTargetAreRefused) {
    EXPECT_THROW(written(R"("type":"TIMESTAMP")", R"("-3784188303210988")"), errors::RefusedValueError);
}

TEST(TestBigQueryCell, AnotherNotationIsAnErrorThatNamesTheColumn) {
    for (const auto& [type, value] :
         {std::pair(R"("type":"INTEGER")", R"("1.5")"), std::pair(R"("type":"DATE")", R"("31/01/2024")"),
          std::pair(R"("type":"TIMESTAMP")", R"("1.7E9")"), std::pair(R"("type":"BOOLEAN")", R"("t")"),
          std::pair(R"("type":"STRING")", "[]"), std::pair(R"("type":"INTEGER","mode":"REPEATED")", R"("1")"),
          std::pair(R"("type":"RECORD","fields":[{"name":"a","type":"INTEGER"}])", R"({"f":[]})")}) {
        try {
            written(type, value);
            ADD_FAILURE() << type << ' ' << value;
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), ::testing::HasSubstr("column \"c\"")) << value;
        }
    }
}

}  // namespace
}  // namespace tinybird_cdk::bigquery
