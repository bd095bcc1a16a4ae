// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/iso_moment.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace tinybird_cdk::sqlite {
namespace {

TEST(TestIsoMoment, EachForm) {
    const auto date = parse_iso_moment("2024-02-29");
    ASSERT_TRUE(date);
    EXPECT_EQ(date->year, 2024);
    EXPECT_EQ(date->days, 19782);
    EXPECT_FALSE(date->has_time);

    for (const std::string_view text : {"1999-12-31 23:59:59", "1999-12-31T00:00:00"}) {
        const auto moment = parse_iso_moment(text);
        ASSERT_TRUE(moment) << text;
        EXPECT_EQ(moment->year, 1999);
        EXPECT_TRUE(moment->has_time);
        EXPECT_EQ(moment->fraction_digits, 0);
    }
    const auto fraction = parse_iso_moment("2024-01-01 10:20:30.123456789");
    ASSERT_TRUE(fraction);
    EXPECT_EQ(fraction->fraction_digits, 9);
    EXPECT_EQ(fraction->seconds, 10 * 3600 + 20 * 60 + 30);
    EXPECT_EQ(fraction->nanoseconds, 123456789U);
    EXPECT_EQ(parse_iso_moment("1969-12-31 10:20:30.05")->nanoseconds, 50'000'000U);
    EXPECT_EQ(parse_iso_moment("1969-12-31")->days, -1);
    EXPECT_EQ(parse_iso_moment("0000-01-01")->days, -719528);
}

class TestNoMoment : public ::testing::TestWithParam<std::string_view> {};

TEST_P(TestNoMoment, IsRefused) {
    EXPECT_FALSE(parse_iso_moment(GetParam())) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Texts, TestNoMoment,
                         ::testing::Values("", "2024", "2024-1-1", "2024-13-01", "2024-00-10", "2023-02-29",
                                           "2024-04-31", "2024-01-00", " 2024-01-01", "2024-01-01 ", "20240101",
                                           "2024-01-01 24:00:00", "2024-01-01 10:60:00", "2024-01-01 10:00:60",
                                           "2024-01-01 10:00", "2024-01-01 10:00:00.", "2024-01-01 10:00:00.1234567890",
                                           "2024-01-01 10:00:00,5", "2024-01-01 10:00:00Z", "2024-01-01 10:00:00+01:00",
                                           "2024-01-01x10:00:00", "-2024-01-01", "now"));

}  // namespace
}  // namespace tinybird_cdk::sqlite
