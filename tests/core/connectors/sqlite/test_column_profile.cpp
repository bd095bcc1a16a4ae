// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/column_profile.hpp"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace tinybird_cdk::sqlite {
namespace {

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
