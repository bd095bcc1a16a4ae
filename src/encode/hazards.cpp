// SPDX-License-Identifier: Apache-2.0
// What happens to a value that its target can't plainly hold. Seldom run, so clearness comes before speed here.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "encode/dates.hpp"
#include "encode/escape.hpp"
#include "encode/json_document.hpp"
#include "encode/numbers.hpp"
#include "encode/row_writer_impl.hpp"

namespace tinybird_cdk {

using encode::Accept;

namespace {

/// ClickHouse reads a bare JSON number of so many digits through a double.
constexpr std::size_t digits_that_need_quotes = 15;
constexpr std::size_t longest_shown_value = 60;

std::string shown(std::string_view value) {
    std::string text = encode::with_valid_utf8(value.substr(0, longest_shown_value));
    return value.size() > longest_shown_value ? text + "…" : text;
}

std::string shown_type(const encode::Rule& rule) {
    return rule.type.empty() ? "the target, whose type is not known" : rule.type;
}

/// Without a point and exponent for integers, shortest otherwise.
std::string fixed_text(double value) {
    // The largest double has 309 digits before the point, the smallest 1074 behind it.
    std::string text(1100, '\0');
    const auto result = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    text.resize(static_cast<std::size_t>(result.ptr - text.data()));
    return text;
}

/// The double nearest to an integer, and whether it is the integer.
std::pair<double, bool> nearest_double(std::string_view digits) {
    double value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return {value, fixed_text(value) == digits};
}

/// The digits before the point; "-0.5" gives "-0".
std::string_view integer_part(std::string_view digits) {
    return digits.substr(0, digits.find('.'));
}

}  // namespace

void RowWriter::Impl::refuse(const std::string& message, std::string hint) const {
    throw errors::RefusedValueError(output_.rows() + 1, column_name(), message, std::move(hint));
}

void RowWriter::Impl::refuse_kind(const Rule& rule, std::string_view what) const {
    refuse(fmt::format("{} can't go into {}", what, shown_type(rule)),
           "Convert the column in the query, or change the type of the data source's column.");
}

RowWriter::Impl::Way RowWriter::Impl::resolve(Hazard hazard, const Rule& rule, std::string_view value,
                                              std::string_view why) {
    const std::string reason = why.empty() ? std::string() : fmt::format(" ({})", why);
    const std::string message = fmt::format("{} can't be held by {}{}", shown(value), shown_type(rule), reason);
    switch (hazards_.get(hazard)) {
        case HazardPolicy::null:
            if (rule.nullable) {
                return Way::null;
            }
            refuse(fmt::format("{}, and NULL can't either", message), "Make the column Nullable, or a String.");
        case HazardPolicy::text:
            return Way::text;
        case HazardPolicy::clamp:
            return Way::clamp;
        case HazardPolicy::error:
            break;
    }
    refuse(message, fmt::format("Choose what to do with such values, as in --on {}=null, or make the column a String.",
                                name(hazard)));
}

void RowWriter::Impl::null_value(const Rule& rule) {
    refuse(fmt::format("NULL can't be held by {}", shown_type(rule)),
           "Make the column Nullable, or replace NULL in the query (COALESCE).");
}

void RowWriter::Impl::number_out_of_range(const Rule& rule, std::string_view digits, std::string_view why) {
    const bool negative = digits.starts_with('-');
    switch (resolve(Hazard::number_range, rule, digits, why)) {
        case Way::null:
            put_null();
            return;
        case Way::text:
            put_token(digits);
            return;
        case Way::clamp:
            break;
    }
    const std::string_view whole = integer_part(digits);
    switch (rule.accept) {
        case Accept::integer:
            // A fraction is cut toward zero; what is out of range becomes the limit.
            put_bare(encode::fits_integer(whole, rule.bits, rule.is_signed)
                         ? whole
                         : encode::integer_limit(rule.bits, rule.is_signed, negative));
            return;
        case Accept::decimal: {
            const auto before_point = static_cast<std::size_t>(rule.precision - rule.scale);
            const auto behind_point = static_cast<std::size_t>(rule.scale);
            if (encode::shape_of(digits).integer <= before_point) {
                const std::size_t point = digits.find('.');
                put_digits(digits.substr(0, point == std::string_view::npos ? point : point + 1 + behind_point), true);
                return;
            }
            put_digits(fmt::format("{}{}{}{}", negative ? "-" : "", std::string(before_point, '9'),
                                   behind_point > 0 ? "." : "", std::string(behind_point, '9')),
                       true);
            return;
        }
        case Accept::boolean:
            put_bare(negative ? "false" : "true");
            return;
        default: {
            double value = 0;
            std::from_chars(digits.data(), digits.data() + digits.size(), value);
            put_number(value, false);
        }
    }
}

void RowWriter::Impl::integer_text(const Rule& rule, std::string_view digits) {
    switch (rule.accept) {
        case Accept::unknown:
            put_digits(digits, digits.size() > encode::integer_limit(64, true, true).size());
            return;
        case Accept::text:
            put_digits(digits, as_text(rule));
            return;
        case Accept::integer:
            if (encode::fits_integer(digits, rule.bits, rule.is_signed)) {
                put_digits(digits, rule.bits > 64);
            } else {
                number_out_of_range(rule, digits);
            }
            return;
        case Accept::float32:
        case Accept::float64: {
            const auto [value, exact] = nearest_double(digits);
            if (exact && (rule.accept == Accept::float64 || static_cast<double>(static_cast<float>(value)) == value)) {
                put_bare(digits);
            } else {
                number_out_of_range(rule, digits, "it has more digits than the float");
            }
            return;
        }
        case Accept::decimal:
            if (encode::shape_of(digits).integer <= static_cast<std::size_t>(rule.precision - rule.scale)) {
                put_digits(digits, digits.size() >= digits_that_need_quotes);
            } else {
                number_out_of_range(rule, digits);
            }
            return;
        case Accept::boolean:
            if (digits == "0" || digits == "-0" || digits == "1") {
                put_bare(digits == "1" ? "true" : "false");
            } else {
                number_out_of_range(rule, digits);
            }
            return;
        case Accept::datetime: {
            // Seconds since 1970, which ClickHouse's DateTime takes as a number.
            if (encode::fits_integer(digits, 32, false)) {
                put_bare(digits);
            } else {
                number_out_of_range(rule, digits);
            }
            return;
        }
        case Accept::fixed_text:
        case Accept::label:
            checked_text(rule, digits);
            return;
        case Accept::json:
        case Accept::opaque:
            put_bare(digits);
            return;
        case Accept::date:
        case Accept::date32:
        case Accept::datetime64:
            refuse(fmt::format("the number {} has no one meaning as {}", shown(digits), shown_type(rule)),
                   "Make a date or timestamp of it in the query.");
        default:
            refuse_kind(rule, "a number");
    }
}

void RowWriter::Impl::decimal_text(const Rule& rule, std::string_view digits) {
    if (digits == "NaN" || digits == "Infinity" || digits == "-Infinity") {
        special_number(rule, digits, false);
        return;
    }
    const encode::DecimalShape shape = encode::shape_of(digits);
    if (!shape.valid) {
        throw errors::Error(fmt::format("the connector gave \"{}\" as a decimal", shown(digits)),
                            "This is a defect of the connector.");
    }
    const bool long_number = shape.written >= digits_that_need_quotes;
    switch (rule.accept) {
        case Accept::text:
            put_digits(digits, as_text(rule));
            return;
        case Accept::unknown:
        case Accept::float32:
        case Accept::float64:
        case Accept::opaque:
            put_digits(digits, long_number);
            return;
        case Accept::json:
            put_bare(digits);
            return;
        case Accept::decimal:
            if (shape.fraction > static_cast<std::size_t>(rule.scale)) {
                number_out_of_range(rule, digits, "it has more digits behind the point");
            } else if (shape.integer > static_cast<std::size_t>(rule.precision - rule.scale)) {
                number_out_of_range(rule, digits);
            } else {
                put_digits(digits, long_number);
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

void RowWriter::Impl::finite_float(const Rule& rule, double value) {
    switch (rule.accept) {
        case Accept::float64:
            put_number(value, false);
            return;
        case Accept::float32:
            if (static_cast<double>(static_cast<float>(value)) == value) {
                put_number(static_cast<float>(value), false);
            } else {
                float_loses_digits(rule, value);
            }
            return;
        case Accept::json:
        case Accept::opaque:
            put_number(value, false);
            return;
        case Accept::integer:
        case Accept::boolean:
        case Accept::datetime:
        case Accept::decimal:
            decimal_text(rule, fixed_text(value));
            return;
        case Accept::fixed_text:
        case Accept::label:
            checked_text(rule, fmt::format("{}", value));
            return;
        default:
            refuse_kind(rule, "a float");
    }
}

void RowWriter::Impl::float_loses_digits(const Rule& rule, double value) {
    const std::string text = fmt::format("{}", value);
    switch (resolve(Hazard::number_range, rule, text, "it has more digits than a Float32")) {
        case Way::null:
            put_null();
            return;
        case Way::text:
            put_token(text);
            return;
        case Way::clamp:
            put_number(static_cast<float>(std::clamp(value, -static_cast<double>(std::numeric_limits<float>::max()),
                                                     static_cast<double>(std::numeric_limits<float>::max()))),
                       false);
    }
}

void RowWriter::Impl::special_number(const Rule& rule, std::string_view name, bool /*is_float*/) {
    const bool nan = name == "NaN";
    const bool negative = name.starts_with('-');
    switch (rule.accept) {
        case Accept::text:
            put_token(name);
            return;
        case Accept::float32:
        case Accept::float64:
            put_special_float(nan ? "nan" : negative ? "-inf" : "inf");
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
        put_bare(encode::integer_limit(rule.bits, rule.is_signed, negative));
    } else if (rule.accept == Accept::decimal) {
        const auto before_point = static_cast<std::size_t>(rule.precision - rule.scale);
        const auto behind_point = static_cast<std::size_t>(rule.scale);
        put_digits(fmt::format("{}{}{}{}", negative ? "-" : "",
                               std::string(std::max<std::size_t>(before_point, 1), before_point > 0 ? '9' : '0'),
                               behind_point > 0 ? "." : "", std::string(behind_point, '9')),
                   true);
    } else {
        refuse(fmt::format("{} has no nearest value in {}", name, shown_type(rule)));
    }
}

void RowWriter::Impl::put_date_limit(const Rule& rule, bool lowest, bool is_date) {
    const Rule& range = rule.is_date() ? rule : encode::unknown_date_rule();
    const std::int64_t seconds = lowest ? range.low : static_cast<std::int64_t>(range.high);
    const bool as_date =
        rule.accept == Accept::date || rule.accept == Accept::date32 || (is_date && rule.accept == Accept::unknown);
    char text[encode::longest_date_text];
    const char* const end = as_date ? encode::write_date(text, encode::floor_days(seconds))
                                    : encode::write_timestamp(text, seconds, 0, false);
    put_token({text, static_cast<std::size_t>(end - text)});
}

void RowWriter::Impl::date_out_of_range(const Rule& rule, std::int64_t seconds, bool is_date, std::string_view text) {
    switch (resolve(Hazard::date_range, rule, text)) {
        case Way::null:
            put_null();
            return;
        case Way::text:
            put_token(text);
            return;
        case Way::clamp: {
            const Rule& range = rule.is_date() ? rule : encode::unknown_date_rule();
            put_date_limit(rule, seconds < range.low, is_date);
        }
    }
}

void RowWriter::Impl::timestamp_too_fine(const Rule& rule, std::int64_t seconds, std::uint32_t nanoseconds,
                                         std::string_view text) {
    switch (resolve(Hazard::date_range, rule, text, "it is finer than the column")) {
        case Way::null:
            put_null();
            return;
        case Way::text:
            put_token(text);
            return;
        case Way::clamp:
            break;
    }
    char cut[encode::longest_date_text];
    const char* end = nullptr;
    if (rule.accept == Accept::date || rule.accept == Accept::date32) {
        end = encode::write_date(cut, encode::floor_days(seconds));
    } else {
        std::uint32_t unit = 1;
        for (int i = rule.accept == Accept::datetime ? 0 : rule.precision; i < 9; ++i) {
            unit *= 10;
        }
        end = encode::write_timestamp(cut, seconds, nanoseconds / unit * unit, false);
    }
    put_token({cut, static_cast<std::size_t>(end - cut)});
}

void RowWriter::Impl::infinite_date(const Rule& rule, bool negative) {
    const std::string_view text = negative ? "-infinity" : "infinity";
    if (rule.accept == Accept::text) {
        put_token(text);
        return;
    }
    if (rule.accept != Accept::unknown && !rule.is_date()) {
        refuse_kind(rule, text);
    }
    switch (resolve(Hazard::infinity, rule, text)) {
        case Way::null:
            put_null();
            return;
        case Way::text:
            put_token(text);
            return;
        case Way::clamp:
            put_date_limit(rule, negative, true);
    }
}

void RowWriter::Impl::zero_date(const Rule& rule, std::string_view notation) {
    if (rule.accept == Accept::text) {
        put_token(notation);
        return;
    }
    if (resolve(Hazard::zero_date, rule, notation) == Way::null) {
        put_null();
    } else {
        put_token(notation);
    }
}

void RowWriter::Impl::invalid_text(const Rule& rule, std::string_view text) {
    if (resolve(Hazard::invalid_utf8, rule, text, "it is not valid UTF-8") == Way::null) {
        put_null();
        return;
    }
    const std::string mended = encode::with_valid_utf8(text);
    if (rule.accept == Accept::text || rule.accept == Accept::unknown) {
        put_string(mended);
    } else {
        checked_text(rule, mended);
    }
}

void RowWriter::Impl::checked_text(const Rule& rule, std::string_view text) {
    switch (rule.accept) {
        case Accept::fixed_text:
            if (text.size() > static_cast<std::size_t>(rule.precision)) {
                refuse(fmt::format("\"{}\" has {} bytes, {} holds {}", shown(text), text.size(), rule.type,
                                   rule.precision),
                       "Make the column a String.");
            }
            break;
        case Accept::label:
            if (std::find(rule.labels.begin(), rule.labels.end(), text) == rule.labels.end()) {
                refuse(fmt::format("\"{}\" is no label of {}", shown(text), shown(rule.type)),
                       "Add the label to the data source's column, or make it LowCardinality(String).");
            }
            break;
        case Accept::json:
            if (encode::is_json(text)) {
                json_into_json(rule, text);
                return;
            }
            break;
        default:
            break;
    }
    put_string(text);
}

void RowWriter::Impl::json_into_json(const Rule& rule, std::string_view document) {
    if (const auto key = encode::duplicate_key(document)) {
        if (resolve(Hazard::duplicate_key, rule, document, fmt::format("it names the key \"{}\" twice", shown(*key))) ==
            Way::null) {
            put_null();
            return;
        }
    }
    put_json(document);
}

}  // namespace tinybird_cdk
