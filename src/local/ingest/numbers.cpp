// SPDX-License-Identifier: Apache-2.0
#include "local/ingest/numbers.hpp"

#include <algorithm>

namespace tinybird_cdk::local::ingest {

namespace {

__extension__ using Product = unsigned __int128;

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// value = value * 10 + digit. @return false when it does not fit
template <std::size_t Limbs>
bool push_digit(Wide<Limbs>& value, unsigned digit) noexcept {
    std::uint64_t carry = digit;
    for (std::uint64_t& limb : value) {
        const Product product = Product{limb} * 10 + carry;
        limb = static_cast<std::uint64_t>(product);
        carry = static_cast<std::uint64_t>(product >> 64U);
    }
    return carry == 0;
}

template <std::size_t Limbs>
void negate(Wide<Limbs>& value) noexcept {
    std::uint64_t carry = 1;
    for (std::uint64_t& limb : value) {
        limb = ~limb + carry;
        carry = carry != 0 && limb == 0 ? 1 : 0;
    }
}

struct Decimal {
    bool negative = false;
    std::string_view whole;
    std::string_view fraction;
};

/// The parts of "-12.30", when they fit.
bool cut_decimal(std::string_view text, int precision, int scale, Decimal& parts) noexcept {
    parts.negative = text.starts_with('-');
    text.remove_prefix(parts.negative ? 1 : 0);
    const std::size_t point = std::min(text.find('.'), text.size());
    parts.whole = text.substr(0, point);
    parts.fraction = text.substr(std::min(point + 1, text.size()));
    const bool zero = parts.whole == "0";
    return is_plain_magnitude(parts.whole) && std::all_of(parts.whole.begin(), parts.whole.end(), is_digit) &&
           std::all_of(parts.fraction.begin(), parts.fraction.end(), is_digit) &&
           (point == text.size() || !parts.fraction.empty()) &&
           parts.whole.size() <= static_cast<std::size_t>(precision - scale) + (zero ? 1U : 0U) &&
           parts.fraction.size() <= static_cast<std::size_t>(scale);
}

}  // namespace

template <std::size_t Limbs>
bool read_wide(std::string_view text, bool is_signed, Wide<Limbs>& value) noexcept {
    const bool negative = is_signed && text.starts_with('-');
    text.remove_prefix(negative ? 1 : 0);
    value = {};
    if (!is_plain_magnitude(text) || (negative && text == "0")) {
        return false;
    }
    for (const char c : text) {
        if (!is_digit(c) || !push_digit(value, static_cast<unsigned>(c - '0'))) {
            return false;
        }
    }
    if (!is_signed) {
        return true;
    }
    constexpr std::uint64_t highest = std::uint64_t{1} << 63U;
    if ((value.back() & highest) != 0) {
        // Only the lowest number of all has this bit in its magnitude.
        Wide<Limbs> lowest{};
        lowest.back() = highest;
        if (!negative || value != lowest) {
            return false;
        }
    }
    if (negative) {
        negate(value);
    }
    return true;
}

template <std::size_t Limbs>
bool read_decimal(std::string_view text, int precision, int scale, Wide<Limbs>& value) noexcept {
    Decimal parts;
    if (!cut_decimal(text, precision, scale, parts)) {
        return false;
    }
    value = {};
    for (const std::string_view digits : {parts.whole, parts.fraction}) {
        for (const char c : digits) {
            push_digit(value, static_cast<unsigned>(c - '0'));
        }
    }
    for (auto i = parts.fraction.size(); i < static_cast<std::size_t>(scale); ++i) {
        push_digit(value, 0);
    }
    if (parts.negative) {
        negate(value);
    }
    return true;
}

bool read_decimal(std::string_view text, int precision, int scale, std::int64_t& value) noexcept {
    Decimal parts;
    if (!cut_decimal(text, precision, scale, parts)) {
        return false;
    }
    value = 0;
    for (const std::string_view digits : {parts.whole, parts.fraction}) {
        for (const char c : digits) {
            value = value * 10 + (c - '0');
        }
    }
    for (auto i = parts.fraction.size(); i < static_cast<std::size_t>(scale); ++i) {
        value *= 10;
    }
    value = parts.negative ? -value : value;
    return true;
}

template bool read_wide<2>(std::string_view, bool, Wide<2>&) noexcept;
template bool read_wide<4>(std::string_view, bool, Wide<4>&) noexcept;
template bool read_decimal<2>(std::string_view, int, int, Wide<2>&) noexcept;
template bool read_decimal<4>(std::string_view, int, int, Wide<4>&) noexcept;

}  // namespace tinybird_cdk::local::ingest
