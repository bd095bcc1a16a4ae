// SPDX-License-Identifier: Apache-2.0
#include "encode/parquet/column_builder.hpp"

#include <charconv>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <nanoarrow/nanoarrow.h>

#include "encode/dates.hpp"
#include "encode/json_document.hpp"
#include "encode/numbers.hpp"
#include "encode/parquet/moment_text.hpp"
#include "encode/parquet/nested_json.hpp"
#include "encode/shown.hpp"

namespace tinybird_cdk::encode::parquet {

namespace {

constexpr std::size_t digits_in_int64 = 18;

template <class Number>
std::optional<Number> number_of(std::string_view text) noexcept {
    Number value{};
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

template <class Float>
std::optional<Float> float_of(std::string_view text) {
    if (text == "nan" || text == "NaN") {
        return std::numeric_limits<Float>::quiet_NaN();
    }
    const bool negative = text.starts_with('-');
    const std::string_view name = text.substr(negative ? 1 : 0);
    if (name == "inf" || name == "Infinity") {
        return negative ? -std::numeric_limits<Float>::infinity() : std::numeric_limits<Float>::infinity();
    }
    if (name.empty() || name.front() < '0' || name.front() > '9') {
        return std::nullopt;
    }
    if (const auto value = number_of<Float>(text)) {
        return value;
    }
    // Nearer to zero than the smallest float is zero; larger ones were refused before.
    return shape_of(text).canonical ? std::optional(static_cast<Float>(nearest_double(text))) : std::nullopt;
}

/// How many of its unit a second has.
std::int64_t units_per_second(int digits) noexcept {
    return digits == 3 ? 1'000 : digits == 6 ? 1'000'000 : 1'000'000'000;
}

}  // namespace

ColumnBuilder::ColumnBuilder(const Rule& rule) : rule_(rule), stored_(stored_as(rule)) {
    if (stored_ == Stored::list || stored_ == Stored::record || stored_ == Stored::map) {
        parts_.reserve(rule.children.size());
        for (const Rule& child : rule.children) {
            parts_.emplace_back(child);
        }
    }
}

void ColumnBuilder::attach(ArrowArray* array) {
    array_ = array;
    ArrowArray* const parent = stored_ == Stored::map ? array->children[0] : array;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        parts_[i].attach(parent->children[i]);
    }
}

void ColumnBuilder::refuse(std::string_view value, std::string why) const {
    throw Unstorable{fmt::format("\"{}\" can't stand in a Parquet column for {}{}{}", shown(value), rule_.type,
                                 why.empty() ? "" : ": ", why),
                     "Convert it in the query, or choose csv or ndjson."};
}

void ColumnBuilder::null() {
    check(ArrowArrayAppendNull(array_, 1));
}

void ColumnBuilder::append(std::int64_t value) {
    check(ArrowArrayAppendInt(array_, value));
}

void ColumnBuilder::number(std::int64_t value) {
    if (stored_ == Stored::integer) [[likely]] {
        append(value);
    } else if (stored_ == Stored::unsigned_integer) {
        check(ArrowArrayAppendUInt(array_, static_cast<std::uint64_t>(value)));
    } else if (stored_ == Stored::float64) {
        check(ArrowArrayAppendDouble(array_, static_cast<double>(value)));
    } else {
        text(fmt::format_int(value).c_str());
    }
}

void ColumnBuilder::number(std::uint64_t value) {
    if (stored_ == Stored::unsigned_integer) [[likely]] {
        check(ArrowArrayAppendUInt(array_, value));
    } else if (stored_ == Stored::integer) {
        append(static_cast<std::int64_t>(value));
    } else {
        text(fmt::format_int(value).c_str());
    }
}

void ColumnBuilder::number(float value) {
    if (stored_ == Stored::float32 || stored_ == Stored::float64) [[likely]] {
        check(ArrowArrayAppendDouble(array_, static_cast<double>(value)));
        return;
    }
    char written[longest_number_text];
    text({written, static_cast<std::size_t>(write_number(written, value) - written)});
}

void ColumnBuilder::number(double value) {
    if (stored_ == Stored::float64) [[likely]] {
        check(ArrowArrayAppendDouble(array_, value));
        return;
    }
    char written[longest_number_text];
    text({written, static_cast<std::size_t>(write_number(written, value) - written)});
}

void ColumnBuilder::text(std::string_view value) {
    switch (stored_) {
        case Stored::text:
            check(ArrowArrayAppendString(array_, {value.data(), static_cast<std::int64_t>(value.size())}));
            return;
        case Stored::integer:
        case Stored::unsigned_integer:
            integer(value);
            return;
        case Stored::float32:
        case Stored::float64:
            real(value);
            return;
        case Stored::boolean:
            boolean(value);
            return;
        case Stored::decimal:
            decimal(value);
            return;
        case Stored::date:
        case Stored::timestamp:
            moment(value);
            return;
        case Stored::list:
        case Stored::record:
        case Stored::map:
            if (!is_json_container(value)) {
                refuse(value, "it is no JSON");
            }
            nested(value);
    }
}

void ColumnBuilder::nested(std::string_view json) {
    append_json(*this, json);
}

void ColumnBuilder::integer(std::string_view value) {
    if (shape_of(value).canonical && value.find('.') == std::string_view::npos &&
        fits_integer(value, rule_.bits, rule_.is_signed)) {
        if (stored_ == Stored::integer) {
            append(number_of<std::int64_t>(value).value());
        } else {
            check(ArrowArrayAppendUInt(array_, number_of<std::uint64_t>(value == "-0" ? "0" : value).value()));
        }
        return;
    }
    refuse(value);
}

void ColumnBuilder::real(std::string_view value) {
    const std::optional<double> number =
        stored_ == Stored::float32 ? std::optional<double>(float_of<float>(value)) : float_of<double>(value);
    if (!number) {
        refuse(value);
    }
    check(ArrowArrayAppendDouble(array_, *number));
}

void ColumnBuilder::boolean(std::string_view value) {
    if (value != "true" && value != "false" && value != "1" && value != "0") {
        refuse(value);
    }
    append(value == "true" || value == "1" ? 1 : 0);
}

void ColumnBuilder::decimal(std::string_view value) {
    const DecimalShape shape = shape_of(value);
    const auto scale = static_cast<std::size_t>(rule_.scale);
    if (!shape.valid || shape.fraction > scale ||
        shape.integer > static_cast<std::size_t>(rule_.precision - rule_.scale)) {
        refuse(value);
    }
    const std::size_t point = value.find('.');
    digits_ = value.substr(0, point);
    std::string_view fraction = point == std::string_view::npos ? std::string_view() : value.substr(point + 1);
    // Digits beyond the scale are zeros.
    fraction = fraction.substr(0, scale);
    digits_ += fraction;
    digits_.append(scale - fraction.size(), '0');
    if (digits_.front() == '+') {
        digits_.erase(0, 1);
    }
    ArrowDecimal number;
    constexpr int narrow = 128;
    constexpr int wide = 256;
    constexpr int digits_in_narrow = 38;
    ArrowDecimalInit(&number, rule_.precision <= digits_in_narrow ? narrow : wide, rule_.precision, rule_.scale);
    if (digits_.size() <= digits_in_int64) {
        ArrowDecimalSetInt(&number, number_of<std::int64_t>(digits_).value_or(0));
    } else {
        check(ArrowDecimalSetDigits(&number, {digits_.data(), static_cast<std::int64_t>(digits_.size())}));
    }
    check(ArrowArrayAppendDecimal(array_, &number));
}

void ColumnBuilder::moment(std::string_view value) {
    const std::optional<Moment> moment = read_moment(value);
    if (!moment) {
        refuse(value, "it is no date or time as YYYY-MM-DD or YYYY-MM-DD HH:MM:SS[.fraction]");
    }
    if (moment->seconds < rule_.low || moment->seconds > static_cast<std::int64_t>(rule_.high)) {
        refuse(value, "it is outside the years of the column");
    }
    if (stored_ == Stored::date) {
        if (moment->seconds % seconds_per_day != 0 || moment->nanoseconds != 0) {
            refuse(value, "it has a time of day");
        }
        append(floor_days(moment->seconds));
        return;
    }
    if (!rule_.utc_mark.empty() && !moment->utc) {
        throw Unstorable{fmt::format("{} is a local time, and Parquet holds points in time only: what it is in {} is "
                                     "for the server to say",
                                     value, rule_.type),
                         "Choose csv or ndjson, or make a time in UTC of it in the query."};
    }
    // The column's digits, not the file's, which may be more.
    std::int64_t unit = 1;
    for (int digits = rule_.precision; digits < 9; ++digits) {
        unit *= 10;
    }
    if (moment->nanoseconds % unit != 0) {
        refuse(value, "it is finer than the column");
    }
    const int digits = fraction_digits(rule_);
    const std::int64_t per_second = units_per_second(digits);
    std::int64_t ticks = 0;
    if (__builtin_mul_overflow(moment->seconds, per_second, &ticks) ||
        __builtin_add_overflow(ticks, moment->nanoseconds / (1'000'000'000 / per_second), &ticks)) {
        refuse(value, "nanoseconds in Parquet end in 2262");
    }
    append(ticks);
}

void ColumnBuilder::end_nested() {
    check(ArrowArrayFinishElement(array_));
}

void ColumnBuilder::end_entry() {
    check(ArrowArrayFinishElement(array_->children[0]));
}

}  // namespace tinybird_cdk::encode::parquet
