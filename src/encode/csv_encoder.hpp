// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <tinybird_cdk/row_writer.hpp>

#include "encode/column_rules.hpp"
#include "encode/nested_text.hpp"
#include "encode/numbers.hpp"
#include "encode/output.hpp"

namespace tinybird_cdk::encode {

/// Writes the top-level values of a row as CSV: RFC 4180 with `\n`, text always quoted, NULL the empty field.
class CsvEncoder {
public:
    static constexpr NestedText::Notation nested_notation = NestedText::Notation::clickhouse;

    CsvEncoder(const std::vector<OutputColumn>& columns, bool header, Output& output);

    void begin_row() noexcept {}
    void end_row() { output_.put('\n'); }

    void null(std::size_t column) {
        // A row of one empty field would be an empty line, which readers skip: `\N` is ClickHouse's other NULL.
        if (single_) {
            output_.append("\\N");
        } else {
            separate(column);
        }
    }
    template <class Number>
    void number(std::size_t column, Number value, bool /*as_text*/) {
        separate(column);
        output_.advance_to(write_number(output_.reserve(longest_number_text), value));
    }
    /// A number as its digits.
    void digits(std::size_t column, std::string_view text, bool /*as_text*/) { bare(column, text); }
    void bare(std::size_t column, std::string_view text) {
        separate(column);
        output_.append(text);
    }
    /// Characters that need no escape anywhere: a date, a UUID, base64.
    void token(std::size_t column, std::string_view text) { bare(column, text); }
    void special_float(std::size_t column, std::string_view clickhouse_name) { bare(column, clickhouse_name); }
    void string(std::size_t column, std::string_view text) {
        separate(column);
        quoted(text);
    }
    void json_value(std::size_t column, std::string_view document) { string(column, document); }
    void nested(std::size_t column, std::string_view text, bool /*as_text*/) { string(column, text); }

private:
    void separate(std::size_t column) {
        if (column > 0) {
            output_.put(',');
        }
    }
    void quoted(std::string_view text);

    Output& output_;
    const bool single_;
};

}  // namespace tinybird_cdk::encode
