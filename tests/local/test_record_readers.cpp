// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "local/ingest/csv_reader.hpp"
#include "local/ingest/ndjson_reader.hpp"

namespace tinybird_cdk::local::ingest {
namespace {

using ::testing::ElementsAre;

/// Writes down what it gets, as "1|<null>|text".
class Records final : public RecordSink {
public:
    void record(std::span<const Field> fields, std::size_t /*size*/) override {
        std::string line;
        for (const Field& field : fields) {
            line += line.empty() ? "" : "|";
            line += field.kind == Field::Kind::absent ? "<absent>"
                    : field.kind == Field::Kind::null ? "<null>"
                                                      : std::string(field.text);
        }
        lines.push_back(line);
    }
    void unreadable(const std::string& reason) override { lines.push_back("!" + reason); }

    std::vector<std::string> lines;
};

std::vector<schema::Column> columns_of(const std::vector<schema::Type>& types) {
    std::vector<schema::Column> columns;
    for (const schema::Type& type : types) {
        schema::Column column;
        column.name = std::string(1, static_cast<char>('a' + columns.size()));
        column.type = type;
        columns.push_back(column);
    }
    return columns;
}

const std::vector<schema::Type> two{schema::Int64(), schema::String()};

std::vector<std::string> csv(std::string_view text, const CsvDialect& dialect = {},
                             const std::vector<schema::Type>& types = two) {
    Records records;
    CsvReader reader(columns_of(types), dialect, records);
    reader.write(text);
    reader.finish();
    return records.lines;
}

std::vector<std::string> ndjson(std::string_view text) {
    Records records;
    NdjsonReader reader(columns_of(two), records);
    reader.write(text);
    reader.finish();
    return records.lines;
}

/// The pieces are as long as it pleases, up to far more than a reader keeps.
template <class Reader>
std::vector<std::string> in_pieces(Reader& reader, const Records& records, std::string_view text, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<std::size_t> small(1, 100);
    std::uniform_int_distribution<std::size_t> large(1, 400'000);
    while (!text.empty()) {
        const std::size_t size = std::min(random() % 50 == 0 ? large(random) : small(random), text.size());
        // A copy of its own, so that a read beyond the piece is seen by a sanitizer.
        reader.write(std::string(text.substr(0, size)));
        text.remove_prefix(size);
    }
    reader.finish();
    return records.lines;
}

TEST(TestCsvReader, FieldsAreAsClickHouseReadsThem) {
    EXPECT_THAT(csv("1,x\n2,\"a,\"\"b\"\"\nc\"\r\n 3 , y z \n,\\N\n4,\"\"\n5,\"\\N\""),
                ElementsAre("1|x", "2|a,\"b\"\nc", "3|y z", "<absent>|<null>", "4|", "5|\\N"));
}

TEST(TestCsvReader, AHeaderSaysWhichColumnsThereAre) {
    EXPECT_THAT(csv("b,a\nx,1\n"), ElementsAre("1|x"));
    EXPECT_THAT(csv("\xEF\xBB\xBF\"b\"\nx\n"), ElementsAre("<absent>|x"));
    EXPECT_THAT(csv("b,c\nx,1\n"), ElementsAre("b|c", "x|1"));
    EXPECT_THAT(csv("b,b\n"), ElementsAre("b|b"));
}

TEST(TestCsvReader, WhatIsNoRecordDoesNotShiftOthers) {
    EXPECT_THAT(csv("1\n\n2,x,y\n\"3\"x,z\n4,ok\n5,\"open\n6,lost\n"),
                ElementsAre("!1 fields where 2 are expected", "!3 fields where 2 are expected",
                            "!field 1 has text behind its closing quote", "4|ok", "!a quote is not closed"));
}

TEST(TestCsvReader, OneColumnMayBeEmpty) {
    EXPECT_THAT(csv("1\n\n\\N\n", {}, {schema::Int64()}), ElementsAre("1", "<absent>", "<null>"));
}

TEST(TestCsvReader, TuplesTakeAFieldForEachMember) {
    const std::vector<schema::Type> types{schema::Int64(), schema::Tuple({schema::UInt8(), schema::String()})};
    EXPECT_THAT(csv("1,2,\"it's\"\n3,\"(4,'x')\"\n5,6,\\N\n", {}, types),
                ElementsAre("1|('2','it\\'s')", "3|(4,'x')", "5|('6',NULL)"));
}

TEST(TestCsvReader, Dialects) {
    EXPECT_THAT(csv("1;x\r2;y", {.delimiter = ';', .new_line = '\r', .escape = {}}), ElementsAre("1|x", "2|y"));
    EXPECT_THAT(csv("1,\"a\\\"b\\\\\"\n2,c\\,d\n", {.delimiter = ',', .new_line = '\n', .escape = '\\'}),
                ElementsAre("1|a\"b\\", "2|c,d"));
    EXPECT_THAT(csv("1\t x \n", {.delimiter = '\t', .new_line = '\n', .escape = {}}), ElementsAre("1|x"));
}

TEST(TestCsvReader, PiecesMayEndAnywhere) {
    std::mt19937 random(7);
    const std::vector<std::string> fields{"x", "\"q\"\"q\"", "\"line\nbreak\"", "\"cr\r\n\"",
                                          "",  "\\N",        " blank ",         "\"\""};
    const std::vector<std::string> odd{"1,\"torn\"x\n", "\n", "1,2,3\n", "\r\n"};
    std::string text;
    while (text.size() < 2'000'000) {
        text += random() % 20 == 0 ? odd[random() % odd.size()]
                                   : std::to_string(random()) + "," + fields[random() % fields.size()] +
                                         (random() % 2 ? "\n" : "\r\n");
    }
    text += "9,\"" + std::string(600'000, 'l') + "\"\n1,last";
    const std::vector<std::string> whole = csv(text);
    ASSERT_GT(whole.size(), 50'000U);
    EXPECT_EQ(whole.back(), "1|last");
    for (unsigned seed = 0; seed < 5; ++seed) {
        Records records;
        CsvReader reader(columns_of(two), {}, records);
        EXPECT_TRUE(in_pieces(reader, records, text, seed) == whole) << "seed " << seed;
    }
}

TEST(TestNdjsonReader, TakesObjectsAndSkipsWhatTheyHaveTooMuch) {
    EXPECT_THAT(
        ndjson("{\"a\":1,\"b\":\"x\"}\n{\"z\":{\"a\":[2,{}]},\"b\":\"\\u00e9\\n\\ud83d\\ude00\",\"a\":-1.5e3}\n{}\n"),
        ElementsAre("1|x", "-1.5e3|é\n😀", "<absent>|<absent>"));
    EXPECT_THAT(ndjson("[{\"a\":null},\n {\"b\":[1, 2]}]\n{\"a\":true}{\"\\u0061\":2}"),
                ElementsAre("<null>|<absent>", "<absent>|[1, 2]", "true|<absent>", "2|<absent>"));
}

TEST(TestNdjsonReader, WhatIsNoObjectEndsWithItsLine) {
    for (const char* bad :
         {"nonsense", "1", "\"x\"", "{\"a\":1", "{\"a\":01}", "{\"a\":1,}", "{a:1}", "{\"a\":\"x}", "{\"a\":\"\\q\"}",
          "{\"a\":\"\\ud800\"}", "{\"a\":nul}", "{\"a\":[1}", "{\"a\":1 \"b\":2}", "{\"a\":NaN}", "{\"a\":\"\x01\"}"}) {
        const auto lines = ndjson(std::string("{\"a\":1}\n") + bad + "\n{\"a\":2}\n");
        ASSERT_EQ(lines.size(), 3U) << bad;
        EXPECT_EQ(lines[1][0], '!') << bad;
        EXPECT_EQ(lines[2], "2|<absent>") << bad;
    }
    EXPECT_THAT(ndjson("{\"a\":1,\"a\":2}\n{\"a\":3}"), ElementsAre("!a field comes twice", "3|<absent>"));
    EXPECT_THAT(ndjson("{\"a\":1}\n{\"a\":"), ElementsAre("1|<absent>", "!it is no JSON object"));
}

TEST(TestNdjsonReader, DepthIsBounded) {
    const std::string deep(100'000, '[');
    EXPECT_THAT(ndjson("{\"z\":" + deep + "\n{\"a\":1}\n"), ElementsAre("!it is no JSON object", "1|<absent>"));
}

TEST(TestNdjsonReader, PiecesMayEndAnywhere) {
    std::mt19937 random(8);
    const std::vector<std::string> values{"\"x\"", "\"\\\"\\\\\\u00e9\"", "null", "[1,[2,{}]]", "{\"b\":\"}\"}", "1e5",
                                          "true"};
    std::string text;
    while (text.size() < 2'000'000) {
        text += random() % 20 == 0
                    ? "{\"a\":1,\n"
                    : "{\"a\":" + std::to_string(random()) + ", \"b\" : " + values[random() % values.size()] + "}\n";
    }
    text += "{\"b\":\"" + std::string(600'000, 'l') + "\"}\n{\"a\":1}";
    const std::vector<std::string> whole = ndjson(text);
    ASSERT_GT(whole.size(), 50'000U);
    EXPECT_EQ(whole.back(), "1|<absent>");
    for (unsigned seed = 0; seed < 5; ++seed) {
        Records records;
        NdjsonReader reader(columns_of(two), records);
        EXPECT_TRUE(in_pieces(reader, records, text, seed) == whole) << "seed " << seed;
    }
}

TEST(TestNdjsonReader, PathsAreNamesOnly) {
    for (const char* path :
         {"$.a[0]", "$..a", "$.a[?(@.b)]", "a", "$.['a", "$.*", "$.", "$.['\\u00e9']", "$.['\\u12']"}) {
        schema::Column column;
        column.name = "a";
        column.jsonpath = path;
        EXPECT_THROW(fields_of_jsonpath(column), errors::InvalidArgument) << path;
    }
    schema::Column column;
    column.jsonpath = "$.a.['b c']['d\\'e'].f[:]";
    EXPECT_THAT(fields_of_jsonpath(column), ElementsAre("a", "b c", "d'e", "f"));
    // As the kit writes a backtick.
    column.jsonpath = schema::jsonpath_of("quo`ted");
    EXPECT_THAT(fields_of_jsonpath(column), ElementsAre("quo`ted"));
}

TEST(TestRecordReaders, ARecordWithoutEndIsRefused) {
    Records records;
    CsvReader reader(columns_of(two), {}, records);
    const std::string piece(8U << 20U, 'x');
    reader.write("1,\"");
    EXPECT_THROW(
        for (int i = 0; i < 20; ++i) { reader.write(piece); }, Refusal);
}

}  // namespace
}  // namespace tinybird_cdk::local::ingest
