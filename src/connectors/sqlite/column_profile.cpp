// SPDX-License-Identifier: Apache-2.0
#include "column_profile.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace tinybird_cdk::sqlite {

namespace {

bool is_digit(char character) noexcept {
    return character >= '0' && character <= '9';
}

/// The digits that stand for one in `form`, with every other character as it is there.
bool has_form(std::string_view text, std::string_view form) noexcept {
    if (text.size() != form.size()) {
        return false;
    }
    for (std::size_t index = 0; index < form.size(); ++index) {
        if (form[index] == '0' ? !is_digit(text[index]) : text[index] != form[index]) {
            return false;
        }
    }
    return true;
}

int number_at(std::string_view text, std::size_t begin, std::size_t digits) noexcept {
    int number = 0;
    for (const char digit : text.substr(begin, digits)) {
        number = number * 10 + (digit - '0');
    }
    return number;
}

bool is_day(std::string_view text) noexcept {
    using namespace std::chrono;
    return year_month_day(year(number_at(text, 0, 4)), month(static_cast<unsigned>(number_at(text, 5, 2))),
                          day(static_cast<unsigned>(number_at(text, 8, 2))))
        .ok();
}

}  // namespace

std::optional<IsoMoment> parse_iso_moment(std::string_view text) noexcept {
    constexpr std::string_view date_form = "0000-00-00";
    constexpr std::string_view time_form = "00:00:00";
    constexpr std::size_t time_begin = date_form.size() + 1;
    constexpr std::size_t fraction_begin = time_begin + time_form.size();
    const std::string_view date = text.substr(0, date_form.size());
    if (!has_form(date, date_form) || !is_day(date)) {
        return std::nullopt;
    }
    IsoMoment moment;
    moment.year = number_at(date, 0, 4);
    if (text.size() == date.size()) {
        return moment;
    }
    moment.has_time = true;
    if ((text[date.size()] != ' ' && text[date.size()] != 'T') ||
        !has_form(text.substr(time_begin, time_form.size()), time_form) || number_at(text, time_begin, 2) > 23 ||
        number_at(text, time_begin + 3, 2) > 59 || number_at(text, time_begin + 6, 2) > 59) {
        return std::nullopt;
    }
    if (text.size() > fraction_begin) {
        const std::string_view digits = text.substr(fraction_begin + 1);
        // More than nine digits are more than any target holds.
        if (text[fraction_begin] != '.' || digits.empty() || digits.size() > 9 ||
            !std::all_of(digits.begin(), digits.end(), is_digit)) {
            return std::nullopt;
        }
        moment.fraction_digits = static_cast<int>(digits.size());
    }
    return moment;
}

void ColumnProfile::see_integer(std::int64_t value) noexcept {
    ++integers;
    not_boolean += value != 0 && value != 1 ? 1U : 0U;
    // 2^63 as a double is no int64, so the largest values must not be cast back.
    constexpr double beyond = 9223372036854775808.0;
    const auto as_double = static_cast<double>(value);
    not_as_double += as_double >= beyond || static_cast<std::int64_t>(as_double) != value ? 1U : 0U;
}

void ColumnProfile::see_text(std::string_view value) noexcept {
    ++texts;
    if (const auto moment = parse_iso_moment(value)) {
        ++(moment->has_time ? datetimes : dates);
        first_year = std::min(first_year, moment->year);
        last_year = std::max(last_year, moment->year);
        fraction_digits = std::max(fraction_digits, moment->fraction_digits);
    }
}

}  // namespace tinybird_cdk::sqlite
