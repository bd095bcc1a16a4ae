// SPDX-License-Identifier: Apache-2.0
#include "cloud/azure/dates.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace tinybird_cdk::cloud::azure {

namespace {

constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Parts {
    int year = 0;
    unsigned month = 0;  // from 1
    unsigned day = 0;
    unsigned weekday = 0;  // from Sunday
    int hour = 0;
    int minute = 0;
    int second = 0;
};

Parts parts_of(Time time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(seconds - day);
    return {.year = static_cast<int>(date.year()),
            .month = static_cast<unsigned>(date.month()),
            .day = static_cast<unsigned>(date.day()),
            .weekday = std::chrono::weekday(day).c_encoding(),
            .hour = static_cast<int>(clock.hours().count()),
            .minute = static_cast<int>(clock.minutes().count()),
            .second = static_cast<int>(clock.seconds().count())};
}

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size() || value < 0) {
        return std::nullopt;
    }
    return value;
}

/// @param date year, month, day @param clock "23:39:12"
std::optional<Time> time_of(const std::array<std::optional<int>, 3>& date, std::string_view clock) {
    if (clock.size() != 8 || clock[2] != ':' || clock[5] != ':') {
        return std::nullopt;
    }
    const auto hour = number(clock.substr(0, 2));
    const auto minute = number(clock.substr(3, 2));
    const auto second = number(clock.substr(6, 2));
    if (!date[0] || !date[1] || !date[2] || !hour || !minute || !second) {
        return std::nullopt;
    }
    const std::chrono::year_month_day day{std::chrono::year(*date[0]),
                                          std::chrono::month(static_cast<unsigned>(*date[1])),
                                          std::chrono::day(static_cast<unsigned>(*date[2]))};
    if (!day.ok() || *hour > 23 || *minute > 59 || *second > 60) {
        return std::nullopt;
    }
    return std::chrono::sys_days(day) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

}  // namespace

std::string http_date(Time time) {
    const Parts parts = parts_of(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days.at(parts.weekday), parts.day,
                       months.at(parts.month - 1), parts.year, parts.hour, parts.minute, parts.second);
}

std::optional<Time> parse_http_date(std::string_view text) {
    if (text.size() != 29 || text[3] != ',' || !text.ends_with(" GMT")) {
        return std::nullopt;
    }
    const auto* const month = std::find(months.begin(), months.end(), text.substr(8, 3));
    if (month == months.end()) {
        return std::nullopt;
    }
    const int month_number = static_cast<int>(month - months.begin()) + 1;
    return time_of({number(text.substr(12, 4)), month_number, number(text.substr(5, 2))}, text.substr(17, 8));
}

std::string iso_time(Time time) {
    const Parts parts = parts_of(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.year, parts.month, parts.day, parts.hour,
                       parts.minute, parts.second);
}

std::optional<Time> parse_iso_time(std::string_view text) {
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text.back() != 'Z') {
        return std::nullopt;
    }
    return time_of({number(text.substr(0, 4)), number(text.substr(5, 2)), number(text.substr(8, 2))},
                   text.substr(11, 8));
}

}  // namespace tinybird_cdk::cloud::azure
