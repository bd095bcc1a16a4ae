// SPDX-License-Identifier: Apache-2.0
#include "connectors/bigquery/moments.hpp"

#include <gtest/gtest.h>

namespace tinybird_cdk::bigquery {
namespace {

TEST(TestBigQueryMoments, Dates) {
    EXPECT_EQ(days_of("1970-01-01"), 0);
    EXPECT_EQ(days_of("1969-12-31"), -1);
    EXPECT_EQ(days_of("0001-01-01"), -719162);
    EXPECT_EQ(days_of("9999-12-31"), 2932896);
    for (const char* const wrong : {"", "2024", "2023-02-29", "2024-13-01", "2024-01-01x", "2024/01/01"}) {
        EXPECT_EQ(days_of(wrong), std::nullopt) << wrong;
    }
}

TEST(TestBigQueryMoments, Times) {
    EXPECT_EQ(time_of("00:00:00"), 0);
    EXPECT_EQ(time_of("23:59:59.999999"), 86'399'999'999'000);
    EXPECT_EQ(time_of("12:34:56.5"), 45'296'500'000'000);
    for (const char* const wrong : {"24:00:00", "12:60:00", "12:00:60", "12:00", "12:00:00.", "-1:00:00"}) {
        EXPECT_EQ(time_of(wrong), std::nullopt) << wrong;
    }
}

TEST(TestBigQueryMoments, DatesWithTimes) {
    EXPECT_EQ(moment_of("1970-01-01T00:00:01.000002"), (Moment{.seconds = 1, .nanoseconds = 2000}));
    EXPECT_EQ(moment_of("1969-12-31T23:59:59.5"), (Moment{.seconds = -1, .nanoseconds = 500'000'000}));
    for (const char* const wrong : {"1970-01-01", "1970-01-01T", "1970-01-01X00:00:00", "1970-01-01T00:00:00Z"}) {
        EXPECT_EQ(moment_of(wrong), std::nullopt) << wrong;
    }
}

TEST(TestBigQueryMoments, InstantsAreCountedInMicroseconds) {
    EXPECT_EQ(instant_of("0"), Moment());
    EXPECT_EQ(instant_of("1500000"), (Moment{.seconds = 1, .nanoseconds = 500'000'000}));
    EXPECT_EQ(instant_of("-1"), (Moment{.seconds = -1, .nanoseconds = 999'999'000}));
    // 0001-01-01 and 9999-12-31T23:59:59.999999, the ends of the type.
    EXPECT_EQ(instant_of("-62135596800000000"), (Moment{.seconds = -62135596800, .nanoseconds = 0}));
    EXPECT_EQ(instant_of("253402300799999999"), (Moment{.seconds = 253402300799, .nanoseconds = 999'999'000}));
    for (const char* const wrong : {"", "1.5", "1.5E9", "x", "99999999999999999999"}) {
        EXPECT_EQ(instant_of(wrong), std::nullopt) << wrong;
    }
}

TEST(TestBigQueryMoments, InstantsAlsoComeAsText) {
    EXPECT_EQ(instant_of("1970-01-01T00:00:01.000002000000Z"), (Moment{.seconds = 1, .nanoseconds = 2000}));
    EXPECT_EQ(instant_of("1969-12-31T23:59:59.5Z"), (Moment{.seconds = -1, .nanoseconds = 500'000'000}));
    EXPECT_EQ(instant_of("0001-01-01T00:00:00Z"), (Moment{.seconds = -62135596800, .nanoseconds = 0}));
    // No digit is lost silently.
    EXPECT_EQ(instant_of("1970-01-01T00:00:01.000000000001Z"), std::nullopt);
    EXPECT_TRUE(is_iso_instant("9999-12-31T23:59:59.999999999999Z"));
    for (const char* const wrong : {"", "1706704496789012", "1970-01-01T00:00:00", "1970-01-01 00:00:00Z",
                                    "1970-01-01T00:00:001Z", "1970-01-01T00:00:00.0000000000000Z",
                                    "1970-01-01T00:00:00.Z", "1970-01-01T24:00:00Z", "1970-01-01T00:00:00+00"}) {
        EXPECT_FALSE(is_iso_instant(wrong)) << wrong;
    }
}

TEST(TestBigQueryMoments, EachPartOfAnIntervalHasItsSign) {
    EXPECT_EQ(interval_of("1-2 3 4:5:6.789"), (Interval{.months = 14, .days = 3, .microseconds = 14'706'789'000}));
    EXPECT_EQ(interval_of("-1-2 -3 -4:5:6.789"),
              (Interval{.months = -14, .days = -3, .microseconds = -14'706'789'000}));
    EXPECT_EQ(interval_of("0-0 0 0:0:0"), Interval());
    EXPECT_EQ(interval_of("0-0 0 -0:0:0.000001"), (Interval{.months = 0, .days = 0, .microseconds = -1}));
    // The ends of the type.
    EXPECT_EQ(interval_of("10000-0 3660000 87840000:0:0"),
              (Interval{.months = 120'000, .days = 3'660'000, .microseconds = 316'224'000'000'000'000}));
    for (const char* const wrong : {"", "1-2 3", "1-2 3 4:5", "1 2 3", "1-2 3 4:5:6.7890001", "1-2 3 4:5:6 x"}) {
        EXPECT_EQ(interval_of(wrong), std::nullopt) << wrong;
    }
}

}  // namespace
}  // namespace tinybird_cdk::bigquery
