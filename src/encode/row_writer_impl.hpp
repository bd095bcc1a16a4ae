// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xxhash.h>

#include <tinybird_cdk/row_writer.hpp>

#include "encode/column_rules.hpp"
#include "encode/csv_encoder.hpp"
#include "encode/ndjson_encoder.hpp"
#include "encode/nested_text.hpp"
#include "encode/output.hpp"

namespace tinybird_cdk {

/// Where a value stands (column, or place inside a nested value), what its target takes, and which encoder writes it.
/// The checks that almost every value passes are in row_writer.cpp; what happens to the others is in hazards.cpp.
class RowWriter::Impl {
public:
    using Rule = encode::Rule;
    using Container = encode::NestedText::Container;

    Impl(std::vector<OutputColumn> columns, const RowWriterOptions& options, BufferSink& sink);

    void begin_row();
    void end_row();
    void finish();
    [[nodiscard]] RowStatistics statistics() const;
    [[nodiscard]] const std::vector<OutputColumn>& columns() const noexcept { return columns_; }

    /// The rule for the value that comes next. @throws errors::Error when the row is already full
    const Rule& next_rule() {
        if (!nested_.open()) [[likely]] {
            if (column_ >= rules_.size() || !in_row_) [[unlikely]] {
                out_of_order("a value");
            }
            return rules_[column_];
        }
        return nested_rule();
    }
    /// Numbers go as JSON strings into columns of text, but stay numbers inside a text that is itself JSON.
    [[nodiscard]] bool as_text(const Rule& rule) const noexcept {
        return rule.accept == encode::Accept::text && &rule != &inside_text_;
    }

    // What follows writes a value that has passed its checks.

    template <class Number>
    void put_number(Number value, bool as_text) {
        if (nested_.open()) [[unlikely]] {
            char text[encode::longest_number_text];
            nested_digits({text, static_cast<std::size_t>(encode::write_number(text, value) - text)}, as_text);
            return;
        }
        with_encoder([&](auto& encoder) { encoder.number(column_, value, as_text); });
        if (checksums_) [[unlikely]] {
            char text[encode::longest_number_text];
            add_checksum({text, static_cast<std::size_t>(encode::write_number(text, value) - text)});
        }
        ++column_;
    }
    void put_digits(std::string_view text, bool as_text) {
        if (nested_.open()) {
            nested_digits(text, as_text);
            return;
        }
        with_encoder([&](auto& encoder) { encoder.digits(column_, text, as_text); });
        done(text);
    }
    void put_bare(std::string_view text) { put_digits(text, false); }
    void put_token(std::string_view text) {
        if (nested_.open()) {
            nested_.token(text);
            return;
        }
        with_encoder([&](auto& encoder) { encoder.token(column_, text); });
        done(text);
    }
    void put_string(std::string_view text) {
        if (nested_.open()) {
            nested_.string(text);
            return;
        }
        with_encoder([&](auto& encoder) { encoder.string(column_, text); });
        done(text);
    }
    void put_null() {
        if (nested_.open()) {
            nested_.null();
            return;
        }
        with_encoder([&](auto& encoder) { encoder.null(column_); });
        ++statistics_[column_].nulls;
        ++column_;
    }
    void put_special_float(std::string_view clickhouse_name);
    void put_json(std::string_view document);

    void begin(Container container, std::string_view what);
    void end(Container container);
    void field(std::string_view name);

    // What follows is for values that are not plainly fine.

    [[noreturn]] void refuse(const std::string& message, std::string hint = {}) const;
    [[noreturn]] void refuse_kind(const Rule& rule, std::string_view what) const;
    [[noreturn]] void out_of_order(std::string_view what) const;

    void null_value(const Rule& rule);
    /// Any integer, for targets that are not plain integers of its range.
    void integer_text(const Rule& rule, std::string_view digits);
    void decimal_text(const Rule& rule, std::string_view digits);
    void finite_float(const Rule& rule, double value);
    /// @param name "NaN", "Infinity" or "-Infinity"
    void special_number(const Rule& rule, std::string_view name, bool is_float);
    void float_loses_digits(const Rule& rule, double value);
    /// @param seconds of midnight for a date. @param text its own notation
    void date_out_of_range(const Rule& rule, std::int64_t seconds, bool is_date, std::string_view text);
    void timestamp_too_fine(const Rule& rule, std::int64_t seconds, std::uint32_t nanoseconds, std::string_view text);
    void infinite_date(const Rule& rule, bool negative);
    void zero_date(const Rule& rule, std::string_view notation);
    void invalid_text(const Rule& rule, std::string_view text);
    void checked_text(const Rule& rule, std::string_view text);
    void json_into_json(const Rule& rule, std::string_view document);
    /// A date or timestamp at either end of what the target holds.
    void put_date_limit(const Rule& rule, bool lowest, bool is_date);

private:
    enum class Way { null, text, clamp };

    template <class Write>
    void with_encoder(Write&& write) {
        if (csv_) {
            write(*csv_);
        } else {
            write(*ndjson_);
        }
    }
    void done(std::string_view text) {
        if (checksums_) [[unlikely]] {
            add_checksum(text);
        }
        ++column_;
    }
    void add_checksum(std::string_view text) { statistics_[column_].checksum += XXH64(text.data(), text.size(), 0); }
    void nested_digits(std::string_view text, bool as_text) {
        if (as_text) {
            nested_.token(text);
        } else {
            nested_.bare(text);
        }
    }
    const Rule& nested_rule();
    [[nodiscard]] const std::string& column_name() const;
    /// What the policy says; throws when it says to refuse.
    Way resolve(Hazard hazard, const Rule& rule, std::string_view value, std::string_view why = {});
    void number_out_of_range(const Rule& rule, std::string_view digits, std::string_view why = {});

    const std::vector<OutputColumn> columns_;
    std::vector<Rule> rules_;
    const HazardPolicies hazards_;
    const bool checksums_;
    encode::Output output_;
    std::optional<encode::CsvEncoder> csv_;
    std::optional<encode::NdjsonEncoder> ndjson_;

    std::size_t column_ = 0;
    bool in_row_ = false;
    std::vector<ColumnStatistics> statistics_;

    encode::NestedText nested_;
    std::vector<const Rule*> nested_rules_;  ///< of the open containers
    std::optional<std::string> field_;       ///< the member of the innermost record that comes next
    Rule unknown_;
    Rule inside_text_;  ///< of what is nested inside a column of text or JSON: anything goes
    std::string scratch_;
};

}  // namespace tinybird_cdk
