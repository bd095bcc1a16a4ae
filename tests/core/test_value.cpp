// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/value.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Value number(std::int64_t value) {
    return value;
}

TEST(TestValue, ReadsEachKind) {
    EXPECT_EQ(Value::from_json("null"), Value());
    EXPECT_TRUE(Value::from_json("null").is_null());
    EXPECT_EQ(Value::from_json(" true "), Value(true));
    EXPECT_EQ(Value::from_json("\"a\\u00e9\""), Value("aé"));
    EXPECT_EQ(Value::from_json("[1,\"x\",[]]"), Value(Value::List{number(1), "x", Value::List{}}));
    EXPECT_EQ(Value::from_json("{\"a\":{\"b\":null}}"), Value(Value::Record{{"a", Value::Record{{"b", nullptr}}}}));
}

TEST(TestValue, IntegersAreExactOverTheirWholeRange) {
    EXPECT_EQ(Value::from_json("0"), number(0));
    EXPECT_EQ(Value::from_json("9007199254740993"), number(9'007'199'254'740'993));
    EXPECT_EQ(Value::from_json("9223372036854775807"), number(std::numeric_limits<std::int64_t>::max()));
    EXPECT_EQ(Value::from_json("-9223372036854775808"), number(std::numeric_limits<std::int64_t>::min()));
    EXPECT_EQ(Value::from_json("9223372036854775808"), Value(std::uint64_t{9'223'372'036'854'775'808U}));
    EXPECT_EQ(Value::from_json("18446744073709551615"), Value(std::numeric_limits<std::uint64_t>::max()));
    for (const std::string text : {"18446744073709551616", "-9223372036854775809",
                                   "115792089237316195423570985008687907853269984665640564039457584007913129639935"}) {
        EXPECT_EQ(Value::from_json(text), Value(Value::Digits{text}));
    }
}

TEST(TestValue, DecimalsThatADoubleWouldChangeKeepTheirDigits) {
    for (const std::string text :
         {"0.1000000000000000055511151231257827", "12345678901234567890.5", "1e400", "-1e400", "1e-400",
          "1e99999999999999999999", "0.30000000000000004441", "9007199254740993.0"}) {
        EXPECT_EQ(Value::from_json(text), Value(Value::Digits{text})) << text;
        EXPECT_EQ(Value::from_json(text).to_json(), text);
    }
}

TEST(TestValue, DecimalsThatADoubleHoldsBecomeOne) {
    const std::vector<std::pair<std::string_view, double>> cases{
        {"0.1", 0.1},
        {"1.10", 1.1},
        {"-2.5e3", -2500.0},
        {"1E2", 100.0},
        {"1e22", 1e22},
        {"1e23", 1e23},
        {"0.0", 0.0},
        {"0e99999999999999999999", 0.0},
        {"5e-324", 5e-324},
        {"2.2250738585072014e-308", 2.2250738585072014e-308},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"0.30000000000000004", 0.30000000000000004},
        {"123456.789", 123456.789},
        {"100000000000000000000.0", 1e20},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(Value::from_json(text), Value(expected)) << text;
    }
}

TEST(TestValue, AZeroKeepsItsSign) {
    for (const std::string_view text : {"-0", "-0.0", "-0e5"}) {
        const Value value = Value::from_json(text);
        const auto* zero = std::get_if<double>(&value.variant());
        ASSERT_NE(zero, nullptr) << text;
        EXPECT_TRUE(std::signbit(*zero)) << text;
        EXPECT_EQ(value.to_json(), "-0");
    }
}

TEST(TestValue, FieldsKeepTheirOrderAndMayRepeat) {
    const Value value = Value::from_json("{\"b\":1,\"a\":2,\"b\":3}");
    EXPECT_EQ(value, Value(Value::Record{{"b", number(1)}, {"a", number(2)}, {"b", number(3)}}));
    EXPECT_EQ(value.at("b"), number(1)) << "the first one";
    EXPECT_EQ(value.to_json(), "{\"b\":1,\"a\":2,\"b\":3}");
}

TEST(TestValue, AFieldThatIsNotThereIsNamed) {
    const Value record = Value::Record{{"a", nullptr}};
    EXPECT_TRUE(record.at("a").is_null());
    for (const Value& value : {record, Value("text"), Value(Value::List{}), Value()}) {
        try {
            static_cast<void>(value.at("missing"));
            ADD_FAILURE();
        } catch (const errors::InvalidArgument& error) {
            EXPECT_THAT(error.what(), HasSubstr("\"missing\""));
        }
    }
}

TEST(TestValue, WritesJsonOnOneLine) {
    const Value value =
        Value::Record{{"a\"\n", Value::List{nullptr, true, false, number(-5), 2.5, "x\ty", Value::List{}}},
                      {"", Value::Record{}},
                      {"d", Value::Digits{"123456789012345678901234567890.10"}}};
    EXPECT_EQ(value.to_json(),
              R"({"a\"\n":[null,true,false,-5,2.5,"x\ty",[]],"":{},"d":123456789012345678901234567890.10})");
    EXPECT_EQ(Value::from_json(value.to_json()), value);
}

TEST(TestValue, FloatsAreWrittenWithTheFewestDigits) {
    EXPECT_EQ(Value(0.1).to_json(), "0.1");
    EXPECT_EQ(Value(1e23).to_json(), "1e+23");
    EXPECT_EQ(Value(5e-324).to_json(), "5e-324");
    EXPECT_EQ(Value(1.0 / 3).to_json(), "0.3333333333333333");
    EXPECT_EQ(Value(-0.0).to_json(), "-0");
}

TEST(TestValue, WhatJsonHasNoNumberForIsText) {
    EXPECT_EQ(Value(std::nan("")).to_json(), "\"NaN\"");
    EXPECT_EQ(Value(std::numeric_limits<double>::infinity()).to_json(), "\"Infinity\"");
    EXPECT_EQ(Value(-std::numeric_limits<double>::infinity()).to_json(), "\"-Infinity\"");
    EXPECT_EQ(Value(Value::Digits{"NaN"}).to_json(), "\"NaN\"");
    EXPECT_EQ(Value(Value::Digits{"1,\"x\":2"}).to_json(), R"("1,\"x\":2")");
}

TEST(TestValue, TextIsWhatAScriptWouldInterpolate) {
    EXPECT_EQ(Value("a \"b\"").to_text(), "a \"b\"");
    EXPECT_EQ(Value().to_text(), "null");
    EXPECT_EQ(Value(true).to_text(), "true");
    EXPECT_EQ(number(-7).to_text(), "-7");
    EXPECT_EQ(Value(std::numeric_limits<std::uint64_t>::max()).to_text(), "18446744073709551615");
    EXPECT_EQ(Value(0.5).to_text(), "0.5");
    EXPECT_EQ(Value(std::nan("")).to_text(), "NaN");
    EXPECT_EQ(Value(Value::Digits{"1.10"}).to_text(), "1.10");
    EXPECT_EQ(Value(Value::Digits{"NaN"}).to_text(), "NaN");
    EXPECT_EQ(Value(Value::List{"a"}).to_text(), "[\"a\"]");
}

TEST(TestValue, WhatIsNoJsonIsRefusedWithThePlaceAndNoContent) {
    try {
        Value::from_json("{\"secret\": hunter2}");
        FAIL();
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("at byte 11"), Not(HasSubstr("hunter2"))));
    }
    for (const std::string_view text : {"", "[1", "1 2", "\"\xFF\"", "{\"a\":1,}", "NaN"}) {
        EXPECT_THROW(Value::from_json(text), errors::InvalidArgument) << text;
    }
    EXPECT_THROW(Value::from_json(std::string_view("1\0x", 3)), errors::InvalidArgument);
}

TEST(TestValue, DeepNestingIsRefused) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_EQ(Value::from_json(nested(512)).to_json(), nested(512));
    EXPECT_THROW(Value::from_json(nested(513)), errors::InvalidArgument);
    EXPECT_THROW(Value::from_json(std::string(1'000'000, '[')), errors::InvalidArgument);
}

TEST(TestValue, TheScalarIsTheFirstValueOfTheFirstRow) {
    EXPECT_EQ(scalar({{{"a", number(1)}, {"b", number(2)}}, {{"a", number(3)}}}), number(1));
    EXPECT_TRUE(scalar({}).is_null());
    EXPECT_TRUE(scalar({{}}).is_null());
}

}  // namespace
}  // namespace tinybird_cdk
