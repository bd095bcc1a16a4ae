// SPDX-License-Identifier: Apache-2.0
#include "encode/parquet/moment_text.hpp"

#include "encode/dates.hpp"

namespace tinybird_cdk::encode::parquet {

namespace {

/// `count` digits at `at`; -1 when they are none.
int digits_at(std::string_view text, std::size_t at, std::size_t count) noexcept {
    if (at + count > text.size()) {
        return -1;
    }
    int value = 0;
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9') {
            return -1;
        }
        value = value * 10 + (c - '0');
    }
    return value;
}

bool has(std::string_view text, std::size_t at, char c) noexcept {
    return at < text.size() && text[at] == c;
}

}  // namespace

std::optional<Moment> read_moment(std::string_view text) noexcept {
    constexpr std::size_t date_size = 10;
    constexpr std::size_t time_size = 19;
    constexpr std::size_t most_digits = 9;
    const int year = digits_at(text, 0, 4);
    const int month = digits_at(text, 5, 2);
    const int day = digits_at(text, 8, 2);
    if (year < 0 || month < 1 || month > 12 || day < 1 || !has(text, 4, '-') || !has(text, 7, '-')) {
        return std::nullopt;
    }
    const std::int64_t days = days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
    const CivilDate same = civil_from_days(days);
    if (same.month != static_cast<unsigned>(month) || same.day != static_cast<unsigned>(day)) {
        return std::nullopt;
    }
    Moment moment{.seconds = days * seconds_per_day};
    if (text.size() == date_size) {
        return moment;
    }
    const int hour = digits_at(text, 11, 2);
    const int minute = digits_at(text, 14, 2);
    const int second = digits_at(text, 17, 2);
    if ((!has(text, date_size, ' ') && !has(text, date_size, 'T')) || !has(text, 13, ':') || !has(text, 16, ':') ||
        hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
        return std::nullopt;
    }
    moment.seconds += hour * 3600 + minute * 60 + second;
    text.remove_prefix(time_size);
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        std::size_t count = 0;
        std::int64_t unit = 1'000'000'000;
        while (count < text.size() && text[count] >= '0' && text[count] <= '9') {
            unit /= 10;
            moment.nanoseconds += (text[count] - '0') * unit;
            ++count;
        }
        if (count == 0 || count > most_digits) {
            return std::nullopt;
        }
        text.remove_prefix(count);
    }
    moment.utc = text == "Z" || text == "+00";
    if (!text.empty() && !moment.utc) {
        return std::nullopt;
    }
    return moment;
}

}  // namespace tinybird_cdk::encode::parquet
