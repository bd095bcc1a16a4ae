// SPDX-License-Identifier: Apache-2.0
// Numbers that their target can't plainly hold, and those that it takes only after a closer look.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>

#include <fmt/format.h>

#include "encode/dates.hpp"
#include "encode/numbers.hpp"
#include "encode/row_writer_impl.hpp"
#include "encode/shown.hpp"

namespace tinybird_cdk {

using encode::Accept;
using encode::shown;

namespace {

/// A reader that takes a bare JSON number through a double loses digits from here on.
constexpr std::size_t digits_that_need_quotes = 15;
constexpr double largest_float = std::numeric_limits<float>::max();

/// The digits before the point; "-0.5" gives "0", for ClickHouse refuses "-0" in an unsigned column.
std::string_view integer_part(std::string_view digits) {
    const std::string_view whole = digits.substr(0, digits.find('.'));
    return whole == "-0" ? "0" : whole;
}

bool beyond_float(std::string_view digits, const encode::DecimalShape& shape, Accept accept) {
    // A Float32 holds 38 digits, whatever they are.
    if (shape.integer <= std::numeric_limits<float>::max_exponent10) {
        return false;
    }
    double value = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return result.ec != std::errc() || (accept == Accept::float32 && std::abs(value) > largest_float);
}

/// Whether the text of a float gives the integer back that it was made from.
bool exact_in(Accept accept, std::string_view digits) {
    const double value = encode::nearest_double(digits);
    return encode::fixed_text(value) == digits &&
           (accept == Accept::float64 ||
            (std::abs(value) <= largest_float && static_cast<double>(static_cast<float>(value)) == value));
}

std::string largest_decimal(const encode::Rule& rule, bool negative) {
    const auto before_point = static_cast<std::size_t>(rule.precision - rule.scale);
    const auto behind_point = static_cast<std::size_t>(rule.scale);
    return fmt::format("{}{}{}{}", negative ? "-" : "", before_point > 0 ? std::string(before_point, '9') : "0",
                       behind_point > 0 ? "." : "", std::string(behind_point, '9'));
}

bool fits_decimal(const encode::Rule& rule, const encode::DecimalShape& shape) {
    return shape.integer <= static_cast<std::size_t>(rule.precision - rule.scale);
}

}  // namespace

void RowWriter::Impl::number_out_of_range(const Rule& rule, std::string_view digits, std::string_view why) {
    switch (resolve(Hazard::number_range, rule, digits, why)) {
        case Way::null:
            put_null();
            return;
        case Way::text:
            put_token(digits);
            return;
        case Way::clamp:
            put_nearest_number(rule, digits);
    }
}

void RowWriter::Impl::put_nearest_number(const Rule& rule, std::string_view digits) {
    const bool negative = digits.starts_with('-');
    switch (rule.accept) {
        case Accept::integer: {
            const std::string whole = encode::rounded(digits, 0);
            put_digits(encode::fits_integer(whole, rule.bits, rule.is_signed)
                           ? std::string_view(whole)
                           : encode::integer_limit(rule.bits, rule.is_signed, negative),
                       rule.bits > 64 ? Quoting::exact : Quoting::bare);
            return;
        }
        case Accept::datetime: {
            const std::string whole = encode::rounded(digits, 0);
            put_epoch(rule, encode::fits_integer(whole, 32, false) ? std::string_view(whole)
                                                                   : encode::integer_limit(32, false, negative));
            return;
        }
        case Accept::decimal: {
            const std::string value = encode::rounded(digits, static_cast<std::size_t>(rule.scale));
            put_digits(fits_decimal(rule, encode::shape_of(value)) ? value : largest_decimal(rule, negative),
                       Quoting::exact);
            return;
        }
        case Accept::boolean:
            put_digits(negative || encode::rounded(digits, 0) == "0" ? "false" : "true", Quoting::bare);
            return;
        case Accept::float32:
            put_number(static_cast<float>(std::clamp(encode::nearest_double(digits), -largest_float, largest_float)),
                       Quoting::bare);
            return;
        default:
            put_number(encode::nearest_double(digits), Quoting::bare);
    }
}

void RowWriter::Impl::put_epoch(const Rule& rule, std::string_view digits) {
    std::int64_t seconds = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    char text[encode::longest_date_text];
    const char* const end = encode::write_timestamp(text, seconds, 0, rule.utc_mark);
    put_token({text, static_cast<std::size_t>(end - text)});
}

void RowWriter::Impl::integer_text(const Rule& rule, std::string_view digits) {
    const encode::DecimalShape shape = encode::shape_of(digits);
    if (!shape.canonical || digits.find('.') != std::string_view::npos) {
        defect(fmt::format("\"{}\" was given as an integer", shown(digits)));
    }
    if (digits == "-0") {
        digits = "0";
    }
    switch (rule.accept) {
        case Accept::unknown:
            put_digits(digits, encode::fits_integer(digits, 64, true) || encode::fits_integer(digits, 64, false)
                                   ? Quoting::bare
                                   : Quoting::exact);
            return;
        case Accept::text:
        case Accept::inside:
            put_digits(digits, quoting(rule));
            return;
        case Accept::integer:
            if (encode::fits_integer(digits, rule.bits, rule.is_signed)) {
                put_digits(digits, rule.bits > 64 ? Quoting::exact : Quoting::bare);
            } else {
                number_out_of_range(rule, digits);
            }
            return;
        case Accept::float32:
        case Accept::float64:
            if (exact_in(rule.accept, digits)) {
                put_digits(digits, Quoting::bare);
            } else {
                number_out_of_range(rule, digits, "it has more digits than the float");
            }
            return;
        case Accept::decimal:
            if (fits_decimal(rule, shape)) {
                put_digits(digits, shape.written >= digits_that_need_quotes ? Quoting::exact : Quoting::bare);
            } else {
                number_out_of_range(rule, digits);
            }
            return;
        case Accept::boolean:
            if (digits == "0" || digits == "1") {
                put_digits(digits == "1" ? "true" : "false", Quoting::bare);
            } else {
                number_out_of_range(rule, digits);
            }
            return;
        case Accept::datetime:
            if (encode::fits_integer(digits, 32, false)) {
                put_epoch(rule, digits);
            } else {
                number_out_of_range(rule, digits);
            }
            return;
        case Accept::fixed_text:
        case Accept::label:
            checked_text(rule, digits);
            return;
        case Accept::opaque:
            put_digits(digits, Quoting::bare);
            return;
        case Accept::date:
        case Accept::date32:
        case Accept::datetime64:
            refuse(fmt::format("the number {} has no one meaning as {}", shown(digits), rule.type),
                   "Make a date or timestamp of it in the query.");
        default:
            refuse_kind(rule, "a number");
    }
}

void RowWriter::Impl::decimal_text(const Rule& rule, std::string_view digits) {
    if (digits == "NaN" || digits == "Infinity" || digits == "-Infinity") {
        special_number(rule, digits);
        return;
    }
    const encode::DecimalShape shape = encode::shape_of(digits);
    if (!shape.canonical) [[unlikely]] {
        if (!shape.valid) {
            defect(fmt::format("\"{}\" was given as a decimal", shown(digits)));
        }
        decimal_text(rule, encode::canonical(digits));
        return;
    }
    const Quoting by_length = shape.written >= digits_that_need_quotes ? Quoting::exact : Quoting::bare;
    switch (rule.accept) {
        case Accept::text:
        case Accept::inside:
            put_digits(digits, quoting(rule));
            return;
        case Accept::unknown:
        case Accept::opaque:
            put_digits(digits, by_length);
            return;
        case Accept::float32:
        case Accept::float64:
            // The float nearest to a decimal is what choosing such a target asks for.
            if (beyond_float(digits, shape, rule.accept)) {
                number_out_of_range(rule, digits);
            } else {
                put_digits(digits, by_length);
            }
            return;
        case Accept::decimal:
            if (shape.fraction > static_cast<std::size_t>(rule.scale)) {
                number_out_of_range(rule, digits, "it has more digits behind the point");
            } else if (!fits_decimal(rule, shape)) {
                number_out_of_range(rule, digits);
            } else {
                put_digits(digits, by_length);
            }
            return;
        case Accept::integer:
        case Accept::boolean:
        case Accept::datetime:
            if (shape.fraction > 0) {
                number_out_of_range(rule, digits, "it has a fraction");
            } else {
                integer_text(rule, integer_part(digits));
            }
            return;
        case Accept::fixed_text:
        case Accept::label:
            checked_text(rule, digits);
            return;
        default:
            refuse_kind(rule, "a decimal");
    }
}

template <class Float>
void RowWriter::Impl::finite_float(const Rule& rule, Float value) {
    switch (rule.accept) {
        case Accept::inside:
        case Accept::opaque:
            put_number(value, Quoting::bare);
            return;
        case Accept::float64:
            put_number(static_cast<double>(value), Quoting::bare);
            return;
        case Accept::float32:
            if (std::abs(value) <= largest_float && static_cast<Float>(static_cast<float>(value)) == value) {
                put_number(static_cast<float>(value), Quoting::bare);
            } else {
                number_out_of_range(rule, fmt::format("{}", value), "it has more digits than a Float32");
            }
            return;
        case Accept::integer:
        case Accept::boolean:
        case Accept::datetime:
        case Accept::decimal:
            // As PostgreSQL's cast to numeric: the digits that name the float, not its binary expansion.
            decimal_text(rule, encode::fixed_text(value));
            return;
        case Accept::fixed_text:
        case Accept::label:
            checked_text(rule, fmt::format("{}", value));
            return;
        default:
            refuse_kind(rule, "a float");
    }
}

template void RowWriter::Impl::finite_float(const Rule& rule, float value);
template void RowWriter::Impl::finite_float(const Rule& rule, double value);

void RowWriter::Impl::special_number(const Rule& rule, std::string_view name) {
    const bool nan = name == "NaN";
    const bool negative = name.starts_with('-');
    switch (rule.accept) {
        case Accept::text:
        case Accept::inside:
            put_token(name);
            return;
        case Accept::float32:
        case Accept::float64:
            put_special_float(nan ? "nan" : negative ? "-inf" : "inf");
            return;
        case Accept::fixed_text:
        case Accept::label:
            checked_text(rule, name);
            return;
        default:
            break;
    }
    switch (resolve(nan ? Hazard::nan : Hazard::infinity, rule, name)) {
        case Way::null:
            put_null();
            return;
        case Way::text:
            put_token(name);
            return;
        case Way::clamp:
            break;
    }
    if (rule.accept == Accept::integer) {
        put_digits(encode::integer_limit(rule.bits, rule.is_signed, negative),
                   rule.bits > 64 ? Quoting::exact : Quoting::bare);
    } else if (rule.accept == Accept::decimal) {
        put_digits(largest_decimal(rule, negative), Quoting::exact);
    } else {
        refuse(fmt::format("{} has no nearest value in {}", name,
                           rule.type.empty() ? "a column whose type is not known" : rule.type));
    }
}

}  // namespace tinybird_cdk
