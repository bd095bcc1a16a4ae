// SPDX-License-Identifier: Apache-2.0
#include "iso_moment.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace tinybird_cdk::sqlite {

namespace {

bool is_digit(char character) noexcept {
    return character >= '0' && character <= '9';
}

/// A digit where `form` has a 0, and every other character as it is there.
bool has_form(std::string_view text, std::string_view form) noexcept {
    return std::equal(text.begin(), text.end(), form.begin(), form.end(), [](char character, char expected) {
        return expected == '0' ? is_digit(character) : character == expected;
    });
}

int number_at(std::string_view text, std::size_t begin, std::size_t digits) noexcept {
    int number = 0;
    for (const char digit : text.substr(begin, digits)) {
        number = number * 10 + (digit - '0');
    }
    return number;
}

/// Reads `HH:MM:SS[.fraction]`. @return whether it is that
bool parse_time(std::string_view text, IsoMoment& moment) noexcept {
    constexpr std::string_view form = "00:00:00";
    constexpr int most_digits = 9;  // a finer fraction is more than any target holds
    if (!has_form(text.substr(0, form.size()), form)) {
        return false;
    }
    const int hours = number_at(text, 0, 2);
    const int minutes = number_at(text, 3, 2);
    const int seconds = number_at(text, 6, 2);
    if (hours > 23 || minutes > 59 || seconds > 59) {
        return false;
    }
    moment.has_time = true;
    moment.seconds = (hours * 60 + minutes) * 60 + seconds;
    if (text.size() == form.size()) {
        return true;
    }
    const std::string_view digits = text.substr(form.size() + 1);
    if (text[form.size()] != '.' || digits.empty() || digits.size() > most_digits ||
        !std::all_of(digits.begin(), digits.end(), is_digit)) {
        return false;
    }
    moment.fraction_digits = static_cast<int>(digits.size());
    moment.nanoseconds = static_cast<std::uint32_t>(number_at(digits, 0, digits.size()));
    for (int digit = moment.fraction_digits; digit < most_digits; ++digit) {
        moment.nanoseconds *= 10;
    }
    return true;
}

}  // namespace

std::optional<IsoMoment> parse_iso_moment(std::string_view text) noexcept {
    using namespace std::chrono;
    constexpr std::string_view form = "0000-00-00";
    const std::string_view date = text.substr(0, form.size());
    if (!has_form(date, form)) {
        return std::nullopt;
    }
    const year_month_day day(year(number_at(date, 0, 4)), month(static_cast<unsigned>(number_at(date, 5, 2))),
                             std::chrono::day(static_cast<unsigned>(number_at(date, 8, 2))));
    if (!day.ok()) {
        return std::nullopt;
    }
    IsoMoment moment;
    moment.year = static_cast<int>(day.year());
    moment.days = sys_days(day).time_since_epoch().count();
    if (text.size() > form.size() &&
        ((text[form.size()] != ' ' && text[form.size()] != 'T') || !parse_time(text.substr(form.size() + 1), moment))) {
        return std::nullopt;
    }
    return moment;
}

}  // namespace tinybird_cdk::sqlite
