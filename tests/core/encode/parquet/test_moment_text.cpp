// SPDX-License-Identifier: Apache-2.0
#include "encode/parquet/moment_text.hpp"

#include <gtest/gtest.h>

namespace tinybird_cdk::encode::parquet {
namespace {

TEST(ReadMoment, Dates) {
    EXPECT_EQ(read_moment("1970-01-01")->seconds, 0);
    EXPECT_EQ(read_moment("1969-12-31")->seconds, -86400);
    EXPECT_EQ(read_moment("1900-01-01")->seconds, -2208988800);
    EXPECT_EQ(read_moment("2299-12-31")->seconds, 10413705600);
    EXPECT_EQ(read_moment("2024-02-29")->seconds, 1709164800);
}

TEST(ReadMoment, TimesWithTheirDigitsAndMarks) {
    const auto plain = read_moment("2024-02-29 12:34:56");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->seconds, 1709210096);
    EXPECT_EQ(plain->nanoseconds, 0);
    EXPECT_FALSE(plain->utc);
    const auto fine = read_moment("1969-12-31T23:59:59.000000001Z");
    ASSERT_TRUE(fine);
    EXPECT_EQ(fine->seconds, -1);
    EXPECT_EQ(fine->nanoseconds, 1);
    EXPECT_TRUE(fine->utc);
    EXPECT_EQ(read_moment("2024-02-29 00:00:00.5")->nanoseconds, 500'000'000);
    EXPECT_TRUE(read_moment("2024-02-29 00:00:00+00")->utc);
}

TEST(ReadMoment, WhatIsNone) {
    for (const char* const text : {"",
                                   "2024",
                                   "2024-2-9",
                                   "2024-02-30",
                                   "2023-02-29",
                                   "2024-00-01",
                                   "2024-13-01",
                                   "2024-01-00",
                                   "12024-01-01",
                                   "2024/01/01",
                                   "2024-01-01 ",
                                   "2024-01-01 10",
                                   "2024-01-01 10:00",
                                   "2024-01-01 24:00:00",
                                   "2024-01-01 10:60:00",
                                   "2024-01-01 10:00:61",
                                   "2024-01-01 10:00:00.",
                                   "2024-01-01 10:00:00.1234567890",
                                   "2024-01-01 10:00:00+01",
                                   "2024-01-01x10:00:00",
                                   "infinity",
                                   "0044-03-15 BC",
                                   " 2024-01-01",
                                   "-001-01-01"}) {
        EXPECT_FALSE(read_moment(text)) << text;
    }
}

}  // namespace
}  // namespace tinybird_cdk::encode::parquet
