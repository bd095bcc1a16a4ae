// SPDX-License-Identifier: Apache-2.0
#include "encode/parquet/parquet_encoder.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <nanoarrow/nanoarrow.h>

#include "encode/base64.hpp"

namespace tinybird_cdk::encode::parquet {

namespace {

/// Parts of a column that the file describes one by one, in each row group.
std::size_t leaves_of(const Rule& rule) {
    switch (stored_as(rule)) {
        case Stored::list:
        case Stored::record:
        case Stored::map: {
            std::size_t count = 0;
            for (const Rule& child : rule.children) {
                count += leaves_of(child);
            }
            return count;
        }
        default:
            return 1;
    }
}

/// About the most that the description of a row group takes at the end of the file.
std::uint64_t description_of(const std::vector<OutputColumn>& columns, const std::vector<Rule>& rules) {
    constexpr std::uint64_t fixed = 160;
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        bytes += leaves_of(rules[i]) * (fixed + columns[i].name.size());
    }
    return bytes;
}

/// Large enough to compress well, small enough that memory stays small whatever the table's size.
constexpr std::size_t largest_group = std::size_t{2} << 20;
constexpr std::int64_t most_rows = 1 << 20;
/// A file that is limited to so many bytes is made of at least so many groups, or it could not be cut near to them.
constexpr std::uint64_t groups_per_file = 8;
constexpr std::uint64_t smallest_group = 512;

std::size_t group_bytes(std::uint64_t file_bytes) noexcept {
    return file_bytes == 0 ? largest_group
                           : static_cast<std::size_t>(std::clamp<std::uint64_t>(file_bytes / groups_per_file,
                                                                                smallest_group, largest_group));
}

OwnedArrowSchema schema_of(const std::vector<OutputColumn>& columns, const std::vector<Rule>& rules) {
    OwnedArrowSchema schema;
    ArrowSchemaInit(schema.out());
    check(ArrowSchemaSetTypeStruct(schema.get(), static_cast<std::int64_t>(columns.size())));
    for (std::size_t i = 0; i < columns.size(); ++i) {
        describe(rules[i], columns[i].name, schema->children[i]);
    }
    return schema;
}

/// Takes the values out of an array, and leaves it the memory.
void empty(ArrowArray* array) {
    array->length = 0;
    array->null_count = 0;
    ArrowBitmap* const validity = ArrowArrayValidityBitmap(array);
    validity->size_bits = 0;
    validity->buffer.size_bytes = 0;
    for (std::int64_t i = 1; i < array->n_buffers; ++i) {
        ArrowArrayBuffer(array, i)->size_bytes = 0;
    }
    for (std::int64_t i = 0; i < array->n_children; ++i) {
        empty(array->children[i]);
    }
}

}  // namespace

ParquetEncoder::ParquetEncoder(const std::vector<OutputColumn>& columns, const std::vector<Rule>& rules,
                               const RowWriterOptions& options, Output& output)
    : columns_(columns),
      rules_(rules),
      output_(output),
      file_bytes_(options.file_bytes.value_or(0)),
      group_bytes_(group_bytes(file_bytes_)),
      description_bytes_(description_of(columns, rules)),
      file_(plugin(), output) {
    builders_.reserve(rules.size());
    for (const Rule& rule : rules) {
        builders_.emplace_back(rule);
    }
    begin_group(true);
}

void ParquetEncoder::begin_group(bool anew) {
    if (anew) {
        OwnedArrowSchema schema = schema_of(columns_, rules_);
        check(ArrowArrayInitFromSchema(group_.out(), schema.get(), nullptr));
    } else {
        empty(group_.get());
    }
    check(ArrowArrayStartAppending(group_.get()));
    for (std::size_t i = 0; i < builders_.size(); ++i) {
        builders_[i].attach(group_->children[i]);
    }
    rows_ = 0;
    gathered_ = 0;
}

void ParquetEncoder::end_row() {
    output_.count_row();
    ++rows_;
    // A column of NULLs takes room too.
    gathered_ += builders_.size();
    if (gathered_ >= group_bytes_ || rows_ == most_rows) [[unlikely]] {
        write_group();
        if (file_is_full()) {
            end_file();
        }
    }
}

void ParquetEncoder::write_group() {
    if (!file_.is_open()) {
        begin_ = output_.bytes();
        groups_ = 0;
        file_.open(schema_of(columns_, rules_));
    }
    group_.get()->length = rows_;
    check(ArrowArrayFinishBuildingDefault(group_.get(), nullptr));
    file_.write(*group_.get());
    ++groups_;
    // What one long row made large is not kept.
    begin_group(gathered_ > 2 * largest_group);
}

bool ParquetEncoder::file_is_full() const noexcept {
    if (file_bytes_ == 0) {
        return false;
    }
    // What the next group and the description at the end of the file may take, with something to spare.
    constexpr std::uint64_t fixed = 1024;
    const std::uint64_t description = fixed + (groups_ + 2) * description_bytes_;
    return output_.bytes() - begin_ + description + group_bytes_ + group_bytes_ / 4 > file_bytes_;
}

void ParquetEncoder::end_file() {
    file_.finish();
    ++files_;
    output_.end_file();
}

void ParquetEncoder::finish() {
    if (rows_ > 0 || (!file_.is_open() && files_ == 0)) {
        write_group();
    }
    if (file_.is_open()) {
        end_file();
    }
}

void ParquetEncoder::base64(std::size_t column, std::span<const std::byte> bytes) {
    std::string text(base64_length(bytes.size()), '\0');
    write_base64(text.data(), bytes);
    string(column, text);
}

void ParquetEncoder::nested(std::size_t column, std::string_view text, NestedText::Notation /*notation*/,
                            bool as_text) {
    gathered_ += text.size();
    const Stored stored = builders_[column].stored();
    if (as_text || stored == Stored::text) {
        builders_[column].text(text);
    } else {
        builders_[column].nested(text);
    }
}

}  // namespace tinybird_cdk::encode::parquet
