// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace tinybird_cdk::encode {

/// A date of the proleptic Gregorian calendar; year 0 is 1 BC.
struct CivilDate {
    std::int64_t year = 1970;
    unsigned month = 1;
    unsigned day = 1;
};

/// @param days since 1970-01-01; the algorithm of H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"
constexpr CivilDate civil_from_days(std::int64_t days) noexcept {
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const auto day_of_era = static_cast<unsigned>(days - era * 146097);
    const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const unsigned month_index = (5 * day_of_year + 2) / 153;
    const unsigned day = day_of_year - (153 * month_index + 2) / 5 + 1;
    const unsigned month = month_index < 10 ? month_index + 3 : month_index - 9;
    return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

/// Days since 1970-01-01.
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) noexcept {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const auto year_of_era = static_cast<unsigned>(year - era * 400);
    const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

inline constexpr std::int64_t seconds_per_day = 86400;

/// Whole days of a time, rounded down.
constexpr std::int64_t floor_days(std::int64_t seconds) noexcept {
    return seconds / seconds_per_day - (seconds % seconds_per_day < 0 ? 1 : 0);
}

/// Days whose seconds fit 64 bits: ±292 billion years.
inline constexpr std::int64_t most_days = std::numeric_limits<std::int64_t>::max() / seconds_per_day;

/// The most bytes that the functions below write.
inline constexpr std::size_t longest_date_text = 96;

/// "2026-11-24", "0044-03-15 BC", "294276-12-31". @return behind the last byte
char* write_date(char* out, std::int64_t days) noexcept;
/// "2026-11-24 10:11:12.5", `mark` behind it (as in "+00"), and " BC" at the end where it belongs.
char* write_timestamp(char* out, std::int64_t seconds, std::uint32_t nanoseconds, std::string_view mark) noexcept;
/// "04:05:06.789", "-838:59:59".
char* write_time(char* out, std::int64_t nanoseconds) noexcept;
/// "+02", "-03:30", "+01:02:03".
char* write_offset(char* out, std::int32_t seconds) noexcept;
/// PostgreSQL's notation: "1 year 2 mons -3 days +04:05:06.789"
/// (https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-INTERVAL-OUTPUT).
char* write_interval(char* out, std::int32_t months, std::int32_t days, std::int64_t microseconds) noexcept;

}  // namespace tinybird_cdk::encode
