// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <system_error>

/// Readers of numbers that take the plain notation only, and only what fits. What they refuse is not wrong for that:
/// the engine decides.
namespace tinybird_cdk::local::ingest {

/// Digits without a sign and without zeros before them.
constexpr bool is_plain_magnitude(std::string_view text) noexcept {
    return !text.empty() && text.front() >= '0' && text.front() <= '9' && (text.front() != '0' || text.size() == 1);
}

template <std::integral T>
bool read_integer(std::string_view text, T& value) noexcept {
    const bool negative = text.starts_with('-');
    const std::string_view magnitude = negative ? text.substr(1) : text;
    if (!is_plain_magnitude(magnitude) || (negative && magnitude == "0")) {
        return false;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

template <std::floating_point T>
bool read_float(std::string_view text, T& value) noexcept {
    // from_chars takes "inf" and "nan" too.
    const std::string_view magnitude = text.starts_with('-') ? text.substr(1) : text;
    if (magnitude.empty() || magnitude.front() < '0' || magnitude.front() > '9') {
        return false;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

/// An integer of 128 or 256 bits in two's complement, as ClickHouse stores it.
template <std::size_t Limbs>
using Wide = std::array<std::uint64_t, Limbs>;

/// @param is_signed whether a sign is understood and the highest bit is one
template <std::size_t Limbs>
bool read_wide(std::string_view text, bool is_signed, Wide<Limbs>& value) noexcept;

/// A decimal as the integer of its digits. @param precision digits in all, @param scale digits behind the point
template <std::size_t Limbs>
bool read_decimal(std::string_view text, int precision, int scale, Wide<Limbs>& value) noexcept;
/// The same for up to 18 digits.
bool read_decimal(std::string_view text, int precision, int scale, std::int64_t& value) noexcept;

}  // namespace tinybird_cdk::local::ingest
