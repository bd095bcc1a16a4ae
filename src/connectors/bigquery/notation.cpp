// SPDX-License-Identifier: Apache-2.0
#include "notation.hpp"

#include <chrono>

#include <fmt/format.h>

namespace tinybird_cdk::bigquery {

namespace {

constexpr std::int64_t seconds_of_a_day = 86'400;

}  // namespace

std::string decimal_text(std::string_view digits) {
    std::string text;
    if (digits.starts_with('-')) {
        text = "-";
        digits.remove_prefix(1);
    }
    const std::size_t point = digits.find('.');
    if (point == 0) {
        text += '0';
    }
    if (point != std::string_view::npos) {
        digits = digits.substr(0, digits.find_last_not_of('0') + 1);
        if (digits.ends_with('.')) {
            digits.remove_suffix(1);
        }
    }
    text.append(digits);
    return text == "-0" ? "0" : text;
}

std::string date_bound(std::int64_t days) {
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

std::string moment_bound(const Moment& moment, bool is_instant) {
    std::int64_t days = moment.seconds / seconds_of_a_day;
    std::int64_t rest = moment.seconds % seconds_of_a_day;
    if (rest < 0) {
        --days;
        rest += seconds_of_a_day;
    }
    std::string text = fmt::format("{} {:02}:{:02}:{:02}", date_bound(days), rest / 3600, rest / 60 % 60, rest % 60);
    if (moment.nanoseconds != 0) {
        std::string fraction = fmt::format("{:09}", moment.nanoseconds);
        fraction.resize(fraction.find_last_not_of('0') + 1);
        text += "." + fraction;
    }
    return text + (is_instant ? "+00" : "");
}

std::string range_text(const std::optional<std::string>& begin, const std::optional<std::string>& end) {
    constexpr const char* unbounded = "UNBOUNDED";
    return fmt::format("[{}, {})", begin.value_or(unbounded), end.value_or(unbounded));
}

}  // namespace tinybird_cdk::bigquery
