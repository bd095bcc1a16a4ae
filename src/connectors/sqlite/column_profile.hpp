// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tinybird_cdk::sqlite {

/// What values a column holds. Any value of SQLite may be in any column, so only a look at all of them tells.
class ColumnProfile {
public:
    void see_null() noexcept { ++nulls; }
    void see_integer(std::int64_t value) noexcept;
    void see_real() noexcept { ++reals; }
    void see_text(std::string_view value) noexcept;
    void see_blob() noexcept { ++blobs; }

    /// Values that are not NULL.
    [[nodiscard]] std::uint64_t values() const noexcept { return integers + reals + texts + blobs; }
    /// Each text is a moment.
    [[nodiscard]] bool texts_are_moments() const noexcept { return texts > 0 && dates + datetimes == texts; }

    std::uint64_t nulls = 0;
    std::uint64_t integers = 0;
    std::uint64_t reals = 0;
    std::uint64_t texts = 0;
    std::uint64_t blobs = 0;

    std::uint64_t not_boolean = 0;    ///< integers other than 0 and 1
    std::uint64_t not_as_double = 0;  ///< integers that a double can't hold
    std::uint64_t dates = 0;          ///< texts that are a date alone
    std::uint64_t datetimes = 0;      ///< texts that are a date and a time
    int first_year = 9999;            ///< of the moments
    int last_year = 0;
    int fraction_digits = 0;  ///< the most of any moment
};

}  // namespace tinybird_cdk::sqlite
