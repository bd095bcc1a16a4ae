// SPDX-License-Identifier: Apache-2.0
#include "cloud/s3/times.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace tinybird_cdk::cloud::s3 {

namespace {

using std::chrono::system_clock;

std::optional<unsigned> digits(std::string_view text, std::size_t begin, std::size_t count) {
    if (begin + count > text.size()) {
        return std::nullopt;
    }
    unsigned value = 0;
    const char* const end = text.data() + begin + count;
    const auto result = std::from_chars(text.data() + begin, end, value);
    return result.ec == std::errc() && result.ptr == end ? std::optional(value) : std::nullopt;
}

std::optional<system_clock::time_point> time_of(std::optional<unsigned> year, std::optional<unsigned> month,
                                                std::optional<unsigned> day, std::string_view clock) {
    const auto hour = digits(clock, 0, 2);
    const auto minute = digits(clock, 3, 2);
    const auto second = digits(clock, 6, 2);
    if (!year || !month || !day || !hour || !minute || !second || clock[2] != ':' || clock[5] != ':') {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                           std::chrono::day(*day)};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

}  // namespace

std::string basic_iso_time(system_clock::time_point time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count());
}

std::optional<system_clock::time_point> parse_iso_time(std::string_view text) {
    constexpr std::size_t shortest = 19;
    if (text.size() < shortest || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ')) {
        return std::nullopt;
    }
    std::string_view rest = text.substr(shortest);
    if (rest.starts_with('.')) {
        rest.remove_prefix(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
    }
    // "UTC" stands in what older versions of AWS's command line wrote.
    if (!rest.empty() && rest != "Z" && rest != "+00:00" && rest != "UTC") {
        return std::nullopt;
    }
    return time_of(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2), text.substr(11, 8));
}

std::optional<system_clock::time_point> parse_http_time(std::string_view text) {
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    constexpr std::size_t length = 29;
    if (text.size() != length) {
        return std::nullopt;
    }
    const auto* const month = std::find(months.begin(), months.end(), text.substr(8, 3));
    if (month == months.end()) {
        return std::nullopt;
    }
    return time_of(digits(text, 12, 4), static_cast<unsigned>(month - months.begin()) + 1, digits(text, 5, 2),
                   text.substr(17, 8));
}

}  // namespace tinybird_cdk::cloud::s3
