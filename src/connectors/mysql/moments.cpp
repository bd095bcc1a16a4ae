// SPDX-License-Identifier: Apache-2.0
#include "moments.hpp"

#include <array>
#include <iterator>

#include <fmt/format.h>

#include "wire.hpp"

namespace tinybird_cdk::mysql {

namespace {

constexpr std::uint32_t most_microseconds = 999'999;
constexpr unsigned int most_decimals = 6;

void check_clock(std::uint32_t hour, std::uint32_t minute, std::uint32_t second, std::uint32_t microsecond) {
    if (hour > 23 || minute > 59 || second > 59 || microsecond > most_microseconds) {
        throw MalformedData("a time of day has more than 24 hours, 60 minutes, 60 seconds or a million microseconds");
    }
}

bool is_leap_year(std::uint32_t year) noexcept {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

std::uint32_t days_in(std::uint32_t month, std::uint32_t year) noexcept {
    constexpr std::array<std::uint32_t, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

}  // namespace

std::optional<std::int64_t> Moment::days() const noexcept {
    if (year == 0 || month == 0 || day == 0 || month > 12 || day > days_in(month, year)) {
        return std::nullopt;
    }
    // Years that begin in March, so that the leap day is the last one; 146,097 days in 400 of them.
    const std::int64_t shifted = std::int64_t{year} - (month <= 2 ? 1 : 0);
    const std::int64_t era = shifted / 400;
    const std::int64_t year_of_era = shifted % 400;
    const std::int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    constexpr std::int64_t days_before_1970 = 719'468;
    return era * 146'097 + day_of_era - days_before_1970;
}

Moment read_moment(std::string_view bytes) {
    Moment moment;
    if (bytes.empty()) {
        return moment;
    }
    if (bytes.size() != 4 && bytes.size() != 7 && bytes.size() != 11) {
        throw MalformedData("a date has another length than dates have");
    }
    Wire wire(bytes);
    moment.year = wire.number<std::uint16_t>();
    moment.month = wire.byte();
    moment.day = wire.byte();
    if (moment.year > 9999 || moment.month > 12 || moment.day > 31) {
        throw MalformedData("a date has more than 9999 years, 12 months or 31 days");
    }
    if (wire.left() > 0) {
        moment.hour = wire.byte();
        moment.minute = wire.byte();
        moment.second = wire.byte();
    }
    if (wire.left() > 0) {
        moment.microsecond = wire.number<std::uint32_t>();
    }
    check_clock(moment.hour, moment.minute, moment.second, moment.microsecond);
    return moment;
}

std::int64_t read_duration(std::string_view bytes) {
    if (bytes.empty()) {
        return 0;
    }
    if (bytes.size() != 8 && bytes.size() != 12) {
        throw MalformedData("a time has another length than times have");
    }
    Wire wire(bytes);
    const bool negative = wire.byte() != 0;
    const auto days = wire.number<std::uint32_t>();
    const std::uint32_t hour = wire.byte();
    const std::uint32_t minute = wire.byte();
    const std::uint32_t second = wire.byte();
    const std::uint32_t microsecond = wire.left() > 0 ? wire.number<std::uint32_t>() : 0;
    check_clock(hour, minute, second, microsecond);
    constexpr std::uint32_t most_days = 35;  // 838:59:59
    if (days > most_days) {
        throw MalformedData("a time has more hours than MySQL's have");
    }
    const std::int64_t seconds = ((std::int64_t{days} * 24 + hour) * 60 + minute) * 60 + second;
    const std::int64_t nanoseconds = seconds * 1'000'000'000 + std::int64_t{microsecond} * 1000;
    return negative ? -nanoseconds : nanoseconds;
}

void append_date(std::string& out, const Moment& moment) {
    fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", moment.year, moment.month, moment.day);
}

void append_datetime(std::string& out, const Moment& moment, unsigned int decimals) {
    append_date(out, moment);
    fmt::format_to(std::back_inserter(out), " {:02}:{:02}:{:02}", moment.hour, moment.minute, moment.second);
    if (decimals > 0 && decimals <= most_decimals) {
        const std::string fraction = fmt::format("{:06}", moment.microsecond);
        out += '.';
        out.append(fraction, 0, decimals);
    }
}

}  // namespace tinybird_cdk::mysql
