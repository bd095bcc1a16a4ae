// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tinybird_cdk::mysql {

/// A date and time of day, part by part: MySQL's need not be a day of the calendar (0000-00-00, 2020-00-00, and with
/// ALLOW_INVALID_DATES 2021-02-31).
struct Moment {
    std::uint32_t year = 0;
    std::uint32_t month = 0;
    std::uint32_t day = 0;
    std::uint32_t hour = 0;
    std::uint32_t minute = 0;
    std::uint32_t second = 0;
    std::uint32_t microsecond = 0;

    /// Since 1970-01-01; nothing when there is no such day. MySQL's year 0 is none: ISO 8601 has it as 1 BC, and
    /// MySQL's manual counts it among what is invalid.
    [[nodiscard]] std::optional<std::int64_t> days() const noexcept;
    /// Of the day.
    [[nodiscard]] std::int64_t seconds() const noexcept { return (hour * 60 + minute) * std::int64_t{60} + second; }
};

/// @param bytes the 0, 4, 7 or 11 of the binary protocol. @throws MalformedData
Moment read_moment(std::string_view bytes);
/// @param bytes the 0, 8 or 12 of the binary protocol. @return nanoseconds, of either sign. @throws MalformedData
std::int64_t read_duration(std::string_view bytes);

/// As MySQL writes it. @param decimals digits of the fraction, 0 to 6
void append_date(std::string& out, const Moment& moment);
void append_datetime(std::string& out, const Moment& moment, unsigned int decimals);

}  // namespace tinybird_cdk::mysql
