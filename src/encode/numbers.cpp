// SPDX-License-Identifier: Apache-2.0
#include "encode/numbers.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <system_error>

namespace tinybird_cdk::encode {

namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// The digits without sign and leading zeros; "0" becomes "".
std::string_view significant(std::string_view digits) noexcept {
    if (!digits.empty() && (digits.front() == '-' || digits.front() == '+')) {
        digits.remove_prefix(1);
    }
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return digits;
}

/// Whether |value| fits a significand of `bits` bits: what is left when trailing zero bits are dropped.
bool fits_significand(std::int64_t value, int bits) noexcept {
    std::uint64_t magnitude = value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
    while (magnitude != 0 && (magnitude & 1U) == 0) {
        magnitude >>= 1U;
    }
    return (magnitude >> static_cast<unsigned>(bits)) == 0;
}

}  // namespace

DecimalShape shape_of(std::string_view digits) noexcept {
    DecimalShape shape;
    std::size_t i = 0;
    if (i < digits.size() && (digits[i] == '-' || digits[i] == '+')) {
        ++i;
    }
    const std::size_t begin = i;
    while (i < digits.size() && is_digit(digits[i])) {
        ++i;
    }
    const std::string_view integer = digits.substr(begin, i - begin);
    std::string_view fraction;
    if (i < digits.size() && digits[i] == '.') {
        const std::size_t first = ++i;
        while (i < digits.size() && is_digit(digits[i])) {
            ++i;
        }
        fraction = digits.substr(first, i - first);
    }
    shape.valid = i == digits.size() && (!integer.empty() || !fraction.empty());
    // RFC 8259 §6
    shape.canonical = shape.valid && digits.front() != '+' && !integer.empty() &&
                      (integer.size() == 1 || integer.front() != '0') && digits.back() != '.';
    shape.written = integer.size() + fraction.size();
    shape.integer = significant(integer).size();
    const std::size_t last = fraction.find_last_not_of('0');
    shape.fraction = last == std::string_view::npos ? 0 : last + 1;
    return shape;
}

std::string canonical(std::string_view digits) {
    const bool negative = digits.front() == '-';
    const std::size_t point = std::min(digits.find('.'), digits.size());
    const std::string_view whole = significant(digits.substr(0, point));
    std::string result = negative ? "-" : "";
    result += whole.empty() ? "0" : whole;
    if (point + 1 < digits.size()) {
        result += digits.substr(point);
    }
    return result;
}

std::string rounded(std::string_view digits, std::size_t scale) {
    const bool negative = digits.front() == '-';
    const std::string number = canonical(digits);
    const std::string_view magnitude = std::string_view(number).substr(negative ? 1 : 0);
    const std::size_t point = std::min(magnitude.find('.'), magnitude.size());
    const std::size_t kept = std::min(magnitude.size(), point + (scale > 0 ? 1 + scale : 0));
    std::string result(magnitude.substr(0, kept));
    const std::size_t next = scale > 0 ? kept : point + 1;
    if (next < magnitude.size() && magnitude[next] >= '5') {
        std::size_t i = result.size();
        while (i > 0 && (result[i - 1] == '9' || result[i - 1] == '.')) {
            if (result[--i] == '9') {
                result[i] = '0';
            }
        }
        if (i == 0) {
            result.insert(result.begin(), '1');
        } else {
            ++result[i - 1];
        }
    }
    const bool zero = result.find_first_not_of("0.") == std::string::npos;
    return negative && !zero ? "-" + result : result;
}

std::string_view integer_limit(int bits, bool is_signed, bool smallest) noexcept {
    if (!is_signed && smallest) {
        return "0";
    }
    switch (bits) {
        case 8:
            return is_signed ? (smallest ? "-128" : "127") : "255";
        case 16:
            return is_signed ? (smallest ? "-32768" : "32767") : "65535";
        case 32:
            return is_signed ? (smallest ? "-2147483648" : "2147483647") : "4294967295";
        case 64:
            return is_signed ? (smallest ? "-9223372036854775808" : "9223372036854775807") : "18446744073709551615";
        case 128:
            return is_signed ? (smallest ? "-170141183460469231731687303715884105728"
                                         : "170141183460469231731687303715884105727")
                             : "340282366920938463463374607431768211455";
        default:
            return is_signed
                       ? (smallest ? "-57896044618658097711785492504343953926634992332820282019728792003956564819968"
                                   : "57896044618658097711785492504343953926634992332820282019728792003956564819967")
                       : "115792089237316195423570985008687907853269984665640564039457584007913129639935";
    }
}

bool fits_integer(std::string_view digits, int bits, bool is_signed) noexcept {
    const std::string_view value = significant(digits);
    const bool negative = !value.empty() && digits.front() == '-';
    const std::string_view limit = significant(integer_limit(bits, is_signed, negative));
    return value.size() != limit.size() ? value.size() < limit.size() : value <= limit;
}

bool exact_in_double(std::int64_t value) noexcept {
    return fits_significand(value, 53);
}

double nearest_double(std::string_view digits) noexcept {
    double value = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (result.ec == std::errc::result_out_of_range && shape_of(digits).integer > 0) {
        value = std::numeric_limits<double>::max();
        return digits.front() == '-' ? -value : value;
    }
    return value;
}

namespace {

template <class Float>
std::string fixed(Float value) {
    // The largest double has 309 digits before the point; the smallest needs 17 behind 323 zeros.
    std::array<char, 384> text;
    const auto result = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    return {text.data(), result.ptr};
}

}  // namespace

std::string fixed_text(double value) {
    return fixed(value);
}

std::string fixed_text(float value) {
    return fixed(value);
}

}  // namespace tinybird_cdk::encode
