// SPDX-License-Identifier: Apache-2.0
#include "column_profile.hpp"

#include <algorithm>

#include "iso_moment.hpp"

namespace tinybird_cdk::sqlite {

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
