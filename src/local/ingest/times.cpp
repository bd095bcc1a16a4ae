// SPDX-License-Identifier: Apache-2.0
#include "local/ingest/times.hpp"

#include <chrono>

namespace tinybird_cdk::local::ingest {

namespace {

constexpr std::size_t date_length = 10;
constexpr std::size_t time_length = 8;
constexpr unsigned longest_offset_hours = 14;

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// @return a number beyond 99 when there are no two digits
unsigned two_digits(const char* text) noexcept {
    constexpr unsigned none = 100;
    return is_digit(text[0]) && is_digit(text[1]) ? static_cast<unsigned>((text[0] - '0') * 10 + (text[1] - '0'))
                                                  : none;
}

/// Reads "Z", "+02", "+02:00" as seconds that the zone is before UTC.
bool read_offset(std::string_view text, std::int64_t& seconds) noexcept {
    if (text == "Z") {
        seconds = 0;
        return true;
    }
    const bool with_minutes = text.size() == 6 && text[3] == ':';
    if ((text.size() != 3 && !with_minutes) || (text[0] != '+' && text[0] != '-')) {
        return false;
    }
    const unsigned hours = two_digits(text.data() + 1);
    const unsigned minutes = with_minutes ? two_digits(text.data() + 4) : 0;
    if (hours > longest_offset_hours || minutes > 59) {
        return false;
    }
    seconds = std::int64_t{hours} * 3600 + std::int64_t{minutes} * 60;
    seconds = text[0] == '-' ? -seconds : seconds;
    return true;
}

}  // namespace

bool read_date(std::string_view text, std::int32_t& days) noexcept {
    if (text.size() != date_length || text[4] != '-' || text[7] != '-') {
        return false;
    }
    const unsigned century = two_digits(text.data());
    const unsigned year = two_digits(text.data() + 2);
    if (century > 99 || year > 99) {
        return false;
    }
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(century * 100 + year)),
                                           std::chrono::month(two_digits(text.data() + 5)),
                                           std::chrono::day(two_digits(text.data() + 8))};
    if (!date.ok()) {
        return false;
    }
    days = static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
    return true;
}

bool read_timestamp(std::string_view text, int precision, bool utc, std::int64_t& ticks) noexcept {
    std::int32_t days = 0;
    if (text.size() < date_length + 1 + time_length || !read_date(text.substr(0, date_length), days) ||
        (text[date_length] != ' ' && text[date_length] != 'T')) {
        return false;
    }
    const char* const time = text.data() + date_length + 1;
    const unsigned hour = two_digits(time);
    const unsigned minute = two_digits(time + 3);
    const unsigned second = two_digits(time + 6);
    if (hour > 23 || minute > 59 || second > 59 || time[2] != ':' || time[5] != ':') {
        return false;
    }
    std::string_view rest = text.substr(date_length + 1 + time_length);
    std::int64_t fraction = 0;
    int digits = 0;
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        for (; !rest.empty() && is_digit(rest.front()) && digits <= precision; ++digits) {
            fraction = fraction * 10 + (rest.front() - '0');
            rest.remove_prefix(1);
        }
        if (digits == 0 || digits > precision) {
            return false;
        }
    }
    std::int64_t offset = 0;
    if (rest.empty() ? !utc : !read_offset(rest, offset)) {
        return false;
    }
    ticks = std::int64_t{days} * 86400 + std::int64_t{hour} * 3600 + std::int64_t{minute} * 60 + second - offset;
    for (int i = 0; i < precision; ++i) {
        if (__builtin_mul_overflow(ticks, std::int64_t{10}, &ticks)) {
            return false;
        }
        fraction *= i < precision - digits ? 10 : 1;
    }
    return !__builtin_add_overflow(ticks, fraction, &ticks);
}

}  // namespace tinybird_cdk::local::ingest
