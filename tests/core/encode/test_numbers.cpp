// SPDX-License-Identifier: Apache-2.0
#include "encode/numbers.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace tinybird_cdk::encode {
namespace {

template <class Number>
std::string text_of(Number value) {
    char text[longest_number_text];
    return {text, write_number(text, value)};
}

TEST(Integers, AreExactAtTheirLimits) {
    EXPECT_EQ(text_of(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
    EXPECT_EQ(text_of(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
    EXPECT_EQ(text_of(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
    EXPECT_EQ(text_of(std::int64_t{9007199254740993}), "9007199254740993");
}

TEST(Floats, GiveTheSameBitsBack) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 200'000; ++i) {
        const double value = std::bit_cast<double>(random());
        const float narrow = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
        if (std::isfinite(value)) {
            ASSERT_EQ(std::bit_cast<std::uint64_t>(std::strtod(text_of(value).c_str(), nullptr)),
                      std::bit_cast<std::uint64_t>(value));
            ASSERT_EQ(std::strtod(fixed_text(value).c_str(), nullptr), value);
        }
        if (std::isfinite(narrow)) {
            ASSERT_EQ(std::strtof(text_of(narrow).c_str(), nullptr), narrow);
        }
    }
}

TEST(Floats, HaveTheFewestDigits) {
    EXPECT_EQ(text_of(0.1), "0.1");
    EXPECT_EQ(text_of(0.1F), "0.1");
    EXPECT_EQ(text_of(1.0), "1");
    EXPECT_EQ(text_of(-0.0), "-0");
    EXPECT_EQ(text_of(1e22), "1e+22");
    EXPECT_EQ(text_of(5e-324), "5e-324");
    EXPECT_EQ(text_of(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
}

TEST(FixedText, HasNoExponent) {
    EXPECT_EQ(fixed_text(1e22), "10000000000000000000000");
    EXPECT_EQ(fixed_text(1180591620717411303424.0), "1180591620717411303424");  // 2^70
    EXPECT_EQ(fixed_text(1e-7), "0.0000001");
    EXPECT_EQ(fixed_text(0.1F), "0.1");
    EXPECT_EQ(fixed_text(std::numeric_limits<double>::max()).size(), 309U);
    EXPECT_EQ(fixed_text(std::numeric_limits<double>::denorm_min()).size(), 326U);
}

TEST(DecimalShapes, CountDigitsThatMatter) {
    struct Case {
        const char* digits;
        bool valid;
        bool canonical;
        std::size_t integer;
        std::size_t fraction;
        std::size_t written;
    };
    for (const Case& c :
         {Case{"0", true, true, 0, 0, 1}, Case{"-0.10", true, true, 0, 1, 3}, Case{"12.340", true, true, 2, 2, 5},
          Case{"-0012.3", true, false, 2, 1, 5}, Case{"+1", true, false, 1, 0, 1}, Case{".5", true, false, 0, 1, 1},
          Case{"5.", true, false, 1, 0, 1}, Case{"100", true, true, 3, 0, 3}, Case{"", false, false, 0, 0, 0},
          Case{"-", false, false, 0, 0, 0}, Case{".", false, false, 0, 0, 0}, Case{"1e5", false, false, 1, 0, 1},
          Case{"1.2.3", false, false, 1, 1, 2}, Case{"1 ", false, false, 1, 0, 1}}) {
        const DecimalShape shape = shape_of(c.digits);
        EXPECT_EQ(shape.valid, c.valid) << c.digits;
        EXPECT_EQ(shape.canonical, c.canonical) << c.digits;
        EXPECT_EQ(shape.integer, c.integer) << c.digits;
        EXPECT_EQ(shape.fraction, c.fraction) << c.digits;
        EXPECT_EQ(shape.written, c.written) << c.digits;
    }
}

TEST(Canonical, IsANumberInJson) {
    EXPECT_EQ(canonical("+.50"), "0.50");
    EXPECT_EQ(canonical("-0012.3"), "-12.3");
    EXPECT_EQ(canonical("5."), "5");
    EXPECT_EQ(canonical("000"), "0");
    EXPECT_EQ(canonical("1.0"), "1.0");
}

TEST(Rounded, GoesHalfAwayFromZero) {
    EXPECT_EQ(rounded("1.005", 2), "1.01");
    EXPECT_EQ(rounded("1.004", 2), "1.00");
    EXPECT_EQ(rounded("-1.005", 2), "-1.01");
    EXPECT_EQ(rounded("9.999", 2), "10.00");
    EXPECT_EQ(rounded("0.95", 1), "1.0");
    EXPECT_EQ(rounded("99.5", 0), "100");
    EXPECT_EQ(rounded("99.4", 0), "99");
    EXPECT_EQ(rounded("-0.4", 0), "0");
    EXPECT_EQ(rounded("-0.5", 0), "-1");
    EXPECT_EQ(rounded("0.5", 0), "1");
    EXPECT_EQ(rounded("12", 4), "12");
    EXPECT_EQ(rounded("12.3", 4), "12.3");
    EXPECT_EQ(rounded("-0.0001", 2), "0.00");
    EXPECT_EQ(rounded("1.9", 0), "2");
}

TEST(FitsInteger, AtTheLimitsOfEachSize) {
    for (const int bits : {8, 16, 32, 64, 128, 256}) {
        for (const bool is_signed : {false, true}) {
            for (const bool smallest : {false, true}) {
                const std::string limit(integer_limit(bits, is_signed, smallest));
                EXPECT_TRUE(fits_integer(limit, bits, is_signed)) << limit;
                // One beyond: the last digit of no limit is 9, and 0 only where the limit is 0.
                std::string beyond = limit == "0" ? "-1" : limit;
                if (limit != "0") {
                    ++beyond.back();
                }
                EXPECT_FALSE(fits_integer(beyond, bits, is_signed)) << beyond;
                EXPECT_FALSE(fits_integer(limit + "0", bits, is_signed) && limit != "0") << limit;
            }
        }
    }
    EXPECT_TRUE(fits_integer("-0", 8, false));
    EXPECT_TRUE(fits_integer("0", 8, false));
}

TEST(ExactInDouble, IsTrueForWhatADoubleHolds) {
    std::mt19937_64 random(4);
    for (int i = 0; i < 100'000; ++i) {
        const auto value = static_cast<std::int64_t>(random()) >> (random() % 64);
        // The cast back is undefined for 2^63, which no int64 is.
        const auto as_double = static_cast<double>(value);
        const bool exact = as_double < 0x1p63 && static_cast<std::int64_t>(as_double) == value;
        ASSERT_EQ(exact_in_double(value), exact) << value;
    }
    EXPECT_TRUE(exact_in_double(std::int64_t{1} << 53));
    EXPECT_FALSE(exact_in_double((std::int64_t{1} << 53) + 1));
    EXPECT_TRUE(exact_in_double(std::numeric_limits<std::int64_t>::min()));
    EXPECT_FALSE(exact_in_double(std::numeric_limits<std::int64_t>::max()));
}

TEST(NearestDouble, IsFinite) {
    EXPECT_EQ(nearest_double("1" + std::string(400, '0')), std::numeric_limits<double>::max());
    EXPECT_EQ(nearest_double("-1" + std::string(400, '0')), std::numeric_limits<double>::lowest());
    EXPECT_EQ(nearest_double("0." + std::string(400, '0') + "1"), 0.0);
    EXPECT_EQ(nearest_double("9007199254740993"), 9007199254740992.0);
}

}  // namespace
}  // namespace tinybird_cdk::encode
