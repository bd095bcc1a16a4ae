// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/row_writer.hpp>

#include <cmath>

#include <fmt/format.h>

#include "core/utf8.hpp"
#include "encode/dates.hpp"
#include "encode/numbers.hpp"
#include "encode/row_writer_impl.hpp"

namespace tinybird_cdk {

using encode::Accept;
using encode::Rule;

RowWriter::RowWriter(std::vector<OutputColumn> columns, const RowWriterOptions& options, BufferSink& sink)
    : impl_(std::make_unique<Impl>(std::move(columns), options, sink)) {}

RowWriter::~RowWriter() = default;

void RowWriter::begin_row() {
    impl_->begin_row();
}
void RowWriter::end_row() {
    impl_->end_row();
}
void RowWriter::finish() {
    impl_->finish();
}
RowStatistics RowWriter::statistics() const {
    return impl_->statistics();
}
std::span<const OutputColumn> RowWriter::columns() const noexcept {
    return impl_->columns();
}

void RowWriter::null() {
    const Rule& rule = impl_->next_rule();
    if (rule.nullable) [[likely]] {
        impl_->put_null();
    } else {
        impl_->null_value(rule);
    }
}

void RowWriter::boolean(bool value) {
    const Rule& rule = impl_->next_rule();
    const std::string_view name = value ? "true" : "false";
    switch (rule.accept) {
        case Accept::unknown:
        case Accept::inside:
        case Accept::boolean:
        case Accept::opaque:
        case Accept::text:
            impl_->put_digits(name, Impl::quoting(rule));
            break;
        case Accept::fixed_text:
        case Accept::label:
            impl_->checked_text(rule, name);
            break;
        case Accept::integer:
        case Accept::float32:
        case Accept::float64:
        case Accept::decimal:
            impl_->put_digits(value ? "1" : "0", encode::Quoting::bare);
            break;
        default:
            impl_->refuse_kind(rule, "a boolean");
    }
}

void RowWriter::int64(std::int64_t value) {
    const Rule& rule = impl_->next_rule();
    const bool fits = rule.takes_any_int64() ||
                      (rule.accept == Accept::integer && rule.bits <= 64 && value >= rule.low &&
                       (value < 0 || static_cast<std::uint64_t>(value) <= rule.high)) ||
                      rule.accept == Accept::text || (rule.accept == Accept::float64 && encode::exact_in_double(value));
    if (fits) [[likely]] {
        impl_->put_number(value, Impl::quoting(rule));
    } else {
        impl_->integer_text(rule, fmt::format_int(value).c_str());
    }
}

void RowWriter::uint64(std::uint64_t value) {
    const Rule& rule = impl_->next_rule();
    const bool fits = rule.accept == Accept::unknown || rule.is_any_text() ||
                      (rule.accept == Accept::integer && rule.bits <= 64 && value <= rule.high);
    if (fits) [[likely]] {
        impl_->put_number(value, Impl::quoting(rule));
    } else {
        impl_->integer_text(rule, fmt::format_int(value).c_str());
    }
}

void RowWriter::integer(std::string_view digits) {
    impl_->integer_text(impl_->next_rule(), digits);
}

void RowWriter::decimal(std::string_view digits) {
    impl_->decimal_text(impl_->next_rule(), digits);
}

namespace {

template <class Impl, class Float>
void write_float(Impl& impl, Float value, Accept same_type) {
    const Rule& rule = impl.next_rule();
    if (!std::isfinite(value)) [[unlikely]] {
        impl.special_number(rule, std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
    } else if (rule.accept == same_type || rule.accept == Accept::unknown || rule.accept == Accept::text) [[likely]] {
        impl.put_number(value, Impl::quoting(rule));
    } else {
        impl.finite_float(rule, value);
    }
}

}  // namespace

void RowWriter::float32(float value) {
    write_float(*impl_, value, Accept::float32);
}

void RowWriter::float64(double value) {
    write_float(*impl_, value, Accept::float64);
}

void RowWriter::text(std::string_view value) {
    const Rule& rule = impl_->next_rule();
    if (!rule.valid_utf8 && core::first_invalid_utf8(value) != std::string_view::npos) [[unlikely]] {
        impl_->invalid_text(rule, value);
    } else if (rule.is_any_text() || rule.accept == Accept::unknown) [[likely]] {
        impl_->put_string(value);
    } else {
        impl_->checked_text(rule, value);
    }
}

void RowWriter::binary(std::span<const std::byte> value) {
    impl_->put_base64(impl_->next_rule(), value);
}

void RowWriter::date(std::int64_t days) {
    const Rule& rule = impl_->next_rule();
    if (days > encode::most_days || days < -encode::most_days) [[unlikely]] {
        impl_->defect(fmt::format("{} was given as the days of a date", days));
    }
    char text[encode::longest_date_text];
    const std::int64_t seconds = days * encode::seconds_per_day;
    const bool as_timestamp = rule.is_date() && !rule.is_day();
    const char* const end =
        as_timestamp ? encode::write_timestamp(text, seconds, 0, {}) : encode::write_date(text, days);
    const std::string_view view(text, static_cast<std::size_t>(end - text));
    switch (rule.accept) {
        case Accept::text:
        case Accept::inside:
        case Accept::opaque:
            impl_->put_token(view);
            break;
        case Accept::unknown:
        case Accept::date:
        case Accept::date32:
        case Accept::datetime:
        case Accept::datetime64: {
            const Rule& range = rule.accept == Accept::unknown ? encode::unknown_date_rule() : rule;
            if (seconds >= range.low && seconds <= static_cast<std::int64_t>(range.high)) [[likely]] {
                impl_->put_token(view);
            } else {
                impl_->date_out_of_range(rule, seconds, true, view, {});
            }
            break;
        }
        case Accept::fixed_text:
        case Accept::label:
            impl_->checked_text(rule, view);
            break;
        default:
            impl_->refuse_kind(rule, "a date");
    }
}

void RowWriter::timestamp(std::int64_t seconds, std::uint32_t nanoseconds, Zone zone) {
    const Rule& rule = impl_->next_rule();
    if (nanoseconds >= 1'000'000'000) [[unlikely]] {
        impl_->defect(fmt::format("{} was given as the nanoseconds of a second", nanoseconds));
    }
    char text[encode::longest_date_text];
    const std::string_view mark = zone == Zone::utc ? rule.utc_mark : std::string_view();
    const char* const end = encode::write_timestamp(text, seconds, nanoseconds, mark);
    const std::string_view view(text, static_cast<std::size_t>(end - text));
    if (rule.accept != Accept::unknown && !rule.is_date()) {
        switch (rule.accept) {
            case Accept::text:
            case Accept::inside:
            case Accept::opaque:
                impl_->put_token(view);
                return;
            case Accept::fixed_text:
            case Accept::label:
                impl_->checked_text(rule, view);
                return;
            default:
                impl_->refuse_kind(rule, "a timestamp");
        }
    }
    const Rule& range = rule.accept == Accept::unknown ? encode::unknown_date_rule() : rule;
    if (seconds < range.low || seconds > static_cast<std::int64_t>(range.high)) [[unlikely]] {
        impl_->date_out_of_range(rule, seconds, false, view, mark);
        return;
    }
    constexpr std::uint32_t units[] = {1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000,
                                       10'000,        1'000,       100,        10,        1};
    if (nanoseconds % units[range.precision] != 0 || (rule.is_day() && seconds % encode::seconds_per_day != 0))
        [[unlikely]] {
        impl_->timestamp_too_fine(rule, seconds, nanoseconds, view, mark);
    } else {
        impl_->put_token(rule.is_day() ? view.substr(0, view.find(' ')) : view);
    }
}

void RowWriter::infinite_date(bool negative) {
    impl_->infinite_date(impl_->next_rule(), negative);
}

void RowWriter::zero_date(std::string_view notation) {
    impl_->zero_date(impl_->next_rule(), notation);
}

namespace {

/// Text of a kind that has no type of its own at the target.
template <class Impl>
void write_notation(Impl& impl, std::string_view text, std::string_view what) {
    const Rule& rule = impl.next_rule();
    switch (rule.accept) {
        case Accept::unknown:
        case Accept::text:
        case Accept::inside:
        case Accept::opaque:
            impl.put_token(text);
            break;
        case Accept::fixed_text:
        case Accept::label:
            impl.checked_text(rule, text);
            break;
        default:
            impl.refuse_kind(rule, what);
    }
}

}  // namespace

void RowWriter::time(std::int64_t nanoseconds) {
    char text[encode::longest_date_text];
    const char* const end = encode::write_time(text, nanoseconds);
    write_notation(*impl_, {text, static_cast<std::size_t>(end - text)}, "a time of day");
}

void RowWriter::time(std::int64_t nanoseconds, std::int32_t offset_seconds) {
    char text[encode::longest_date_text];
    const char* const end = encode::write_offset(encode::write_time(text, nanoseconds), offset_seconds);
    write_notation(*impl_, {text, static_cast<std::size_t>(end - text)}, "a time of day");
}

void RowWriter::interval(std::int32_t months, std::int32_t days, std::int64_t microseconds) {
    char text[encode::longest_date_text];
    const char* const end = encode::write_interval(text, months, days, microseconds);
    write_notation(*impl_, {text, static_cast<std::size_t>(end - text)}, "an interval");
}

void RowWriter::uuid(std::span<const std::byte, 16> value) {
    constexpr char hex[] = "0123456789abcdef";
    char text[36];
    char* out = text;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *out++ = '-';
        }
        *out++ = hex[std::to_integer<unsigned>(value[i] >> 4)];
        *out++ = hex[std::to_integer<unsigned>(value[i]) & 15U];
    }
    write_notation(*impl_, {text, sizeof text}, "a UUID");
}

void RowWriter::json(std::string_view document) {
    const Rule& rule = impl_->next_rule();
    if (!rule.valid_utf8 && core::first_invalid_utf8(document) != std::string_view::npos) [[unlikely]] {
        impl_->invalid_text(rule, document);
    } else if (rule.accept == Accept::text || rule.accept == Accept::unknown) [[likely]] {
        impl_->put_string(document);
    } else if (rule.accept == Accept::inside) {
        impl_->put_json(document);
    } else {
        impl_->checked_text(rule, document);
    }
}

void RowWriter::begin_list() {
    impl_->begin(Impl::Container::list, "a list");
}
void RowWriter::end_list() {
    impl_->end(Impl::Container::list);
}
void RowWriter::begin_struct() {
    impl_->begin(Impl::Container::record, "a record");
}
void RowWriter::field(std::string_view name) {
    impl_->field(name);
}
void RowWriter::end_struct() {
    impl_->end(Impl::Container::record);
}
void RowWriter::begin_map() {
    impl_->begin(Impl::Container::map, "a map");
}
void RowWriter::end_map() {
    impl_->end(Impl::Container::map);
}

}  // namespace tinybird_cdk
