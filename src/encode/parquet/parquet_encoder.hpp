// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <tinybird_cdk/record_batches.hpp>
#include <tinybird_cdk/row_writer.hpp>

#include "encode/column_rules.hpp"
#include "encode/nested_text.hpp"
#include "encode/output.hpp"
#include "encode/parquet/column_builder.hpp"
#include "encode/parquet/file_writer.hpp"

namespace tinybird_cdk::encode::parquet {

/// Gathers the values of a row group column by column, and writes it when it is large enough. Where the size of a file
/// is limited, the rows go into several files, one behind the other.
class ParquetEncoder {
public:
    static constexpr NestedText::Notation nested_notation = NestedText::Notation::json;
    static constexpr NestedText::Notation tuple_notation = NestedText::Notation::json;

    /// @param rules of the columns; these and the output must outlive the encoder
    /// @throws errors::UnsupportedFormatError when the plugin is missing
    ParquetEncoder(const std::vector<OutputColumn>& columns, const std::vector<Rule>& rules,
                   const RowWriterOptions& options, Output& output);

    void end_row();
    /// Ends the last file. Without rows it is a file that has none.
    void finish();

    // All may throw Unstorable.

    void null(std::size_t column) { builders_[column].null(); }
    template <class Number>
    void number(std::size_t column, Number value, Quoting /*quoting*/) {
        gathered_ += sizeof value;
        builders_[column].number(value);
    }
    void digits(std::size_t column, std::string_view text, Quoting /*quoting*/) { string(column, text); }
    void token(std::size_t column, std::string_view text) { string(column, text); }
    void special_float(std::size_t column, std::string_view clickhouse_name) { string(column, clickhouse_name); }
    void string(std::size_t column, std::string_view text) {
        gathered_ += text.size() + sizeof(std::uint32_t);
        builders_[column].text(text);
    }
    void base64(std::size_t column, std::span<const std::byte> bytes);
    void json_value(std::size_t column, std::string_view document) { string(column, document); }
    void nested(std::size_t column, std::string_view text, NestedText::Notation notation, bool as_text);

private:
    /// Empty columns, with new buffers or with those of the last group.
    void begin_group(bool anew);
    void write_group();
    [[nodiscard]] bool file_is_full() const noexcept;
    void end_file();

    const std::vector<OutputColumn>& columns_;
    const std::vector<Rule>& rules_;
    Output& output_;
    const std::uint64_t file_bytes_;
    const std::size_t group_bytes_;
    const std::uint64_t description_bytes_;  ///< of a group, at the end of the file
    FileWriter file_;
    std::vector<ColumnBuilder> builders_;
    OwnedArrowArray group_;
    std::int64_t rows_ = 0;     ///< in the group
    std::size_t gathered_ = 0;  ///< bytes in the group, about
    std::uint64_t begin_ = 0;   ///< of the file, in the output
    std::uint64_t groups_ = 0;  ///< in the file
    std::uint64_t files_ = 0;   ///< that are complete
};

}  // namespace tinybird_cdk::encode::parquet
