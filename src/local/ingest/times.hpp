// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

/// Readers of dates and times in ISO's plain notation. What they refuse is not wrong for that: the engine decides.
namespace tinybird_cdk::local::ingest {

/// "2026-11-24" as days since 1970-01-01.
bool read_date(std::string_view text, std::int32_t& days) noexcept;

/// "2026-11-24 10:11:12.5", also with a T, also with "Z", "+02" or "+02:00" behind it, as ticks since 1970.
/// @param precision digits of the fraction that a tick counts; more of them are refused
/// @param utc whether a text without a zone is in UTC; it is refused otherwise
bool read_timestamp(std::string_view text, int precision, bool utc, std::int64_t& ticks) noexcept;

}  // namespace tinybird_cdk::local::ingest
