// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/row_writer.hpp>

#include "encode/nested_text.hpp"
#include "encode/numbers.hpp"
#include "encode/output.hpp"

namespace tinybird_cdk::encode {

/// Writes the top-level values of a row as one JSON object on a line of its own.
class NdjsonEncoder {
public:
    static constexpr NestedText::Notation nested_notation = NestedText::Notation::json;
    static constexpr NestedText::Notation tuple_notation = NestedText::Notation::json;

    NdjsonEncoder(const std::vector<OutputColumn>& columns, Output& output);

    void end_row() { output_.append("}\n"); }

    void null(std::size_t column) { bare(column, "null"); }
    template <class Number>
    void number(std::size_t column, Number value, Quoting quoting) {
        char* out = keyed(column, longest_number_text + 2);
        if (quoting == Quoting::text) {
            *out++ = '"';
            out = write_number(out, value);
            *out++ = '"';
        } else {
            out = write_number(out, value);
        }
        output_.advance_to(out);
    }
    /// A number as its digits, or true or false.
    void digits(std::size_t column, std::string_view text, Quoting quoting) {
        if (quoting == Quoting::bare) {
            bare(column, text);
        } else {
            token(column, text);
        }
    }
    /// Characters that need no escape anywhere: a date, a UUID.
    void token(std::size_t column, std::string_view text) {
        char* out = keyed(column, text.size() + 2);
        *out++ = '"';
        std::memcpy(out, text.data(), text.size());
        out[text.size()] = '"';
        output_.advance_to(out + text.size() + 1);
    }
    /// JSON has no NaN: ClickHouse reads the names from a string.
    void special_float(std::size_t column, std::string_view clickhouse_name) { token(column, clickhouse_name); }
    void string(std::size_t column, std::string_view text);
    void base64(std::size_t column, std::span<const std::byte> bytes);
    /// A JSON document as a value, not as text.
    void json_value(std::size_t column, std::string_view document);
    /// @param as_text as a JSON string, for a column of text
    void nested(std::size_t column, std::string_view text, NestedText::Notation /*notation*/, bool as_text) {
        if (as_text) {
            string(column, text);
        } else {
            bare(column, text);
        }
    }

private:
    /// `{"a":`, then `,"b":`. Short ones are copied with one move of a fixed size.
    struct Key {
        std::size_t size = 0;
        std::string text;  ///< at least `short_key` bytes
    };
    static constexpr std::size_t short_key = 32;

    /// Room for a value of `count` bytes, behind its key.
    char* keyed(std::size_t column, std::size_t count) {
        const Key& key = keys_[column];
        char* const out = output_.reserve(key.text.size() + count);
        std::memcpy(out, key.text.data(), short_key);
        if (key.size > short_key) [[unlikely]] {
            std::memcpy(out, key.text.data(), key.size);
        }
        return out + key.size;
    }
    void bare(std::size_t column, std::string_view text) {
        char* const out = keyed(column, text.size());
        std::memcpy(out, text.data(), text.size());
        output_.advance_to(out + text.size());
    }

    Output& output_;
    std::vector<Key> keys_;
    std::string scratch_;
};

}  // namespace tinybird_cdk::encode
