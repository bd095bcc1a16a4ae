// SPDX-License-Identifier: Apache-2.0
#include "encode/dates.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

namespace tinybird_cdk::encode {

namespace {

constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;

char* put_text(char* out, std::string_view text) noexcept {
    return std::copy(text.begin(), text.end(), out);
}

char* put_number(char* out, std::uint64_t value) noexcept {
    return std::to_chars(out, out + 20, value).ptr;
}

constexpr std::array<char, 200> make_pairs() {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < 100; ++i) {
        pairs.at(2 * i) = static_cast<char>('0' + i / 10);
        pairs.at(2 * i + 1) = static_cast<char>('0' + i % 10);
    }
    return pairs;
}

constexpr std::array<char, 200> pairs = make_pairs();

/// @param value below 100
char* put_two(char* out, unsigned value) noexcept {
    std::memcpy(out, &pairs[std::size_t{2} * value], 2);
    return out + 2;
}

/// At least four digits, as PostgreSQL and ISO 8601 have it.
char* put_year(char* out, std::int64_t year) noexcept {
    if (year <= 9999) {
        const auto value = static_cast<unsigned>(year);
        return put_two(put_two(out, value / 100), value % 100);
    }
    return put_number(out, static_cast<std::uint64_t>(year));
}

/// A point and the digits up to the last one that is not zero; nothing for zero.
char* put_fraction(char* out, std::uint32_t nanoseconds) noexcept {
    if (nanoseconds == 0) {
        return out;
    }
    *out++ = '.';
    out = put_two(out, nanoseconds / 10'000'000);
    out = put_two(out, nanoseconds / 100'000 % 100);
    out = put_two(out, nanoseconds / 1'000 % 100);
    out = put_two(out, nanoseconds / 10 % 100);
    *out++ = static_cast<char>('0' + nanoseconds % 10);
    while (out[-1] == '0') {
        --out;
    }
    return out;
}

char* put_clock(char* out, unsigned seconds_of_day) noexcept {
    out = put_two(out, seconds_of_day / 3600);
    *out++ = ':';
    out = put_two(out, seconds_of_day / 60 % 60);
    *out++ = ':';
    return put_two(out, seconds_of_day % 60);
}

char* put_civil(char* out, const CivilDate& date) noexcept {
    out = put_year(out, date.year > 0 ? date.year : 1 - date.year);
    *out++ = '-';
    out = put_two(out, date.month);
    *out++ = '-';
    return put_two(out, date.day);
}

/// Hours may have any number of digits, at least two.
char* put_duration(char* out, std::uint64_t seconds, std::uint32_t nanoseconds) noexcept {
    const std::uint64_t hours = seconds / 3600;
    out = hours < 100 ? put_two(out, static_cast<unsigned>(hours)) : put_number(out, hours);
    *out++ = ':';
    out = put_two(out, static_cast<unsigned>(seconds / 60 % 60));
    *out++ = ':';
    out = put_two(out, static_cast<unsigned>(seconds % 60));
    return put_fraction(out, nanoseconds);
}

std::uint64_t magnitude(std::int64_t value) noexcept {
    return value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
}

/// One field of an interval, as in "-3 days". A positive field behind a negative one shows its sign.
char* put_field(char* out, const char* begin, std::int64_t value, std::string_view unit,
                bool& after_negative) noexcept {
    if (value == 0) {
        return out;
    }
    if (out != begin) {
        *out++ = ' ';
    }
    if (value < 0) {
        *out++ = '-';
    } else if (after_negative) {
        *out++ = '+';
    }
    out = put_number(out, magnitude(value));
    *out++ = ' ';
    out = put_text(out, unit);
    if (value != 1) {
        *out++ = 's';
    }
    after_negative = value < 0;
    return out;
}

}  // namespace

char* write_date(char* out, std::int64_t days) noexcept {
    const CivilDate date = civil_from_days(days);
    out = put_civil(out, date);
    return date.year > 0 ? out : put_text(out, " BC");
}

char* write_timestamp(char* out, std::int64_t seconds, std::uint32_t nanoseconds, std::string_view mark) noexcept {
    const CivilDate date = civil_from_days(floor_days(seconds));
    const std::int64_t rest = seconds % seconds_per_day;
    out = put_civil(out, date);
    *out++ = ' ';
    out = put_clock(out, static_cast<unsigned>(rest < 0 ? rest + seconds_per_day : rest));
    out = put_fraction(out, nanoseconds);
    out = put_text(out, mark);
    return date.year > 0 ? out : put_text(out, " BC");
}

char* write_time(char* out, std::int64_t nanoseconds) noexcept {
    if (nanoseconds < 0) {
        *out++ = '-';
    }
    const std::uint64_t value = magnitude(nanoseconds);
    return put_duration(out, value / nanoseconds_per_second,
                        static_cast<std::uint32_t>(value % nanoseconds_per_second));
}

char* write_offset(char* out, std::int32_t seconds) noexcept {
    *out++ = seconds < 0 ? '-' : '+';
    const auto value = static_cast<unsigned>(magnitude(seconds));
    out = put_two(out, value / 3600);
    if (value % 3600 != 0) {
        *out++ = ':';
        out = put_two(out, value / 60 % 60);
    }
    if (value % 60 != 0) {
        *out++ = ':';
        out = put_two(out, value % 60);
    }
    return out;
}

char* write_interval(char* out, std::int32_t months, std::int32_t days, std::int64_t microseconds) noexcept {
    const char* const begin = out;
    bool after_negative = false;
    out = put_field(out, begin, months / 12, "year", after_negative);
    out = put_field(out, begin, months % 12, "mon", after_negative);
    out = put_field(out, begin, days, "day", after_negative);
    if (microseconds != 0 || out == begin) {
        if (out != begin) {
            *out++ = ' ';
        }
        if (microseconds < 0) {
            *out++ = '-';
        } else if (after_negative) {
            *out++ = '+';
        }
        const std::uint64_t value = magnitude(microseconds);
        out = put_duration(out, value / 1'000'000, static_cast<std::uint32_t>(value % 1'000'000) * 1000);
    }
    return out;
}

}  // namespace tinybird_cdk::encode
