// SPDX-License-Identifier: Apache-2.0
#include "local/ingest/row_stage.hpp"

#include <fmt/format.h>

#include "local/sql_text.hpp"

namespace tinybird_cdk::local::ingest {

namespace {

constexpr std::size_t most_rows = 65'536;
constexpr std::size_t most_bytes = 4U << 20U;  // of the input
constexpr std::size_t most_reasons = 5;

/// The engine gathers blocks until a part is worth writing; by default up to 256 MB.
constexpr std::string_view part_settings =
    "SETTINGS min_insert_block_size_rows = 1048449, min_insert_block_size_bytes = 67108864";

}  // namespace

RowStage::RowStage(Engine& engine, const std::vector<schema::Column>& columns, StageOptions options)
    : engine_(engine),
      columns_(columns),
      options_(std::move(options)),
      typed_(columns, options_.format),
      text_(columns),
      fast_(options_.fast && typed_.usable()),
      queue_([this](const BlockQueue::Block* block) { insert(block); }) {}

void RowStage::record(std::span<const Field> fields, std::size_t size) {
    if (fast_ && typed_.add(fields)) {
        ++counts_.typed_rows;
        typed_size_ += size;
        if (typed_size_ >= most_bytes || typed_.rows() >= most_rows) {
            flush(true);
        }
        return;
    }
    text_.add(fields);
    ++counts_.text_rows;
    text_size_ += size;
    if (text_size_ >= most_bytes || text_.rows() >= most_rows) {
        flush(false);
    }
}

void RowStage::unreadable(const std::string& reason) {
    ++counts_.unreadable;
    if (counts_.reasons.size() < most_reasons) {
        counts_.reasons.push_back("invalid line: " + reason);
    }
}

void RowStage::flush(bool typed) {
    (typed ? typed_size_ : text_size_) = 0;
    queue_.push({typed, typed ? typed_.take() : text_.take()});
}

StageCounts RowStage::finish() {
    if (typed_.rows() > 0) {
        flush(true);
    }
    if (text_.rows() > 0) {
        flush(false);
    }
    queue_.finish();
    return counts_;
}

void RowStage::insert(const BlockQueue::Block* block) {
    if (block == nullptr) {
        for (auto* const insert : {&typed_insert_, &text_insert_}) {
            if (*insert) {
                (*insert)->stream.finish();
                insert->reset();
            }
        }
        return;
    }
    auto& insert = block->typed ? typed_insert_ : text_insert_;
    if (!insert && block->typed) {
        std::vector<std::string> names;
        for (const schema::Column& column : columns_) {
            names.push_back(identifier(column.name));
        }
        insert.emplace(engine_, fmt::format("INSERT INTO {} ({}) {}", options_.typed_table, fmt::join(names, ", "),
                                            part_settings));
    } else if (!insert) {
        engine_.run(fmt::format("CREATE TABLE {} ({}) ENGINE = MergeTree ORDER BY tuple()", options_.text_table,
                                TextBlock::table_columns(columns_)));
        insert.emplace(engine_, fmt::format("INSERT INTO {} {}", options_.text_table, part_settings));
    }
    insert->stream.write(block->bytes);
}

}  // namespace tinybird_cdk::local::ingest
