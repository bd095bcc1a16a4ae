// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tinybird_cdk::encode::parquet {

/// A date or a time as the row writers write it.
struct Moment {
    std::int64_t seconds = 0;      ///< since 1970-01-01 00:00:00
    std::int64_t nanoseconds = 0;  ///< 0 to 999,999,999, added to the seconds
    bool utc = false;              ///< marked as a point in time: "Z" or "+00" behind it
};

/// "2026-11-24", "2026-11-24 10:11:12", "2026-11-24T10:11:12.123456789Z": a year of four digits, a space or a T, up to
/// nine digits behind the second. @return nothing for another text, or a day that does not exist
std::optional<Moment> read_moment(std::string_view text) noexcept;

}  // namespace tinybird_cdk::encode::parquet
