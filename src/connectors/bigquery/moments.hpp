// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// Dates and times in the notations of BigQuery's API. Pure; nothing for another notation.
namespace tinybird_cdk::bigquery {

struct Moment {
    std::int64_t seconds = 0;  ///< since 1970-01-01 00:00:00
    std::uint32_t nanoseconds = 0;
    bool operator==(const Moment&) const = default;
};

struct Interval {
    std::int32_t months = 0;
    std::int32_t days = 0;
    std::int64_t microseconds = 0;
    bool operator==(const Interval&) const = default;
};

/// "2024-01-31": days since 1970-01-01.
std::optional<std::int64_t> days_of(std::string_view text);
/// "12:34:56.789012": nanoseconds since midnight.
std::optional<std::int64_t> time_of(std::string_view text);
/// "2024-01-31T12:34:56.789012".
std::optional<Moment> moment_of(std::string_view text);
/// Microseconds since 1970-01-01, as useInt64Timestamp asks for; or "2024-01-31T12:34:56.789012000000Z", as
/// timestampOutputFormat=ISO8601_STRING does, without digits behind those of nanoseconds.
std::optional<Moment> instant_of(std::string_view text);
/// Whether it is in the second of these notations, with up to twelve digits behind the second.
bool is_iso_instant(std::string_view text);
/// "-1-2 3 -4:5:6.789", of which each of the three parts has its own sign
/// (https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#interval_type).
std::optional<Interval> interval_of(std::string_view text);

}  // namespace tinybird_cdk::bigquery
