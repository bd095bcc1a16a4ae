// SPDX-License-Identifier: Apache-2.0
// Dates and timestamps against the types of their targets.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/encode/written.hpp"
#include "encode/dates.hpp"

namespace tinybird_cdk::testing {
namespace {

using encode::days_from_civil;
using encode::seconds_per_day;
using ::testing::HasSubstr;
using Zone = RowWriter::Zone;

Rows date(std::int64_t year, unsigned month, unsigned day) {
    return [=](RowWriter& w) { w.date(days_from_civil(year, month, day)); };
}

Rows moment(std::int64_t seconds, std::uint32_t nanoseconds = 0, Zone zone = Zone::none) {
    return [=](RowWriter& w) { w.timestamp(seconds, nanoseconds, zone); };
}

/// The first and the last value that a type holds, and their neighbours beyond.
struct Range {
    const char* type;
    const char* first;
    std::int64_t first_second;
    const char* last;
    std::int64_t last_second;
    std::int64_t step;  ///< seconds between neighbours
};

class DateRanges : public ::testing::TestWithParam<Range> {};

TEST_P(DateRanges, AreTakenWholeAndNotBeyond) {
    const Range range = GetParam();
    const std::string nullable = std::string("Nullable(") + range.type + ")";
    EXPECT_EQ(csv(range.type, moment(range.first_second)), range.first);
    EXPECT_EQ(csv(range.type, moment(range.last_second)), range.last);
    for (const bool low : {true, false}) {
        const Rows beyond = moment(low ? range.first_second - range.step : range.last_second + range.step);
        EXPECT_THAT(refusal(range.type, beyond), HasSubstr(std::string("can't be held by ") + range.type));
        EXPECT_EQ(csv(range.type, beyond, "date_range=clamp"), low ? range.first : range.last);
        EXPECT_EQ(json(nullable, beyond, "date_range=null"), "null");
        const Rows infinite = [low](RowWriter& w) { w.infinite_date(low); };
        EXPECT_THAT(refusal(range.type, infinite), HasSubstr(low ? "-infinity can't" : "infinity can't"));
        EXPECT_EQ(csv(range.type, infinite, "infinity=clamp"), low ? range.first : range.last);
        EXPECT_EQ(json(range.type, infinite, "infinity=text"), low ? "\"-infinity\"" : "\"infinity\"");
        EXPECT_EQ(csv(nullable, infinite, "infinity=null"), "");
    }
}

constexpr std::int64_t first_of_1900 = -2208988800;
constexpr std::int64_t last_of_2299 = 10413791999;

INSTANTIATE_TEST_SUITE_P(
    Types, DateRanges,
    ::testing::Values(
        Range{"Date", "1970-01-01", 0, "2149-06-06", 65535 * seconds_per_day, seconds_per_day},
        Range{"Date32", "1900-01-01", first_of_1900, "2299-12-31", last_of_2299 + 1 - seconds_per_day, seconds_per_day},
        Range{"DateTime", "1970-01-01 00:00:00", 0, "2106-02-07 06:28:15", 4294967295, 1},
        Range{"DateTime64(0)", "1900-01-01 00:00:00", first_of_1900, "2299-12-31 23:59:59", last_of_2299, 1},
        Range{"DateTime64(6)", "1900-01-01 00:00:00", first_of_1900, "2299-12-31 23:59:59", last_of_2299, 1},
        Range{"DateTime64(9)", "1900-01-01 00:00:00", first_of_1900, "2262-04-11 23:47:15", 9223372035, 1}),
    [](const ::testing::TestParamInfo<Range>& range) {
        std::string name = range.param.type;
        name.erase(std::remove_if(name.begin(), name.end(), [](char c) { return c == '(' || c == ')'; }), name.end());
        return name;
    });

TEST(UnknownDateTargets, TakeTheYears1900To2299) {
    EXPECT_EQ(csv("", date(1900, 1, 1)), "1900-01-01");
    EXPECT_EQ(csv("", date(2299, 12, 31)), "2299-12-31");
    EXPECT_EQ(csv("", moment(last_of_2299, 999'999'999)), "2299-12-31 23:59:59.999999999");
    EXPECT_THAT(refusal("", date(1899, 12, 31)), HasSubstr("1899-12-31 can't be held"));
    EXPECT_THAT(refusal("", date(-43, 3, 15)), HasSubstr("0044-03-15 BC can't be held"));
    EXPECT_THAT(refusal("", date(294276, 12, 31)), HasSubstr("294276-12-31 can't be held"));
    EXPECT_EQ(json("", date(-43, 3, 15), "date_range=text"), "\"0044-03-15 BC\"");
    EXPECT_EQ(csv("", date(-43, 3, 15), "date_range=clamp"), "1900-01-01");
    EXPECT_EQ(csv("", moment(last_of_2299 + 1), "date_range=clamp"), "2299-12-31 23:59:59");
    EXPECT_EQ(csv("", date(-43, 3, 15), "date_range=null"), "");
    EXPECT_NE(refusal("", [](RowWriter& w) { w.infinite_date(false); }), "");
}

TEST(TextTargets, TakeAnyDate) {
    EXPECT_EQ(csv("String", date(-43, 3, 15)), "0044-03-15 BC");
    EXPECT_EQ(csv("String", date(294276, 12, 31)), "294276-12-31");
    EXPECT_EQ(json("String", [](RowWriter& w) { w.infinite_date(true); }), "\"-infinity\"");
    EXPECT_EQ(csv("String", [](RowWriter& w) { w.zero_date("0000-00-00"); }), "\"0000-00-00\"");
    EXPECT_EQ(csv("String", moment(0, 1, Zone::utc)), "1970-01-01 00:00:00.000000001+00");
}

TEST(FineTimestamps, AreRefusedWhereDigitsWouldBeLost) {
    EXPECT_THAT(refusal("DateTime", moment(0, 1000)), HasSubstr("finer than the column"));
    EXPECT_NE(refusal("DateTime64(3)", moment(0, 1'000)), "");
    EXPECT_EQ(csv("DateTime64(3)", moment(0, 1'000'000)), "1970-01-01 00:00:00.001");
    EXPECT_EQ(csv("DateTime64(9)", moment(0, 1)), "1970-01-01 00:00:00.000000001");
    EXPECT_NE(refusal("DateTime64(0)", moment(0, 500'000'000)), "");
    EXPECT_NE(refusal("Date", moment(1)), "");
    EXPECT_NE(refusal("Date", moment(0, 1)), "");
    EXPECT_EQ(csv("Date", moment(86400)), "1970-01-02");
}

TEST(FineTimestamps, AreCutByClamp) {
    EXPECT_EQ(csv("DateTime", moment(0, 999'999'999), "date_range=clamp"), "1970-01-01 00:00:00");
    EXPECT_EQ(csv("DateTime64(3)", moment(-1, 123'999'999), "date_range=clamp"), "1969-12-31 23:59:59.123");
    EXPECT_EQ(csv("Date", moment(86400 + 5), "date_range=clamp"), "1970-01-02");
    EXPECT_EQ(csv("Date32", moment(-1), "date_range=clamp"), "1969-12-31");
    EXPECT_EQ(csv("DateTime", moment(4294967295, 5), "date_range=clamp"), "2106-02-07 06:28:15");
    EXPECT_EQ(csv("DateTime('Asia/Tokyo')", moment(5, 5, Zone::utc), "date_range=clamp"), "1970-01-01 00:00:05Z");
}

TEST(ZeroDates, FollowTheirPolicy) {
    const Rows zero = [](RowWriter& w) { w.zero_date("0000-00-00 00:00:00"); };
    EXPECT_THAT(refusal("DateTime", zero), HasSubstr("0000-00-00 00:00:00 can't be held by DateTime"));
    EXPECT_NE(refusal("", zero), "");
    EXPECT_EQ(csv("Nullable(DateTime)", zero, "zero_date=null"), "");
    EXPECT_EQ(json("DateTime", zero, "zero_date=text"), "\"0000-00-00 00:00:00\"");
    EXPECT_NE(refusal("Int32", zero, "zero_date=text"), "");
}

TEST(Policies, OfNullNeedANullableTarget) {
    EXPECT_THAT(refusal("Date", date(1900, 1, 1), "date_range=null"), HasSubstr("NULL can't either"));
    EXPECT_THAT(refusal(
                    "Float32", [](RowWriter& w) { w.float64(0.1); }, "number_range=null"),
                HasSubstr("NULL"));
}

TEST(Dates, GoIntoNoNumberNorContainer) {
    for (const char* type :
         {"Int32", "Float64", "Decimal(10, 2)", "Bool", "Array(Date)", "Map(String, Date)", "JSON"}) {
        EXPECT_NE(refusal(type, date(2020, 1, 1)), "") << type;
        EXPECT_NE(refusal(type, moment(0)), "") << type;
        EXPECT_NE(refusal(
                      type, [](RowWriter& w) { w.infinite_date(false); }, "infinity=text"),
                  "")
            << type;
        EXPECT_NE(refusal(type, [](RowWriter& w) { w.time(0); }), "") << type;
        EXPECT_NE(refusal(type, [](RowWriter& w) { w.interval(1, 0, 0); }), "") << type;
    }
}

TEST(Dates, BeyondAnyCalendarAreADefectOfTheConnector) {
    EXPECT_THROW(csv("", [](RowWriter& w) { w.date(std::numeric_limits<std::int64_t>::max()); }), errors::Error);
    EXPECT_THROW(csv("String", [](RowWriter& w) { w.date(std::numeric_limits<std::int64_t>::min()); }), errors::Error);
    EXPECT_THROW(csv("String", moment(0, 1'000'000'000)), errors::Error);
    EXPECT_EQ(csv("String", moment(std::numeric_limits<std::int64_t>::max())), "292277026596-12-04 15:30:07");
}

}  // namespace
}  // namespace tinybird_cdk::testing
