// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <tinybird_cdk/row_writer.hpp>

#include "encode/nested_text.hpp"
#include "encode/numbers.hpp"
#include "encode/output.hpp"

namespace tinybird_cdk::encode {

/// Writes the top-level values of a row as CSV: RFC 4180 with `\n`, text always quoted, NULL the empty field.
class CsvEncoder {
public:
    static constexpr NestedText::Notation nested_notation = NestedText::Notation::clickhouse;
    /// ClickHouse reads a tuple's members from CSV fields of their own.
    static constexpr NestedText::Notation tuple_notation = NestedText::Notation::csv_fields;

    CsvEncoder(const std::vector<OutputColumn>& columns, bool header, Output& output);

    void end_row() { output_.put('\n'); }

    void null(std::size_t column) {
        if (!single_) [[likely]] {
            output_.advance_to(separated(column, 0));
        } else {
            // A row of one empty field would be an empty line, which readers may skip: `\N` is ClickHouse's other NULL.
            output_.append("\\N");
        }
    }
    template <class Number>
    void number(std::size_t column, Number value, Quoting /*quoting*/) {
        output_.advance_to(write_number(separated(column, longest_number_text), value));
    }
    /// A number as its digits, or true or false.
    void digits(std::size_t column, std::string_view text, Quoting /*quoting*/) { token(column, text); }
    /// Characters that need no escape anywhere: a date, a UUID.
    void token(std::size_t column, std::string_view text) {
        char* const out = separated(column, text.size());
        std::memcpy(out, text.data(), text.size());
        output_.advance_to(out + text.size());
    }
    void special_float(std::size_t column, std::string_view clickhouse_name) { token(column, clickhouse_name); }
    void string(std::size_t column, std::string_view text);
    void base64(std::size_t column, std::span<const std::byte> bytes);
    void json_value(std::size_t column, std::string_view document) { string(column, document); }
    void nested(std::size_t column, std::string_view text, NestedText::Notation notation, bool /*as_text*/) {
        if (notation == NestedText::Notation::csv_fields) {
            token(column, text);
        } else {
            string(column, text);
        }
    }

private:
    /// Room for a field of `count` bytes, behind its separator.
    char* separated(std::size_t column, std::size_t count) {
        char* out = output_.reserve(count + 1);
        *out = ',';
        return column > 0 ? out + 1 : out;
    }

    Output& output_;
    const bool single_;
};

}  // namespace tinybird_cdk::encode
