// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/row_writer.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"
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
    switch (rule.accept) {
        case Accept::unknown:
        case Accept::boolean:
        case Accept::json:
        case Accept::opaque:
        case Accept::label:
            impl_->put_bare(value ? "true" : "false");
            break;
        case Accept::text:
            impl_->put_digits(value ? "true" : "false", impl_->as_text(rule));
            break;
        case Accept::fixed_text:
            impl_->checked_text(rule, value ? "true" : "false");
            break;
        case Accept::integer:
        case Accept::float32:
        case Accept::float64:
        case Accept::decimal:
            impl_->put_bare(value ? "1" : "0");
            break;
        default:
            impl_->refuse_kind(rule, "a boolean");
    }
}

void RowWriter::int64(std::int64_t value) {
    const Rule& rule = impl_->next_rule();
    if (rule.takes_any_int64()) [[likely]] {
        impl_->put_number(value, false);
    } else if (rule.accept == Accept::integer && rule.bits <= 64 && value >= rule.low &&
               (value < 0 || static_cast<std::uint64_t>(value) <= rule.high)) {
        impl_->put_number(value, false);
    } else if (rule.accept == Accept::text) {
        impl_->put_number(value, impl_->as_text(rule));
    } else if (rule.accept == Accept::float64 && encode::exact_in_double(value)) {
        impl_->put_number(value, false);
    } else {
        impl_->integer_text(rule, fmt::format_int(value).c_str());
    }
}

void RowWriter::uint64(std::uint64_t value) {
    const Rule& rule = impl_->next_rule();
    if (rule.accept == Accept::unknown || (rule.accept == Accept::integer && (rule.bits > 64 || value <= rule.high))) {
        impl_->put_number(value, false);
    } else if (rule.accept == Accept::text) {
        impl_->put_number(value, impl_->as_text(rule));
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

void RowWriter::float32(float value) {
    const Rule& rule = impl_->next_rule();
    if (!std::isfinite(value)) [[unlikely]] {
        impl_->special_number(rule, std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity", true);
    } else if (rule.accept == Accept::unknown || rule.accept == Accept::float32) {
        impl_->put_number(value, false);
    } else if (rule.accept == Accept::text) {
        impl_->put_number(value, impl_->as_text(rule));
    } else if (rule.accept == Accept::decimal) {
        // As PostgreSQL's cast to numeric: the digits that name the float, not its binary expansion.
        impl_->decimal_text(rule, fmt::format("{}", value));
    } else {
        impl_->finite_float(rule, static_cast<double>(value));
    }
}

void RowWriter::float64(double value) {
    const Rule& rule = impl_->next_rule();
    if (!std::isfinite(value)) [[unlikely]] {
        impl_->special_number(rule, std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity", true);
    } else if (rule.accept == Accept::unknown || rule.accept == Accept::float64) {
        impl_->put_number(value, false);
    } else if (rule.accept == Accept::text) {
        impl_->put_number(value, impl_->as_text(rule));
    } else {
        impl_->finite_float(rule, value);
    }
}

void RowWriter::text(std::string_view value) {
    const Rule& rule = impl_->next_rule();
    if (!rule.valid_utf8 && core::first_invalid_utf8(value) != std::string_view::npos) [[unlikely]] {
        impl_->invalid_text(rule, value);
    } else if (rule.accept == Accept::text || rule.accept == Accept::unknown) [[likely]] {
        impl_->put_string(value);
    } else {
        impl_->checked_text(rule, value);
    }
}

void RowWriter::binary(std::span<const std::byte> value) {
    const Rule& rule = impl_->next_rule();
    const std::string text = core::base64_encode(value);
    if (rule.accept == Accept::text || rule.accept == Accept::unknown) {
        impl_->put_string(text);
    } else {
        impl_->checked_text(rule, text);
    }
}

void RowWriter::date(std::int64_t days) {
    const Rule& rule = impl_->next_rule();
    char text[encode::longest_date_text];
    switch (rule.accept) {
        case Accept::text:
        case Accept::json:
        case Accept::opaque:
        case Accept::label:
            impl_->put_token({text, static_cast<std::size_t>(encode::write_date(text, days) - text)});
            return;
        case Accept::unknown:
        case Accept::date:
        case Accept::date32:
        case Accept::datetime:
        case Accept::datetime64: {
            const Rule& range = rule.accept == Accept::unknown ? encode::unknown_date_rule() : rule;
            const std::int64_t seconds = days * encode::seconds_per_day;
            const bool as_date = rule.accept != Accept::datetime && rule.accept != Accept::datetime64;
            const char* const end =
                as_date ? encode::write_date(text, days) : encode::write_timestamp(text, seconds, 0, false);
            const std::string_view view(text, static_cast<std::size_t>(end - text));
            if (seconds >= range.low && seconds <= static_cast<std::int64_t>(range.high)) [[likely]] {
                impl_->put_token(view);
            } else {
                impl_->date_out_of_range(rule, seconds, as_date, view);
            }
            return;
        }
        case Accept::fixed_text:
            impl_->checked_text(rule, {text, static_cast<std::size_t>(encode::write_date(text, days) - text)});
            return;
        default:
            impl_->refuse_kind(rule, "a date");
    }
}

void RowWriter::timestamp(std::int64_t seconds, std::uint32_t nanoseconds, Zone zone) {
    const Rule& rule = impl_->next_rule();
    char text[encode::longest_date_text];
    const bool utc_mark = zone == Zone::utc && rule.accept == Accept::text;
    const char* const end = encode::write_timestamp(text, seconds, nanoseconds, utc_mark);
    const std::string_view view(text, static_cast<std::size_t>(end - text));
    if (rule.accept == Accept::text || rule.accept == Accept::json || rule.accept == Accept::opaque) {
        impl_->put_token(view);
        return;
    }
    if (rule.accept != Accept::unknown && !rule.is_date()) {
        if (rule.accept == Accept::fixed_text || rule.accept == Accept::label) {
            impl_->checked_text(rule, view);
            return;
        }
        impl_->refuse_kind(rule, "a timestamp");
    }
    const Rule& range = rule.accept == Accept::unknown ? encode::unknown_date_rule() : rule;
    if (seconds < range.low || seconds > static_cast<std::int64_t>(range.high)) [[unlikely]] {
        impl_->date_out_of_range(rule, seconds, false, view);
        return;
    }
    constexpr std::uint32_t powers[] = {1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000,
                                        10'000,        1'000,       100,        10,        1};
    const bool too_fine =
        nanoseconds % powers[range.precision] != 0 ||
        ((rule.accept == Accept::date || rule.accept == Accept::date32) && seconds % encode::seconds_per_day != 0);
    if (too_fine) [[unlikely]] {
        impl_->timestamp_too_fine(rule, seconds, nanoseconds, view);
    } else if (rule.accept == Accept::date || rule.accept == Accept::date32) {
        impl_->put_token(view.substr(0, view.find(' ')));
    } else {
        impl_->put_token(view);
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
        case Accept::json:
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
    } else if (rule.accept == Accept::json) {
        impl_->json_into_json(rule, document);
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
