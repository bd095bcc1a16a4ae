// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinybird_cdk/row_writer.hpp>

#include "encode/column_proof.hpp"
#include "encode/column_rules.hpp"
#include "encode/csv_encoder.hpp"
#include "encode/ndjson_encoder.hpp"
#include "encode/nested_text.hpp"
#include "encode/output.hpp"
#include "encode/parquet/parquet_encoder.hpp"

namespace tinybird_cdk {

/// Where a value stands (column, or place inside a nested value), what its target takes, and which encoder writes it.
/// The checks that almost every value passes are in row_writer.cpp; what happens to the others is in hazards*.cpp.
class RowWriter::Impl {
public:
    using Rule = encode::Rule;
    using Container = encode::NestedText::Container;
    using Quoting = encode::Quoting;

    Impl(std::vector<OutputColumn> columns, const RowWriterOptions& options, BufferSink& sink);

    void begin_row();
    void end_row();
    void finish();
    [[nodiscard]] RowStatistics statistics() const;
    [[nodiscard]] const std::vector<OutputColumn>& columns() const noexcept { return columns_; }

    /// The rule for the value that comes next. @throws errors::Error when the row is already full
    const Rule& next_rule() {
        if (nested_.open()) [[unlikely]] {
            return nested_rule();
        }
        if (column_ >= rules_.size()) [[unlikely]] {
            out_of_order("a value");
        }
        return rules_[column_];
    }
    /// Numbers go as strings into columns of text.
    static Quoting quoting(const Rule& rule) noexcept {
        return rule.accept == encode::Accept::text ? Quoting::text : Quoting::bare;
    }

    // What follows writes a value that has passed its checks.

    template <class Number>
    void put_number(Number value, Quoting quoting) {
        if (nested_.open()) [[unlikely]] {
            nested_.number(value, quoting);
            if (checksums_) {
                char text[encode::longest_number_text];
                prove_part({text, static_cast<std::size_t>(encode::write_number(text, value) - text)});
            }
            return;
        }
        with_encoder([&](auto& encoder) { encoder.number(column_, value, quoting); });
        if (checksums_) [[unlikely]] {
            char text[encode::longest_number_text];
            add_checksum({text, static_cast<std::size_t>(encode::write_number(text, value) - text)});
        }
        ++column_;
    }
    /// A number as its digits, or true or false.
    void put_digits(std::string_view text, Quoting quoting) {
        if (nested_.open()) [[unlikely]] {
            nested_.digits(text, quoting);
            prove_part(text);
            return;
        }
        with_encoder([&](auto& encoder) { encoder.digits(column_, text, quoting); });
        done(text);
    }
    void put_token(std::string_view text) {
        if (nested_.open()) [[unlikely]] {
            nested_.token(text);
            prove_part(text);
            return;
        }
        with_encoder([&](auto& encoder) { encoder.token(column_, text); });
        done(text);
    }
    void put_string(std::string_view text) {
        if (nested_.open()) [[unlikely]] {
            nested_.string(text);
            prove_part(text);
            return;
        }
        with_encoder([&](auto& encoder) { encoder.string(column_, text); });
        done(text);
    }
    void put_null() {
        if (nested_.open()) [[unlikely]] {
            nested_null();
            return;
        }
        with_encoder([&](auto& encoder) { encoder.null(column_); });
        ++statistics_[column_].nulls;
        ++column_;
    }
    void put_special_float(std::string_view clickhouse_name);
    void put_json(std::string_view document);
    void put_base64(const Rule& rule, std::span<const std::byte> value);

    void begin(Container container, std::string_view what);
    void end(Container container);
    void field(std::string_view name);

    // What follows is for values that are not plainly fine.

    [[noreturn]] void refuse(const std::string& message, std::string hint = {}) const;
    [[noreturn]] void refuse_kind(const Rule& rule, std::string_view what) const;
    [[noreturn]] void out_of_order(std::string_view what) const;
    /// The connector gave what the interface rules out.
    [[noreturn]] void defect(const std::string& what) const;

    void null_value(const Rule& rule);
    /// Any integer, for targets that are not plain integers of its range.
    void integer_text(const Rule& rule, std::string_view digits);
    void decimal_text(const Rule& rule, std::string_view digits);
    template <class Float>
    void finite_float(const Rule& rule, Float value);
    /// @param name "NaN", "Infinity" or "-Infinity"
    void special_number(const Rule& rule, std::string_view name);
    /// @param seconds of midnight for a date. @param text its own notation, @param mark of an instant
    void date_out_of_range(const Rule& rule, std::int64_t seconds, bool is_date, std::string_view text,
                           std::string_view mark);
    void timestamp_too_fine(const Rule& rule, std::int64_t seconds, std::uint32_t nanoseconds, std::string_view text,
                            std::string_view mark);
    void infinite_date(const Rule& rule, bool negative);
    void zero_date(const Rule& rule, std::string_view notation);
    void invalid_text(const Rule& rule, std::string_view text);
    void checked_text(const Rule& rule, std::string_view text);
    void json_into_json(const Rule& rule, std::string_view document);

private:
    enum class Way { null, text, clamp };

    /// What is known of an open list, record or map.
    struct Frame {
        const Rule* rule;
        std::size_t seen;        ///< where its part of seen_ begins
        std::size_t place = 0;   ///< of the member that comes next
        bool has_field = false;  ///< field() was called for it
    };

    template <class Write>
    void with_encoder(Write&& write) {
        if (csv_) {
            write(*csv_);
        } else if (ndjson_) [[likely]] {
            write(*ndjson_);
        } else {
            with_parquet(std::forward<Write>(write));
        }
    }
    template <class Write>
    [[gnu::noinline]] void with_parquet(Write&& write) {
        try {
            write(*parquet_);
        } catch (const encode::parquet::Unstorable& value) {
            refuse(value.message, value.hint);
        }
    }
    void done(std::string_view text) {
        if (checksums_) [[unlikely]] {
            add_checksum(text);
        }
        ++column_;
    }
    void add_checksum(std::string_view text) { proofs_[column_].add(text); }
    /// What takes the parts of the open list, record or map; nothing without checksums.
    [[nodiscard]] encode::NestedForm* nested_form() { return checksums_ ? proofs_[column_].nested() : nullptr; }
    void prove_part(std::string_view text) {
        if (auto* const form = nested_form(); form != nullptr) {
            form->value(text);
        }
    }

    const Rule& nested_rule();
    void nested_null();
    [[nodiscard]] std::size_t member_place(const Frame& frame, std::string_view name) const;
    [[nodiscard]] encode::NestedText::Notation notation_of(const Rule& rule) const;

    [[nodiscard]] const std::string& column_name() const;
    /// What the policy says; throws when it says to refuse.
    Way resolve(Hazard hazard, const Rule& rule, std::string_view value, std::string_view why = {});
    void number_out_of_range(const Rule& rule, std::string_view digits, std::string_view why = {});
    /// Seconds since 1970 as a DateTime. In CSV ClickHouse reads a short bare number as something else (5 as a day).
    void put_epoch(const Rule& rule, std::string_view digits);
    void put_nearest_number(const Rule& rule, std::string_view digits);
    /// A date or timestamp at either end of what the target holds.
    void put_date_limit(const Rule& rule, bool lowest, bool is_date, std::string_view mark);

    const std::vector<OutputColumn> columns_;
    std::vector<Rule> rules_;
    const HazardPolicies hazards_;
    const bool checksums_;
    encode::Output output_;
    std::optional<encode::CsvEncoder> csv_;
    std::optional<encode::NdjsonEncoder> ndjson_;
    std::optional<encode::parquet::ParquetEncoder> parquet_;

    std::size_t column_;  ///< that comes next; behind the last one between rows, so that no value is taken there
    bool in_row_ = false;
    bool finished_ = false;
    std::vector<ColumnStatistics> statistics_;
    std::vector<encode::ColumnProof> proofs_;  ///< empty without checksums

    encode::NestedText nested_;
    std::vector<Frame> frames_;
    std::vector<bool> seen_;  ///< which members of the open tuples there were
};

}  // namespace tinybird_cdk
