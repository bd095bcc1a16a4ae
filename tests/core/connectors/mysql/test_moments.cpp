// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "connectors/mysql/moments.hpp"
#include "connectors/mysql/wire.hpp"
#include "core/connectors/mysql/bytes.hpp"

namespace tinybird_cdk::mysql {
namespace {

using testing::bytes_of;

TEST(TestMysqlMoments, DaysAreThoseOfTheCalendar) {
    EXPECT_EQ((Moment{.year = 1970, .month = 1, .day = 1}.days()), 0);
    EXPECT_EQ((Moment{.year = 1969, .month = 12, .day = 31}.days()), -1);
    // Every day of MySQL's years, against the standard library's calendar.
    using namespace std::chrono;
    sys_days day = year(1) / January / 1;
    for (; day <= sys_days(year(9999) / December / 31); day += days(1)) {
        const year_month_day date(day);
        const Moment moment{.year = static_cast<std::uint32_t>(static_cast<int>(date.year())),
                            .month = static_cast<unsigned>(date.month()),
                            .day = static_cast<unsigned>(date.day())};
        ASSERT_EQ(moment.days(), day.time_since_epoch().count()) << moment.year << "-" << moment.month;
    }
}

TEST(TestMysqlMoments, WhatIsNoDayHasNoNumber) {
    for (const Moment& moment :
         {Moment{}, Moment{.year = 2020}, Moment{.year = 2020, .month = 5}, Moment{.year = 0, .month = 1, .day = 1},
          Moment{.year = 2021, .month = 2, .day = 29}, Moment{.year = 1900, .month = 2, .day = 29},
          Moment{.year = 2021, .month = 4, .day = 31}}) {
        EXPECT_EQ(moment.days(), std::nullopt) << moment.year << "-" << moment.month << "-" << moment.day;
    }
    EXPECT_TRUE((Moment{.year = 2000, .month = 2, .day = 29}.days()));
}

TEST(TestMysqlMoments, Durations) {
    EXPECT_EQ(read_duration(bytes_of("")), 0);
    EXPECT_EQ(read_duration(bytes_of("01 00000000 00 00 01")), -1'000'000'000);
    EXPECT_EQ(read_duration(bytes_of("00 01000000 01 00 00 01000000")), 90'000'000'001'000);
    for (const char* const bytes :
         {"00", "00 00000000 18 00 00", "00 00000000 00 3c 00", "00 00000000 00 00 3c", "00 ffffffff 00 00 00",
          "00 00000000 00 00 00 40420f00", "00 00000000 00 00 00 00"}) {
        EXPECT_THROW(read_duration(bytes_of(bytes)), MalformedData) << bytes;
    }
}

TEST(TestMysqlMoments, BytesThatAreNoMoment) {
    for (const char* const bytes : {"e807", "e807 0d 01", "e807 01 20", "1027 01 01", "e807 01 01 18 00 00",
                                    "e807 01 01 00 00 00 40420f00", "e807 01 01 00"}) {
        EXPECT_THROW(read_moment(bytes_of(bytes)), MalformedData) << bytes;
    }
}

TEST(TestMysqlMoments, NotationIsMysqls) {
    std::string text;
    append_datetime(text, {.year = 20, .month = 1, .hour = 2, .microsecond = 120'000}, 2);
    EXPECT_EQ(text, "0020-01-00 02:00:00.12");
    text.clear();
    append_datetime(text, {}, 0);
    EXPECT_EQ(text, "0000-00-00 00:00:00");
}

}  // namespace
}  // namespace tinybird_cdk::mysql
