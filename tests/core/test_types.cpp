// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string again(std::string_view text) {
    return Type::parse(text).to_string();
}

TEST(TestTypes, AreReadAndWrittenAsClickHouseDoes) {
    for (const std::string_view text : {"Int8",
                                        "Int16",
                                        "Int32",
                                        "Int64",
                                        "Int128",
                                        "Int256",
                                        "UInt8",
                                        "UInt16",
                                        "UInt32",
                                        "UInt64",
                                        "UInt128",
                                        "UInt256",
                                        "Float32",
                                        "Float64",
                                        "Bool",
                                        "String",
                                        "UUID",
                                        "IPv4",
                                        "IPv6",
                                        "Date",
                                        "Date32",
                                        "DateTime",
                                        "JSON",
                                        "Point",
                                        "Ring",
                                        "LineString",
                                        "Polygon",
                                        "MultiPolygon",
                                        "Decimal(76, 76)",
                                        "Decimal(1, 0)",
                                        "FixedString(16)",
                                        "DateTime('Europe/Madrid')",
                                        "DateTime64(3)",
                                        "DateTime64(9, 'UTC')",
                                        "Array(Array(Nullable(Int8)))",
                                        "Map(String, Array(Int8))",
                                        "Map(LowCardinality(String), Float64)",
                                        "Tuple(Int8, Array(String))",
                                        "Tuple()",
                                        "Tuple(a Int8, `b c` Tuple(d String, e Nullable(UUID)))",
                                        "Nullable(Decimal(38, 10))",
                                        "LowCardinality(Nullable(String))",
                                        "LowCardinality(FixedString(2))",
                                        "Enum8('a' = -128, 'it\\'s' = 127)",
                                        "Enum16('x' = -32768, '' = 32767)",
                                        "Array(Tuple(Point, Enum8('a' = 1)))"}) {
        EXPECT_EQ(again(text), text);
        EXPECT_EQ(Type::parse(again(text)), Type::parse(text));
    }
}

/// Right: what ClickHouse 26.7 says for `toTypeName(CAST(… AS left))`.
TEST(TestTypes, AliasesMeanWhatTheyMeanToClickHouse) {
    const std::vector<std::pair<std::string_view, std::string_view>> cases{
        {"DateTime(3)", "DateTime64(3)"},
        {"DateTime(3, 'UTC')", "DateTime64(3, 'UTC')"},
        {"DateTime32", "DateTime"},
        {"DateTime32('UTC')", "DateTime('UTC')"},
        {"TIMESTAMP", "DateTime"},
        {"DateTime64", "DateTime64(3)"},
        {"DateTime64(3,'')", "DateTime64(3)"},
        {"Decimal", "Decimal(10, 0)"},
        {"Decimal(5)", "Decimal(5, 0)"},
        {"DEC(5,2)", "Decimal(5, 2)"},
        {"NUMERIC(5,2)", "Decimal(5, 2)"},
        {"FIXED(5,2)", "Decimal(5, 2)"},
        {"Decimal32(3)", "Decimal(9, 3)"},
        {"Decimal64(3)", "Decimal(18, 3)"},
        {"Decimal128(3)", "Decimal(38, 3)"},
        {"Decimal256(3)", "Decimal(76, 3)"},
        {"Enum('a'=1000)", "Enum16('a' = 1000)"},
        {"Enum('a'=127)", "Enum8('a' = 127)"},
        {"Enum('a','b')", "Enum8('a' = 1, 'b' = 2)"},
        {"Enum8('b'=2,'a'=1)", "Enum8('a' = 1, 'b' = 2)"},
        {"Enum8('a''b'=1)", "Enum8('a\\'b' = 1)"},
        {"DOUBLE PRECISION", "Float64"},
        {"double  precision", "Float64"},
        {"DOUBLE", "Float64"},
        {"FLOAT(3)", "Float32"},
        {"REAL", "Float32"},
        {"INT", "Int32"},
        {"INT UNSIGNED", "UInt32"},
        {"INT(11)", "Int32"},
        {"INT(11) UNSIGNED", "UInt32"},
        {"int (11) unsigned", "UInt32"},
        {"BIGINT SIGNED", "Int64"},
        {"TINYINT UNSIGNED", "UInt8"},
        {"SMALLINT", "Int16"},
        {"boolean", "Bool"},
        {"VARCHAR(5)", "String"},
        {"CHARACTER VARYING(5)", "String"},
        {"NATIONAL CHARACTER LARGE OBJECT", "String"},
        {"TEXT", "String"},
        {"BINARY(3)", "FixedString(3)"},
        {"BINARY VARYING(3)", "String"},
        {"INET4", "IPv4"},
        {"Array(int)", "Array(Int32)"},
        {"Tuple(\n    `a b` Int8,\n    c_1 String)", "Tuple(`a b` Int8, c_1 String)"},
        {"Tuple(`a``b` Int8)", "Tuple(`a\\`b` Int8)"},
        {"Tuple(\"a\" Int8)", "Tuple(a Int8)"},
        {"Tuple(Array Int8)", "Tuple(Array Int8)"},
        {" Nullable( Int8 ) ", "Nullable(Int8)"},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(again(text), expected) << text;
    }
}

TEST(TestTypes, EscapesInLabelsAreReadAndWritten) {
    // Read as the characters 61 C3 A9 08 1B 0B 0C 5C 64 5C 25 5C 27 71 60 22, as ClickHouse 26.7 does.
    const Type type = Type::parse(R"(Enum8('a\xC3\xA9\b\e\v\f\d\%\\\'q\`\"'=1))");
    EXPECT_THAT(type.names(), ElementsAre("aé\b\x1B\v\f\\d\\%\\'q`\""));
    EXPECT_EQ(Type::parse(type.to_string()), type);
    const Type controls = Enum(Kind::enum8, {{std::string("\0\t\n\r\b\f\x01", 7), 1}});
    EXPECT_EQ(controls.to_string(), "Enum8('\\0\\t\\n\\r\\b\\f\x01' = 1)");
    EXPECT_EQ(Type::parse(controls.to_string()), controls);
    EXPECT_THAT(Type::parse("Enum8('\\xZZ' = 1)").names(), ElementsAre("\\xZZ"));
}

TEST(TestTypes, OfUnknownNamesAreKeptAsText) {
    for (const std::string_view text :
         {"SimpleAggregateFunction(sum, UInt64)", "AggregateFunction(quantiles(0.5, 0.9), UInt64)",
          "Nested(a Int8, b Array(String))", "Variant(Int8, String)", "Dynamic", "Time64(3)", "IntervalDay",
          "QBit(Float32, 8)", "Thing('a)b', `c)`)"}) {
        const Type type = Type::parse(text);
        EXPECT_EQ(type.kind(), Kind::other) << text;
        EXPECT_EQ(type.to_string(), text);
        EXPECT_EQ(Type::parse("Array(Nullable(" + std::string(text) + "))").to_string(),
                  "Array(Nullable(" + std::string(text) + "))");
    }
    EXPECT_NE(Type::parse("Dynamic"), Type::parse("IntervalDay"));
}

TEST(TestTypes, JsonKeepsItsArguments) {
    const Type type = Type::parse("JSON(max_dynamic_paths=8, `a.b` UInt32, SKIP x)");
    EXPECT_EQ(type.kind(), Kind::json);
    EXPECT_EQ(type.to_string(), "JSON(max_dynamic_paths=8, `a.b` UInt32, SKIP x)");
    EXPECT_EQ(Nullable(type).to_string(), "Nullable(JSON(max_dynamic_paths=8, `a.b` UInt32, SKIP x))");
    EXPECT_EQ(Type::parse("JSON"), JSON());
}

TEST(TestTypes, TellTheirParts) {
    const Type decimal = Type::parse("Nullable(Decimal(38, 10))");
    EXPECT_EQ(decimal.kind(), Kind::decimal);
    EXPECT_TRUE(decimal.nullable());
    EXPECT_EQ(decimal.precision(), 38);
    EXPECT_EQ(decimal.scale(), 10);

    const Type time = Type::parse("DateTime64(6, 'Europe/Madrid')");
    EXPECT_EQ(time.precision(), 6);
    EXPECT_EQ(time.timezone(), "Europe/Madrid");

    const Type tuple = Type::parse("Tuple(a Int32, `b c` LowCardinality(String))");
    EXPECT_THAT(tuple.names(), ElementsAre("a", "b c"));
    EXPECT_THAT(tuple.arguments(), ElementsAre(Int32(), LowCardinality(String())));

    const Type map = Type::parse("Map(String, Array(Int8))");
    EXPECT_THAT(map.arguments(), ElementsAre(String(), Array(Int8())));
    EXPECT_EQ(Type::parse("FixedString(16)").precision(), 16);
}

TEST(TestTypes, AreTheSameHoweverTheyAreMade) {
    EXPECT_EQ(Type(), String());
    EXPECT_EQ(Type::parse("Decimal(38,10)"), Decimal(38, 10));
    EXPECT_EQ(Type::parse("DateTime('UTC')"), DateTime("UTC"));
    EXPECT_EQ(Type::parse("Tuple(a Int8)"), Tuple({Int8()}, {"a"}));
    EXPECT_NE(Type::parse("Tuple(a Int8)"), Tuple({Int8()}));
    EXPECT_EQ(Type::parse("Enum8('b' = 2, 'a' = 1)"), Enum(Kind::enum8, {{"a", 1}, {"b", 2}}));
    EXPECT_EQ(Type::parse("Nullable(LowCardinality(String))"), LowCardinality(Nullable(String())));
    EXPECT_NE(Nullable(String()), String());
}

TEST(TestTypes, ContainersHaveNoNullableForm) {
    for (const Type& type : {Array(Int8()), Map(String(), Int8()), Tuple({Int8()}), Point(), Ring(), Polygon()}) {
        EXPECT_EQ(Nullable(type), type);
        EXPECT_EQ(LowCardinality(type), type);
    }
    EXPECT_FALSE(Type::parse("Nullable(Array(Int8))").nullable());
    EXPECT_EQ(Nullable(Int8()).with_nullable(false), Int8());
}

TEST(TestTypes, ThatMakeNoSenseAreRefused) {
    for (const std::string_view text : {"",
                                        " ",
                                        "(",
                                        ")",
                                        "Array",
                                        "Array(",
                                        "Array()",
                                        "Array(Int8",
                                        "Array(Int8))",
                                        "Array(Int8,Int8)",
                                        "Map(Int8)",
                                        "Map(Int8, Int8, Int8)",
                                        "Nullable",
                                        "Nullable()",
                                        "Nullable(Int8)x",
                                        "Int8 Int8",
                                        "Decimal(",
                                        "Decimal()",
                                        "Decimal(0, 0)",
                                        "Decimal(77, 0)",
                                        "Decimal(3, 4)",
                                        "Decimal(3, -1)",
                                        "Decimal(99999999999)",
                                        "Decimal32(10)",
                                        "FixedString",
                                        "FixedString(0)",
                                        "FixedString(x)",
                                        "DateTime64(10)",
                                        "DateTime64(-1)",
                                        "DateTime64()",
                                        "DateTime()",
                                        "DateTime('UTC)",
                                        "DateTime64(3, UTC)",
                                        "Enum8",
                                        "Enum8()",
                                        "Enum8(a = 1)",
                                        "Enum8('a' = )",
                                        "Enum8('a' = 128)",
                                        "Enum8('a' = -129)",
                                        "Enum16('a' = 32768)",
                                        "Enum8('a' = 1, 'a' = 2)",
                                        "Enum8('a' = 1, 'b' = 1)",
                                        "Enum8('a' = 1,)",
                                        "Tuple(a Int8, String)",
                                        "Tuple(Int8,)",
                                        "Tuple(a)x",
                                        "Foo(",
                                        "Foo('",
                                        "JSON(",
                                        "Int8(",
                                        "Int8)",
                                        "1 2",
                                        "Int8;",
                                        "`Int8`"}) {
        try {
            const Type type = Type::parse(text);
            ADD_FAILURE() << text << " was taken as " << type.to_string();
        } catch (const errors::InvalidArgument& error) {
            EXPECT_STRNE(error.what(), "") << text;
        }
    }
    EXPECT_THROW(Decimal(0, 0), errors::InvalidArgument);
    EXPECT_THROW(FixedString(0), errors::InvalidArgument);
    EXPECT_THROW(DateTime64(10), errors::InvalidArgument);
    EXPECT_THROW(Tuple({Int8(), Int8()}, {"a"}), errors::InvalidArgument);
    EXPECT_THROW(Enum(Kind::string, {{"a", 1}}), errors::InvalidArgument);
    EXPECT_THROW(Enum(Kind::enum8, {}), errors::InvalidArgument);
}

TEST(TestTypes, ARefusalNamesTheTypeAndThePlace) {
    try {
        Type::parse("Array(Int8");
        FAIL();
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("\"Array(Int8\""));
        EXPECT_THAT(error.what(), HasSubstr("position 10"));
    }
}

TEST(TestTypes, DeepNestingIsRefusedNotFollowed) {
    std::string text = "Int8";
    for (int i = 0; i < 50; ++i) {
        text.insert(0, "Array(").append(")");
    }
    EXPECT_EQ(again(text), text);
    std::string deep;
    for (int i = 0; i < 1'000'000; ++i) {
        deep += "Array(";
    }
    EXPECT_THROW(Type::parse(deep), errors::InvalidArgument);
    EXPECT_THROW(Type::parse("Foo(" + std::string(1'000'000, '(')), errors::InvalidArgument);
}

TEST(TestTypes, EveryCutOfATypeIsReadOrRefused) {
    const std::string text =
        R"(Tuple(a Map(String, Decimal(5, 2)), `b` Enum8('x\'' = -1, 'y' = 2), c DateTime64(3, 'UTC'), d INT(11) UNSIGNED))";
    ASSERT_NO_THROW(Type::parse(text));
    for (std::size_t size = std::string_view("Tuple(").size(); size < text.size(); ++size) {
        EXPECT_THROW(Type::parse(std::string_view(text).substr(0, size)), errors::InvalidArgument) << size;
    }
}

}  // namespace
}  // namespace tinybird_cdk::schema
