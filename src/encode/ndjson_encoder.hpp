// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/row_writer.hpp>

#include "encode/column_rules.hpp"
#include "encode/nested_text.hpp"
#include "encode/numbers.hpp"
#include "encode/output.hpp"

namespace tinybird_cdk::encode {

/// Writes the top-level values of a row as one JSON object on a line of its own.
class NdjsonEncoder {
public:
    static constexpr NestedText::Notation nested_notation = NestedText::Notation::json;

    NdjsonEncoder(const std::vector<OutputColumn>& columns, bool header, Output& output);

    void begin_row() noexcept {}
    void end_row() { output_.append("}\n"); }

    void null(std::size_t column) { bare(column, "null"); }
    /// @param as_text as a JSON string, for a column of text
    template <class Number>
    void number(std::size_t column, Number value, bool as_text) {
        key(column);
        char* out = output_.reserve(longest_number_text + 2);
        if (as_text) {
            *out++ = '"';
        }
        out = write_number(out, value);
        if (as_text) {
            *out++ = '"';
        }
        output_.advance_to(out);
    }
    void digits(std::size_t column, std::string_view text, bool as_text) {
        if (as_text) {
            token(column, text);
        } else {
            bare(column, text);
        }
    }
    void bare(std::size_t column, std::string_view text) {
        key(column);
        output_.append(text);
    }
    void token(std::size_t column, std::string_view text) {
        key(column);
        output_.put('"');
        output_.append(text);
        output_.put('"');
    }
    /// JSON has no NaN: ClickHouse reads the names from a string.
    void special_float(std::size_t column, std::string_view clickhouse_name) { token(column, clickhouse_name); }
    void string(std::size_t column, std::string_view text) {
        key(column);
        quoted(text);
    }
    /// A JSON document as a value, not as text.
    void json_value(std::size_t column, std::string_view document);
    /// @param as_text as a JSON string, for a column of text
    void nested(std::size_t column, std::string_view text, bool as_text) {
        if (as_text) {
            string(column, text);
        } else {
            bare(column, text);
        }
    }

private:
    void key(std::size_t column) { output_.append(keys_[column]); }
    void quoted(std::string_view text);

    Output& output_;
    std::vector<std::string> keys_;  ///< `{"a":`, then `,"b":`
    std::string scratch_;
};

}  // namespace tinybird_cdk::encode
