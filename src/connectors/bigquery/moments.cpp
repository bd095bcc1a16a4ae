// SPDX-License-Identifier: Apache-2.0
#include "moments.hpp"

#include <charconv>
#include <chrono>

namespace tinybird_cdk::bigquery {

namespace {

constexpr std::int64_t seconds_of_a_day = 86'400;
constexpr std::int64_t micro = 1'000'000;
constexpr std::int64_t nano = 1'000'000'000;

/// Takes what a notation consists of from its begin.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    /// One digit at least. @param most digits
    bool number(std::int64_t& value, std::size_t most) {
        std::size_t digits = 0;
        while (digits < text_.size() && digits < most && text_[digits] >= '0' && text_[digits] <= '9') {
            ++digits;
        }
        const auto [end, error] = std::from_chars(text_.data(), text_.data() + digits, value);
        text_.remove_prefix(digits);
        return digits > 0 && error == std::errc();
    }
    bool sign(char c) {
        if (text_.empty() || text_.front() != c) {
            return false;
        }
        text_.remove_prefix(1);
        return true;
    }
    /// ".789" in nanoseconds; nothing there is 0.
    bool fraction(std::int64_t& nanoseconds) {
        nanoseconds = 0;
        if (!sign('.')) {
            return true;
        }
        constexpr std::size_t most = 9;
        const std::size_t before = text_.size();
        if (!number(nanoseconds, most)) {
            return false;
        }
        for (std::size_t digits = before - text_.size(); digits < most; ++digits) {
            nanoseconds *= 10;
        }
        return true;
    }
    [[nodiscard]] bool ended() const noexcept { return text_.empty(); }

private:
    std::string_view text_;
};

std::optional<std::int64_t> read_date(Reader& reader) {
    std::int64_t year = 0;
    std::int64_t month = 0;
    std::int64_t day = 0;
    if (!reader.number(year, 4) || !reader.sign('-') || !reader.number(month, 2) || !reader.sign('-') ||
        !reader.number(day, 2)) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date).time_since_epoch().count();
}

/// @param most_hours digits of the hours
std::optional<std::int64_t> read_time(Reader& reader, std::size_t most_hours, std::int64_t& nanoseconds) {
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    std::int64_t seconds = 0;
    if (!reader.number(hours, most_hours) || !reader.sign(':') || !reader.number(minutes, 2) || !reader.sign(':') ||
        !reader.number(seconds, 2) || !reader.fraction(nanoseconds) || minutes > 59 || seconds > 59) {
        return std::nullopt;
    }
    return hours * 3600 + minutes * 60 + seconds;
}

/// @param picoseconds the digits 10 to 12 behind the second
std::optional<Moment> read_iso(std::string_view text, std::int64_t& picoseconds) {
    Reader reader(text);
    const auto days = read_date(reader);
    if (!days || !reader.sign('T')) {
        return std::nullopt;
    }
    std::int64_t nanoseconds = 0;
    const auto seconds = read_time(reader, 2, nanoseconds);
    picoseconds = 0;
    if (text.find('.') != std::string_view::npos) {
        // No digits are left of a fraction that is shorter.
        reader.number(picoseconds, 3);
    }
    if (!seconds || *seconds >= seconds_of_a_day || !reader.sign('Z') || !reader.ended()) {
        return std::nullopt;
    }
    return Moment{.seconds = *days * seconds_of_a_day + *seconds,
                  .nanoseconds = static_cast<std::uint32_t>(nanoseconds)};
}

}  // namespace

std::optional<std::int64_t> days_of(std::string_view text) {
    Reader reader(text);
    const auto days = read_date(reader);
    return reader.ended() ? days : std::nullopt;
}

std::optional<std::int64_t> time_of(std::string_view text) {
    Reader reader(text);
    std::int64_t nanoseconds = 0;
    const auto seconds = read_time(reader, 2, nanoseconds);
    if (!seconds || *seconds >= seconds_of_a_day || !reader.ended()) {
        return std::nullopt;
    }
    return *seconds * nano + nanoseconds;
}

std::optional<Moment> moment_of(std::string_view text) {
    Reader reader(text);
    const auto days = read_date(reader);
    if (!days || !(reader.sign('T') || reader.sign(' '))) {
        return std::nullopt;
    }
    std::int64_t nanoseconds = 0;
    const auto seconds = read_time(reader, 2, nanoseconds);
    if (!seconds || *seconds >= seconds_of_a_day || !reader.ended()) {
        return std::nullopt;
    }
    return Moment{.seconds = *days * seconds_of_a_day + *seconds,
                  .nanoseconds = static_cast<std::uint32_t>(nanoseconds)};
}

bool is_iso_instant(std::string_view text) {
    std::int64_t picoseconds = 0;
    return read_iso(text, picoseconds).has_value();
}

std::optional<Moment> instant_of(std::string_view text) {
    if (std::int64_t picoseconds = 0; const auto moment = read_iso(text, picoseconds)) {
        return picoseconds == 0 ? moment : std::nullopt;
    }
    std::int64_t microseconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), microseconds);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    std::int64_t seconds = microseconds / micro;
    std::int64_t rest = microseconds % micro;
    if (rest < 0) {
        --seconds;
        rest += micro;
    }
    return Moment{.seconds = seconds, .nanoseconds = static_cast<std::uint32_t>(rest * (nano / micro))};
}

std::optional<Interval> interval_of(std::string_view text) {
    Reader reader(text);
    std::int64_t years = 0;
    std::int64_t months = 0;
    std::int64_t days = 0;
    constexpr std::size_t most_digits = 9;
    const bool months_back = reader.sign('-');
    if (!reader.number(years, 5) || !reader.sign('-') || !reader.number(months, 2) || !reader.sign(' ')) {
        return std::nullopt;
    }
    const bool days_back = reader.sign('-');
    if (!reader.number(days, most_digits) || !reader.sign(' ')) {
        return std::nullopt;
    }
    const bool time_back = reader.sign('-');
    std::int64_t nanoseconds = 0;
    const auto seconds = read_time(reader, most_digits, nanoseconds);
    if (!seconds || !reader.ended() || nanoseconds % (nano / micro) != 0) {
        return std::nullopt;
    }
    const std::int64_t all_months = years * 12 + months;
    const std::int64_t microseconds = *seconds * micro + nanoseconds / (nano / micro);
    return Interval{.months = static_cast<std::int32_t>(months_back ? -all_months : all_months),
                    .days = static_cast<std::int32_t>(days_back ? -days : days),
                    .microseconds = time_back ? -microseconds : microseconds};
}

}  // namespace tinybird_cdk::bigquery
