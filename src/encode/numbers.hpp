// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tinybird_cdk::encode {

/// The most bytes that an integer of 64 bits or the shortest text of a float needs.
inline constexpr std::size_t longest_number_text = 32;

/// @param out has room for longest_number_text bytes. @return behind the last byte
template <class Number>
char* write_number(char* out, Number value) noexcept {
    return std::to_chars(out, out + longest_number_text, value).ptr;
}

/// How many digits a decimal needs, as in "-0012.340": 2 before the point, 2 behind it.
struct DecimalShape {
    bool valid = false;        ///< an optional sign, digits, an optional point with digits; nothing else
    bool canonical = false;    ///< valid, and a number in JSON too: no '+', no needless zero first, no bare point
    std::size_t integer = 0;   ///< digits before the point, leading zeros left out
    std::size_t fraction = 0;  ///< digits behind the point, trailing zeros left out
    std::size_t written = 0;   ///< digits as they stand, zeros and all
};
DecimalShape shape_of(std::string_view digits) noexcept;

/// The same number as JSON writes it ("+.50" becomes "0.50"). @param digits of a valid shape
std::string canonical(std::string_view digits);
/// Rounded to so many digits behind the point, half away from zero. @param digits of a valid shape
std::string rounded(std::string_view digits, std::size_t scale);

/// Whether an integer of any size, given as its digits, lies within `bits` bits.
bool fits_integer(std::string_view digits, int bits, bool is_signed) noexcept;
/// The largest (or smallest) integer of so many bits, as its digits.
std::string_view integer_limit(int bits, bool is_signed, bool smallest) noexcept;

/// Whether a double holds this integer exactly.
bool exact_in_double(std::int64_t value) noexcept;

/// The finite double nearest to a decimal of any size. @param digits of a canonical shape
double nearest_double(std::string_view digits) noexcept;
/// All digits of a finite float, without an exponent: exact for integers, else the fewest that give it back.
std::string fixed_text(double value);
std::string fixed_text(float value);

}  // namespace tinybird_cdk::encode
