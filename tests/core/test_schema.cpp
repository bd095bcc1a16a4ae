// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/schema.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace tinybird_cdk::schema {
namespace {

Column column(std::string name, Type type) {
    Column result;
    result.name = std::move(name);
    result.type = std::move(type);
    return result;
}

Schema with(std::vector<Column> columns) {
    Schema result;
    result.columns = std::move(columns);
    return result;
}

TEST(TestSchema, IsOneLineForTinybirdsParameter) {
    const Schema schema = with({column("id", Int64()), column("name", Nullable(String()))});
    EXPECT_EQ(schema.to_parameter(), "`id` Int64 `json:$.id`, `name` Nullable(String) `json:$.name`");
    EXPECT_EQ(schema.to_parameter(false), "`id` Int64, `name` Nullable(String)");
    EXPECT_EQ(Schema().to_parameter(), "");
}

TEST(TestSchema, ArraysAreReadElementByElement) {
    const Schema schema = with({column("tags", Array(String())), column("m", Map(String(), Array(Int8())))});
    EXPECT_EQ(schema.to_parameter(), "`tags` Array(String) `json:$.tags[:]`, `m` Map(String, Array(Int8)) `json:$.m`");
}

TEST(TestSchema, AJsonpathAndADefaultOfItsOwnAreKept) {
    Column own = column("a", Array(Int8()));
    own.jsonpath = "$.x.y[:]";
    own.default_expr = "[1]";
    EXPECT_EQ(with({own}).to_parameter(), "`a` Array(Int8) `json:$.x.y[:]` DEFAULT [1]");
    EXPECT_EQ(with({own}).to_parameter(false), "`a` Array(Int8) DEFAULT [1]");
}

TEST(TestSchema, OddNamesAreQuotedOnBothSides) {
    EXPECT_EQ(with({column("it's 100 %", String())}).to_parameter(), R"(`it's 100 %` String `json:$.['it\'s 100 %']`)");
    EXPECT_EQ(with({column("a`b\\c", String())}).to_parameter(), R"(`a\`b\\c` String `json:$.['a\u0060b\\c']`)");
    EXPECT_EQ(with({column("año", String())}).to_parameter(), "`año` String `json:$.['año']`");
    EXPECT_EQ(with({column("a.b", String())}).to_parameter(), "`a.b` String `json:$.['a.b']`");
    EXPECT_EQ(with({column("a\nb", String())}).to_parameter(), "`a\\nb` String `json:$.['a\\u000ab']`");
}

TEST(TestSchema, IsACompleteDatafile) {
    Schema schema = with({column("id", Int64()), column("day", Date32())});
    schema.sorting_key = {"id", "odd name"};
    schema.partition_key = "toYYYYMM(day)";
    schema.engine = "ReplacingMergeTree";
    EXPECT_EQ(schema.to_datafile("Flights\r\n\nfrom New York"),
              "DESCRIPTION >\n"
              "    Flights\n"
              "\n"
              "    from New York\n"
              "\n"
              "SCHEMA >\n"
              "    `id` Int64 `json:$.id`,\n"
              "    `day` Date32 `json:$.day`\n"
              "\n"
              "ENGINE \"ReplacingMergeTree\"\n"
              "ENGINE_PARTITION_KEY \"toYYYYMM(day)\"\n"
              "ENGINE_SORTING_KEY \"id, `odd name`\"\n");
}

/// What no version of `tb` reads becomes an underscore; two names that then are one get a hash of what they were.
TEST(TestSchema, ADatafileHasNamesThatTbCanRead) {
    Schema schema = with({column("a b", Int64()), column("a_b", Int64()), column("x.y", Array(Int8())),
                          column("INDEX", Bool()), column("q\"`\\", String()), column("año", String())});
    schema.sorting_key = {"a b", "INDEX"};
    EXPECT_EQ(schema.to_datafile(),
              "SCHEMA >\n"
              "    `a_b_10a3f9f2` Int64 `json:$.a_b_10a3f9f2`,\n"
              "    `a_b` Int64 `json:$.a_b`,\n"
              "    `x_y` Array(Int8) `json:$.x_y[:]`,\n"
              "    `INDEX_` Bool `json:$.INDEX_`,\n"
              "    `q___` String `json:$.q___`,\n"
              "    `año` String `json:$.['año']`\n"
              "\n"
              "ENGINE \"MergeTree\"\n"
              "ENGINE_SORTING_KEY \"a_b_10a3f9f2, INDEX_\"\n");
}

TEST(TestSchema, WithoutKeysNamesTheEngineAndAnEmptyTuple) {
    EXPECT_EQ(with({column("id", Int64())}).to_datafile(),
              "SCHEMA >\n"
              "    `id` Int64 `json:$.id`\n"
              "\n"
              "ENGINE \"MergeTree\"\n"
              "ENGINE_SORTING_KEY \"tuple()\"\n");
    EXPECT_EQ(Schema().sorting_key_text(), "tuple()");
}

TEST(TestSchema, DataSourceNamesAreMadeFromAnyText) {
    const std::vector<std::pair<std::string_view, std::string_view>> cases{
        {"flights", "flights"},
        {"Flights_2013", "Flights_2013"},
        {"public.flights", "public_flights"},
        {"a  --  b", "a_b"},
        {"2013", "_2013"},
        {"", "_"},
        {"...", "_"},
        {"_a", "_a"},
        {"a__b", "a__b"},
        {"año nuevo", "a_o_nuevo"},
        {"\"quoted\"", "quoted_"},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(data_source_name(text), expected) << text;
    }
}

TEST(TestSchema, JsonpathsLeadBackToTheField) {
    for (const std::string& name :
         {std::string("a"), std::string("_a1"), std::string("1a"), std::string("a b"), std::string("a.b"),
          std::string("it's"), std::string("a\\'b\\"), std::string("`"), std::string("año"), std::string("a[:]"),
          std::string("']"), std::string("\n\t\0\x1F", 4), std::string("\\u0041"), std::string()}) {
        const std::string path = jsonpath_of(name);
        EXPECT_EQ(path.find('`'), std::string::npos) << "a backtick would end the path in a schema";
        EXPECT_EQ(field_of_jsonpath(path), name) << path;
        EXPECT_EQ(field_of_jsonpath(path + "[:]"), name) << path;
    }
}

TEST(TestSchema, PathsThatGoDeeperAreNoField) {
    for (const std::string_view path :
         {"", "$", "$.", "$[:]", "a", "$a", "$.a.b", "$.a[0]", "$.a[:].b", "$.['a'].b", "$.['a']['b']", "$.['a",
          "$.['a'", "$.['a\\']", "$.['\\u00e9']", "$.['\\u00']"}) {
        EXPECT_EQ(field_of_jsonpath(path), std::nullopt) << path;
    }
}

}  // namespace
}  // namespace tinybird_cdk::schema
