// SPDX-License-Identifier: Apache-2.0
// Numbers against the types of their targets.
#include <cstdint>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/encode/written.hpp"

namespace tinybird_cdk::testing {
namespace {

using ::testing::HasSubstr;

const double nan_value = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();

Rows integer(std::int64_t value) {
    return [value](RowWriter& w) { w.int64(value); };
}
Rows digits(std::string value) {
    return [value = std::move(value)](RowWriter& w) { w.integer(value); };
}
Rows decimal(std::string value) {
    return [value = std::move(value)](RowWriter& w) { w.decimal(value); };
}
Rows real(double value) {
    return [value](RowWriter& w) { w.float64(value); };
}

struct Fit {
    const char* type;
    const char* smallest;
    const char* largest;
};

class IntegerTargets : public ::testing::TestWithParam<Fit> {};

TEST_P(IntegerTargets, TakeTheirRangeAndRefuseWhatIsBeyond) {
    const Fit fit = GetParam();
    const auto beyond = [](std::string limit) {
        // No limit ends in 9, and only the unsigned types begin at 0.
        if (limit == "0") {
            return std::string("-1");
        }
        ++limit.back();
        return limit;
    };
    for (const char* limit : {fit.smallest, fit.largest}) {
        EXPECT_EQ(csv(fit.type, digits(limit)), limit);
        EXPECT_EQ(csv(fit.type, decimal(std::string(limit) + ".00")), limit);
        EXPECT_THAT(refusal(fit.type, digits(beyond(limit))), HasSubstr(beyond(limit).substr(0, 60)));
        EXPECT_EQ(csv(fit.type, digits(beyond(limit)), "number_range=clamp"), limit);
        EXPECT_EQ(csv(std::string("Nullable(") + fit.type + ")", digits(beyond(limit)), "number_range=null"), "");
        EXPECT_EQ(json(fit.type, digits(beyond(limit)), "number_range=text"), '"' + beyond(limit) + '"');
    }
    EXPECT_EQ(csv(fit.type, decimal("-Infinity"), "infinity=clamp"), fit.smallest);
    EXPECT_EQ(csv(fit.type, decimal("Infinity"), "infinity=clamp"), fit.largest);
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, IntegerTargets,
    ::testing::Values(
        Fit{"Int8", "-128", "127"}, Fit{"Int16", "-32768", "32767"}, Fit{"Int32", "-2147483648", "2147483647"},
        Fit{"Int64", "-9223372036854775808", "9223372036854775807"},
        Fit{"Int128", "-170141183460469231731687303715884105728", "170141183460469231731687303715884105727"},
        Fit{"Int256", "-57896044618658097711785492504343953926634992332820282019728792003956564819968",
            "57896044618658097711785492504343953926634992332820282019728792003956564819967"},
        Fit{"UInt8", "0", "255"}, Fit{"UInt16", "0", "65535"}, Fit{"UInt32", "0", "4294967295"},
        Fit{"UInt64", "0", "18446744073709551615"}, Fit{"UInt128", "0", "340282366920938463463374607431768211455"},
        Fit{"UInt256", "0", "115792089237316195423570985008687907853269984665640564039457584007913129639935"}),
    [](const ::testing::TestParamInfo<Fit>& fit) { return std::string(fit.param.type); });

TEST(IntegerTargets, CheckNativeIntegersTheSameWay) {
    EXPECT_EQ(csv("UInt8", integer(255)), "255");
    EXPECT_NE(refusal("UInt8", integer(256)), "");
    EXPECT_NE(refusal("UInt64", integer(-1)), "");
    EXPECT_NE(refusal("Int64", [](RowWriter& w) { w.uint64(std::uint64_t{1} << 63U); }), "");
    EXPECT_EQ(csv("UInt256", [](RowWriter& w) { w.uint64(std::uint64_t{1} << 63U); }), "9223372036854775808");
    EXPECT_NE(refusal("UInt256", integer(-1)), "");
}

TEST(IntegerTargets, RefuseFractions) {
    EXPECT_THAT(refusal("Int32", decimal("1.5")), HasSubstr("1.5 can't be held by Int32 (it has a fraction)"));
    EXPECT_NE(refusal("Int32", real(0.5)), "");
    EXPECT_EQ(csv("Int32", real(3.0)), "3");
    EXPECT_EQ(csv("UInt32", real(-0.0)), "0");
    EXPECT_EQ(csv("UInt32", decimal("-0.00")), "0");
    EXPECT_EQ(csv("UInt64", real(1e19)), "10000000000000000000");
    EXPECT_EQ(csv("Int32", decimal("1.5"), "number_range=clamp"), "2");
    EXPECT_EQ(csv("UInt8", decimal("255.4"), "number_range=clamp"), "255");
    EXPECT_EQ(csv("UInt8", decimal("255.5"), "number_range=clamp"), "255");
}

TEST(UnknownTargets, TakeAnyNumberButNoNan) {
    EXPECT_EQ(csv("", digits("123456789012345678901234567890")), "123456789012345678901234567890");
    EXPECT_EQ(csv("", decimal("0.123456789012345678901234567890")), "0.123456789012345678901234567890");
    EXPECT_THAT(refusal("", real(nan_value)),
                HasSubstr("row 1, column \"c\": NaN can't be held by a column whose type"));
    EXPECT_NE(refusal("", real(-infinity)), "");
    EXPECT_NE(refusal("", decimal("NaN")), "");
    EXPECT_EQ(csv("", real(nan_value), "nan=null"), "");
    EXPECT_EQ(json("", real(nan_value), "nan=null"), "null");
    EXPECT_EQ(json("", real(-infinity), "infinity=text"), "\"-Infinity\"");
    EXPECT_NE(refusal("", real(infinity), "infinity=clamp"), "");
}

TEST(DecimalTargets, TakeWhatFitsPrecisionAndScale) {
    EXPECT_EQ(csv("Decimal(10, 2)", decimal("12345678.90")), "12345678.90");
    EXPECT_EQ(csv("Decimal(10, 2)", decimal("1.5000000")), "1.5000000");
    EXPECT_EQ(csv("Decimal(4, 4)", decimal("-0.1234")), "-0.1234");
    EXPECT_EQ(csv("Decimal(38, 0)", integer(5)), "5");
    EXPECT_EQ(csv("Decimal(10, 2)", real(0.25)), "0.25");
    EXPECT_EQ(csv("Decimal(38, 2)", [](RowWriter& w) { w.float32(1e20F); }), "100000002004087734272");
    EXPECT_EQ(csv("Decimal(10, 2)", [](RowWriter& w) { w.float32(0.1F); }), "0.1");
}

TEST(DecimalTargets, RefuseWhatWouldLoseDigits) {
    EXPECT_THAT(refusal("Decimal(10, 2)", decimal("NaN")), HasSubstr("NaN can't be held by Decimal(10, 2)"));
    EXPECT_THAT(refusal("Decimal(10, 2)", decimal("1.005")), HasSubstr("more digits behind the point"));
    EXPECT_NE(refusal("Decimal(10, 2)", decimal("123456789.0")), "");
    EXPECT_NE(refusal("Decimal(10, 2)", integer(100'000'000)), "");
    EXPECT_NE(refusal("Decimal(10, 2)", real(0.125)), "");
    EXPECT_NE(refusal("Decimal(4, 4)", integer(1)), "");
}

TEST(DecimalTargets, ClampToTheNearest) {
    EXPECT_EQ(csv("Decimal(10, 2)", decimal("1.005"), "number_range=clamp"), "1.01");
    EXPECT_EQ(csv("Decimal(10, 2)", decimal("-123456789012"), "number_range=clamp"), "-99999999.99");
    EXPECT_EQ(csv("Decimal(4, 2)", decimal("99.999"), "number_range=clamp"), "99.99");
    EXPECT_EQ(csv("Decimal(4, 4)", decimal("-Infinity"), "infinity=clamp"), "-0.9999");
    EXPECT_EQ(csv("Decimal(4, 0)", decimal("Infinity"), "infinity=clamp"), "9999");
    EXPECT_EQ(json("Nullable(Decimal(4, 2))", decimal("NaN"), "nan=null"), "null");
    EXPECT_EQ(json("Decimal(4, 2)", decimal("NaN"), "nan=text"), "\"NaN\"");
}

TEST(FloatTargets, TakeIntegersTheyHoldExactly) {
    EXPECT_EQ(csv("Float64", integer(9007199254740992)), "9007199254740992");
    EXPECT_THAT(refusal("Float64", integer(9007199254740993)), HasSubstr("9007199254740993 can't be held by Float64"));
    EXPECT_EQ(csv("Float32", integer(16777216)), "16777216");
    EXPECT_NE(refusal("Float32", integer(16777217)), "");
    EXPECT_EQ(csv("Float64", integer(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
    EXPECT_NE(refusal("Float64", [](RowWriter& w) { w.uint64(std::numeric_limits<std::uint64_t>::max()); }), "");
    EXPECT_EQ(csv("Float64", integer(9007199254740993), "number_range=clamp"), "9007199254740992");
    EXPECT_EQ(csv("Float64", digits("1" + std::string(400, '0')), "number_range=clamp"), "1.7976931348623157e+308");
    EXPECT_EQ(csv("Float32", digits("1" + std::string(40, '0')), "number_range=clamp"), "3.4028235e+38");
}

TEST(FloatTargets, TakeDecimalsAsChosenByWhoeverMadeTheColumn) {
    EXPECT_EQ(csv("Float64", decimal("0.1234567890123456789")), "0.1234567890123456789");
    EXPECT_NE(refusal("Float64", decimal("1" + std::string(400, '0'))), "");
    EXPECT_NE(refusal("Float32", decimal("1" + std::string(39, '0'))), "");
    EXPECT_EQ(csv("Float64", decimal("1" + std::string(39, '0'))), "1" + std::string(39, '0'));
}

TEST(FloatTargets, OfHalfTheSizeTakeWhatComesBack) {
    EXPECT_EQ(csv("Float32", real(0.5)), "0.5");
    EXPECT_THAT(refusal("Float32", real(0.1)), HasSubstr("0.1 can't be held by Float32"));
    EXPECT_NE(refusal("Float32", real(1e300)), "");
    EXPECT_EQ(csv("Float32", real(1e300), "number_range=clamp"), "3.4028235e+38");
    EXPECT_EQ(csv("Float32", real(0.1), "number_range=clamp"), "0.1");
    EXPECT_EQ(csv("Float32", real(0.1), "number_range=text"), "0.1");
    EXPECT_EQ(csv("Float64", [](RowWriter& w) { w.float32(0.1F); }), "0.10000000149011612");
}

TEST(BoolTargets, TakeTruthsZeroAndOne) {
    EXPECT_EQ(csv("Bool", integer(1)), "true");
    EXPECT_EQ(csv("Bool", integer(0)), "false");
    EXPECT_EQ(csv("Bool", decimal("1.0")), "true");
    EXPECT_NE(refusal("Bool", integer(2)), "");
    EXPECT_NE(refusal("Bool", real(0.5)), "");
    EXPECT_EQ(csv("Bool", integer(7), "number_range=clamp"), "true");
    EXPECT_EQ(csv("Bool", integer(-7), "number_range=clamp"), "false");
}

TEST(TextTargets, TakeAnyNumberAsItIsWritten) {
    EXPECT_EQ(csv("String", real(nan_value)), "NaN");
    EXPECT_EQ(json("String", real(-infinity)), "\"-Infinity\"");
    EXPECT_EQ(csv("String", decimal("NaN")), "NaN");
    EXPECT_EQ(csv("LowCardinality(String)", digits("1" + std::string(300, '0'))), "1" + std::string(300, '0'));
}

TEST(DateTargets, TakeNoNumbersButTheSecondsOfADateTime) {
    EXPECT_EQ(csv("DateTime", integer(1577836800)), "2020-01-01 00:00:00");
    EXPECT_EQ(csv("DateTime('Asia/Tokyo')", integer(5)), "1970-01-01 00:00:05Z");
    EXPECT_NE(refusal("DateTime", integer(-1)), "");
    EXPECT_NE(refusal("DateTime", integer(4294967296)), "");
    EXPECT_EQ(csv("DateTime", integer(4294967296), "number_range=clamp"), "2106-02-07 06:28:15");
    EXPECT_THAT(refusal("DateTime64(3)", integer(5)), HasSubstr("no one meaning"));
    EXPECT_NE(refusal("Date", integer(5)), "");
    EXPECT_NE(refusal("Date", real(5)), "");
}

TEST(Numbers, GoIntoNoContainerNorDocument) {
    for (const char* type : {"Array(Int32)", "Map(String, Int32)", "Tuple(Int32)", "JSON", "Point"}) {
        EXPECT_NE(refusal(type, integer(1)), "") << type;
        EXPECT_NE(refusal(type, decimal("1.5")), "") << type;
        EXPECT_NE(refusal(type, real(1)), "") << type;
        EXPECT_NE(refusal(type, [](RowWriter& w) { w.boolean(true); }), "") << type;
    }
}

TEST(Numbers, ThatAreNoneAreADefectOfTheConnector) {
    for (const char* type : {"", "String", "Int64", "Decimal(10, 2)"}) {
        for (const char* text : {"", "abc", "1,2", "1\n", "0x1", "1e5", "--1"}) {
            EXPECT_THROW(csv(type, digits(text)), errors::Error) << type << text;
            EXPECT_THROW(csv(type, decimal(text)), errors::Error) << type << text;
        }
        EXPECT_THROW(csv(type, digits("007")), errors::Error);
        EXPECT_THROW(csv(type, digits("1.0")), errors::Error);
    }
}

TEST(Decimals, OfOddFormsBecomeNumbers) {
    EXPECT_EQ(json("", decimal(".5")), "0.5");
    EXPECT_EQ(json("", decimal("+5.")), "5");
    EXPECT_EQ(json("Decimal(10, 2)", decimal("-007.50")), "-7.50");
}

}  // namespace
}  // namespace tinybird_cdk::testing
