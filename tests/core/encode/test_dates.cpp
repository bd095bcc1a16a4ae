// SPDX-License-Identifier: Apache-2.0
#include "encode/dates.hpp"

#include <cstdio>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace tinybird_cdk::encode {
namespace {

using Limits = std::numeric_limits<std::int64_t>;

std::string date_text(std::int64_t days) {
    char text[longest_date_text];
    return {text, write_date(text, days)};
}

std::string timestamp_text(std::int64_t seconds, std::uint32_t nanoseconds = 0, std::string_view mark = {}) {
    char text[longest_date_text];
    return {text, write_timestamp(text, seconds, nanoseconds, mark)};
}

std::string time_text(std::int64_t nanoseconds) {
    char text[longest_date_text];
    return {text, write_time(text, nanoseconds)};
}

std::string offset_text(std::int32_t seconds) {
    char text[longest_date_text];
    return {text, write_offset(text, seconds)};
}

std::string interval_text(std::int32_t months, std::int32_t days, std::int64_t microseconds) {
    char text[longest_date_text];
    return {text, write_interval(text, months, days, microseconds)};
}

/// Counts day by day, the slow and plain way.
struct Calendar {
    std::int64_t year;
    unsigned month = 1;
    unsigned day = 1;

    [[nodiscard]] bool leap() const { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
    void next() {
        constexpr unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        const unsigned length = month == 2 && leap() ? 29 : lengths[month - 1];
        if (++day > length) {
            day = 1;
            if (++month > 12) {
                month = 1;
                ++year;
            }
        }
    }
};

TEST(Dates, CountEveryDayFromTheFirstToTheLastOfPostgresTimestamps) {
    // 4714-11-24 BC is PostgreSQL's first day; 294276 the last year of its timestamps. The first day's number is known
    // from the Julian day: JDN 0, and 1970-01-01 is JDN 2440588.
    Calendar calendar{-4713, 11, 24};
    std::int64_t days = -2440588;
    while (calendar.year < 294277) {
        const CivilDate date = civil_from_days(days);
        if (date.year != calendar.year || date.month != calendar.month || date.day != calendar.day ||
            days_from_civil(calendar.year, calendar.month, calendar.day) != days) {
            FAIL() << calendar.year << '-' << calendar.month << '-' << calendar.day << " is day " << days;
        }
        calendar.next();
        ++days;
    }
    EXPECT_EQ(days, 106762940);
}

TEST(Dates, AreWrittenAsPostgresWritesThem) {
    EXPECT_EQ(date_text(0), "1970-01-01");
    EXPECT_EQ(date_text(-1), "1969-12-31");
    EXPECT_EQ(date_text(11016), "2000-02-29");
    EXPECT_EQ(date_text(-719162), "0001-01-01");
    EXPECT_EQ(date_text(-719163), "0001-12-31 BC");
    EXPECT_EQ(date_text(-735160), "0044-03-15 BC");
    EXPECT_EQ(date_text(-2440588), "4714-11-24 BC");
    EXPECT_EQ(date_text(2932896), "9999-12-31");
    EXPECT_EQ(date_text(2932897), "10000-01-01");
    EXPECT_EQ(date_text(2145042905), "5874897-12-31");
}

TEST(Dates, HaveRoomForAnyDay) {
    EXPECT_EQ(date_text(most_days).substr(12), "-12-04");
    EXPECT_TRUE(date_text(-most_days).ends_with(" BC"));
}

TEST(Timestamps, HaveAsManyDigitsAsTheyNeed) {
    EXPECT_EQ(timestamp_text(0), "1970-01-01 00:00:00");
    EXPECT_EQ(timestamp_text(0, 500'000'000), "1970-01-01 00:00:00.5");
    EXPECT_EQ(timestamp_text(0, 1), "1970-01-01 00:00:00.000000001");
    EXPECT_EQ(timestamp_text(0, 123'456'000), "1970-01-01 00:00:00.123456");
    EXPECT_EQ(timestamp_text(0, 999'999'999), "1970-01-01 00:00:00.999999999");
    EXPECT_EQ(timestamp_text(-1, 999'000'000), "1969-12-31 23:59:59.999");
    EXPECT_EQ(timestamp_text(1'709'208'000), "2024-02-29 12:00:00");
    EXPECT_EQ(timestamp_text(9224318015999, 999'999'000), "294276-12-31 23:59:59.999999");
}

TEST(Timestamps, PutTheZoneBeforeTheEra) {
    EXPECT_EQ(timestamp_text(0, 0, "+00"), "1970-01-01 00:00:00+00");
    EXPECT_EQ(timestamp_text(-735160 * seconds_per_day + 3723, 500'000, "+00"), "0044-03-15 01:02:03.0005+00 BC");
}

TEST(Timestamps, HaveRoomForAnySecond) {
    EXPECT_EQ(timestamp_text(Limits::max(), 999'999'999), "292277026596-12-04 15:30:07.999999999");
    EXPECT_EQ(timestamp_text(Limits::min(), 0, "+00"), "292277022658-01-27 08:29:52+00 BC");
}

TEST(Timestamps, OfEverySecondOfADayAreInOrder) {
    std::string before = timestamp_text(-1);
    for (std::int64_t second = 0; second < seconds_per_day; ++second) {
        char expected[32];
        std::snprintf(expected, sizeof expected, "1970-01-01 %02d:%02d:%02d", static_cast<int>(second / 3600),
                      static_cast<int>(second / 60 % 60), static_cast<int>(second % 60));
        ASSERT_EQ(timestamp_text(second), expected);
    }
}

TEST(FloorDays, RoundDown) {
    EXPECT_EQ(floor_days(0), 0);
    EXPECT_EQ(floor_days(86399), 0);
    EXPECT_EQ(floor_days(86400), 1);
    EXPECT_EQ(floor_days(-1), -1);
    EXPECT_EQ(floor_days(-86400), -1);
    EXPECT_EQ(floor_days(-86401), -2);
    EXPECT_EQ(floor_days(Limits::min()), -106751991167301);
}

TEST(Times, MayBeNegativeOrBeyondADay) {
    EXPECT_EQ(time_text(0), "00:00:00");
    EXPECT_EQ(time_text(14'706'789'000'000), "04:05:06.789");
    EXPECT_EQ(time_text(86'400'000'000'000), "24:00:00");
    EXPECT_EQ(time_text(-3'020'399'000'000'000), "-838:59:59");
    EXPECT_EQ(time_text(-1), "-00:00:00.000000001");
    EXPECT_EQ(time_text(Limits::max()), "2562047:47:16.854775807");
    EXPECT_EQ(time_text(Limits::min()), "-2562047:47:16.854775808");
}

TEST(Offsets, AreAsShortAsPossible) {
    EXPECT_EQ(offset_text(0), "+00");
    EXPECT_EQ(offset_text(7200), "+02");
    EXPECT_EQ(offset_text(-12600), "-03:30");
    EXPECT_EQ(offset_text(3723), "+01:02:03");
    EXPECT_EQ(offset_text(3603), "+01:00:03");
    EXPECT_EQ(offset_text(-57540), "-15:59");
}

// Each line is what PostgreSQL 15 writes for the interval of these parts with IntervalStyle `postgres`.
TEST(Intervals, AreWrittenAsPostgresWritesThem) {
    constexpr std::int64_t hour = 3'600'000'000;
    EXPECT_EQ(interval_text(0, 0, 0), "00:00:00");
    EXPECT_EQ(interval_text(14, -3, 14'706'789'000), "1 year 2 mons -3 days +04:05:06.789");
    EXPECT_EQ(interval_text(12, 0, 0), "1 year");
    EXPECT_EQ(interval_text(-12, 0, 0), "-1 years");
    EXPECT_EQ(interval_text(-13, 1, 0), "-1 years -1 mons +1 day");
    EXPECT_EQ(interval_text(-1, 1, 1), "-1 mons +1 day 00:00:00.000001");
    EXPECT_EQ(interval_text(1, 1, -1), "1 mon 1 day -00:00:00.000001");
    EXPECT_EQ(interval_text(0, -1, hour), "-1 days +01:00:00");
    EXPECT_EQ(interval_text(0, 1, 0), "1 day");
    EXPECT_EQ(interval_text(0, 2, -hour), "2 days -01:00:00");
    EXPECT_EQ(interval_text(0, 0, 123 * hour), "123:00:00");
    EXPECT_EQ(interval_text(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::min(),
                            Limits::min()),
              "-178956970 years -8 mons -2147483648 days -2562047788:00:54.775808");
    EXPECT_EQ(interval_text(std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::max(),
                            Limits::max()),
              "178956970 years 7 mons 2147483647 days 2562047788:00:54.775807");
}

}  // namespace
}  // namespace tinybird_cdk::encode
