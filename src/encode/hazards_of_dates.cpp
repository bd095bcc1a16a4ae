// SPDX-License-Identifier: Apache-2.0
// Dates and timestamps that their target can't plainly hold.
#include "encode/dates.hpp"
#include "encode/row_writer_impl.hpp"

namespace tinybird_cdk {

using encode::Accept;

void RowWriter::Impl::put_date_limit(const Rule& rule, bool lowest, bool is_date, std::string_view mark) {
    const Rule& range = rule.is_date() ? rule : encode::unknown_date_rule();
    const std::int64_t seconds = lowest ? range.low : static_cast<std::int64_t>(range.high);
    const bool as_date = rule.is_day() || (is_date && !rule.is_date());
    char text[encode::longest_date_text];
    const char* const end = as_date ? encode::write_date(text, encode::floor_days(seconds))
                                    : encode::write_timestamp(text, seconds, 0, mark);
    put_token({text, static_cast<std::size_t>(end - text)});
}

void RowWriter::Impl::date_out_of_range(const Rule& rule, std::int64_t seconds, bool is_date, std::string_view text,
                                        std::string_view mark) {
    switch (resolve(Hazard::date_range, rule, text)) {
        case Way::null:
            put_null();
            return;
        case Way::text:
            put_token(text);
            return;
        case Way::clamp: {
            const Rule& range = rule.is_date() ? rule : encode::unknown_date_rule();
            put_date_limit(rule, seconds < range.low, is_date, mark);
        }
    }
}

void RowWriter::Impl::timestamp_too_fine(const Rule& rule, std::int64_t seconds, std::uint32_t nanoseconds,
                                         std::string_view text, std::string_view mark) {
    switch (resolve(Hazard::date_range, rule, text, "it is finer than the column, which would lose digits")) {
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
    if (rule.is_day()) {
        end = encode::write_date(cut, encode::floor_days(seconds));
    } else {
        std::uint32_t unit = 1;
        for (int digits = rule.precision; digits < 9; ++digits) {
            unit *= 10;
        }
        end = encode::write_timestamp(cut, seconds, nanoseconds / unit * unit, mark);
    }
    put_token({cut, static_cast<std::size_t>(end - cut)});
}

void RowWriter::Impl::infinite_date(const Rule& rule, bool negative) {
    const std::string_view text = negative ? "-infinity" : "infinity";
    if (rule.is_any_text()) {
        put_token(text);
        return;
    }
    if (rule.accept != Accept::unknown && !rule.is_date()) {
        refuse_kind(rule, negative ? "the date -infinity" : "the date infinity");
    }
    switch (resolve(Hazard::infinity, rule, text)) {
        case Way::null:
            put_null();
            return;
        case Way::text:
            put_token(text);
            return;
        case Way::clamp:
            put_date_limit(rule, negative, true, rule.utc_mark);
    }
}

void RowWriter::Impl::zero_date(const Rule& rule, std::string_view notation) {
    if (rule.is_any_text()) {
        put_string(notation);
    } else if (rule.accept != Accept::unknown && !rule.is_date()) {
        refuse_kind(rule, "a date that is none");
    } else if (resolve(Hazard::zero_date, rule, notation) == Way::null) {
        put_null();
    } else {
        put_string(notation);
    }
}

}  // namespace tinybird_cdk
