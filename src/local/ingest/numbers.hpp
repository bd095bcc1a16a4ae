// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>
#include <system_error>
#include <type_traits>

/// Readers of numbers that take the plain notation only, and only what fits. What they refuse is not wrong for that:
/// the engine decides.
namespace tinybird_cdk::local::ingest {

/// Digits without a sign and without zeros before them.
constexpr bool is_plain_magnitude(std::string_view text) noexcept {
    return !text.empty() && text.front() >= '0' && text.front() <= '9' && (text.front() != '0' || text.size() == 1);
}

template <std::integral T>
bool read_integer(std::string_view text, T& value) noexcept {
    const bool negative = std::is_signed_v<T> && text.starts_with('-');
    text.remove_prefix(negative ? 1 : 0);
    constexpr std::size_t most_digits = std::numeric_limits<std::uint64_t>::digits10 + 1;
    if (!is_plain_magnitude(text) || text.size() > most_digits || (negative && text == "0")) {
        return false;
    }
    std::uint64_t magnitude = 0;
    for (const char c : text) {
        const auto digit = static_cast<unsigned char>(c - '0');
        if (digit > 9 || __builtin_mul_overflow(magnitude, std::uint64_t{10}, &magnitude) ||
            __builtin_add_overflow(magnitude, std::uint64_t{digit}, &magnitude)) {
            return false;
        }
    }
    // The lowest number is one further from zero than the highest.
    if (magnitude > static_cast<std::uint64_t>(std::numeric_limits<T>::max()) + (negative ? 1U : 0U)) {
        return false;
    }
    value = static_cast<T>(negative ? std::uint64_t{0} - magnitude : magnitude);
    return true;
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
