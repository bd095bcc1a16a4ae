// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tinybird_cdk::sqlite {

/// A text that reads as a date or a date and time: `YYYY-MM-DD[ HH:MM:SS[.fraction]]`, `T` being as good as the space
/// (https://www.sqlite.org/lang_datefunc.html, formats 1, 3, 4, 6 and 7).
struct IsoMoment {
    int year = 0;
    std::int64_t days = 0;  ///< since 1970-01-01
    bool has_time = false;
    std::int64_t seconds = 0;  ///< of the day
    std::uint32_t nanoseconds = 0;
    int fraction_digits = 0;  ///< as written
};

/// Nothing for a text of another form, and for a day or a time that does not exist.
std::optional<IsoMoment> parse_iso_moment(std::string_view text) noexcept;

}  // namespace tinybird_cdk::sqlite
