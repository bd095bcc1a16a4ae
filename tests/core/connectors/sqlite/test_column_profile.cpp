// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/column_profile.hpp"

#include <cstdint>
#include <limits>
#include <string_view>

#include <gtest/gtest.h>

namespace tinybird_cdk::sqlite {
namespace {

TEST(TestColumnProfile, MomentsOfEachForm) {
    const auto date = parse_iso_moment("2024-02-29");
    ASSERT_TRUE(date);
    EXPECT_EQ(date->year, 2024);
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

TEST(TestColumnProfile, CountsStorageClasses) {
    ColumnProfile profile;
    profile.see_null();
    profile.see_integer(1);
    profile.see_real();
    profile.see_text("x");
    profile.see_blob();
    EXPECT_EQ(profile.values(), 4U);
    EXPECT_EQ(profile.nulls, 1U);
    EXPECT_FALSE(profile.texts_are_moments());
}

TEST(TestColumnProfile, IntegersThatADoubleHolds) {
    for (const std::int64_t held : {std::int64_t{0}, std::int64_t{9007199254740992}, std::int64_t{-9007199254740994},
                                    std::numeric_limits<std::int64_t>::min()}) {
        ColumnProfile profile;
        profile.see_integer(held);
        EXPECT_EQ(profile.not_as_double, 0U) << held;
    }
    for (const std::int64_t lost :
         {std::int64_t{9007199254740993}, std::int64_t{-9007199254740993}, std::numeric_limits<std::int64_t>::max()}) {
        ColumnProfile profile;
        profile.see_integer(lost);
        EXPECT_EQ(profile.not_as_double, 1U) << lost;
    }
}

TEST(TestColumnProfile, MomentsKeepTheirYearsAndDigits) {
    ColumnProfile profile;
    profile.see_text("2001-01-01 00:00:00.5");
    profile.see_text("1899-12-31");
    EXPECT_TRUE(profile.texts_are_moments());
    EXPECT_EQ(profile.first_year, 1899);
    EXPECT_EQ(profile.last_year, 2001);
    EXPECT_EQ(profile.fraction_digits, 1);
    profile.see_text("yesterday");
    EXPECT_FALSE(profile.texts_are_moments());
}

}  // namespace
}  // namespace tinybird_cdk::sqlite
