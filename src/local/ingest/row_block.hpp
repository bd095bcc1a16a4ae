// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tinybird_cdk/schema.hpp>

#include "local/import_format.hpp"
#include "local/ingest/column.hpp"
#include "local/ingest/field.hpp"

namespace tinybird_cdk::local::ingest {

/// Rows on their way to the engine.
class RowBlock {
public:
    RowBlock() = default;
    RowBlock(const RowBlock&) = delete;
    RowBlock& operator=(const RowBlock&) = delete;
    virtual ~RowBlock() = default;

    /// Adds a row, whole or not at all. @return whether it did
    virtual bool add(std::span<const Field> fields) = 0;
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    /// The rows in the Native format; the block is empty then.
    std::string take();

protected:
    void append_column(std::string name, std::string type, std::unique_ptr<Column> column);
    [[nodiscard]] Column& column(std::size_t i) const { return *columns_[i].column; }
    [[nodiscard]] std::size_t columns() const noexcept { return columns_.size(); }
    void count_row() noexcept { ++rows_; }

private:
    struct Entry {
        std::string name;
        std::string type;
        std::unique_ptr<Column> column;
    };
    std::vector<Entry> columns_;
    std::size_t rows_ = 0;
};

/// Rows in the types of the data source. It takes a row only if it is certain of every value.
class TypedBlock final : public RowBlock {
public:
    TypedBlock(const std::vector<schema::Column>& columns, ImportFormat format);
    bool add(std::span<const Field> fields) override;
    /// Whether it could take any row at all.
    [[nodiscard]] bool usable() const noexcept { return usable_; }

private:
    std::vector<bool> missing_has_default_;
    bool usable_ = true;
};

/// Rows as texts; it takes every row. A column `i` is `c<i>`; one with parts has its text as `r<i>` beside it, and in
/// `f<i>` whether the text has another shape than the type.
class TextBlock final : public RowBlock {
public:
    explicit TextBlock(const std::vector<schema::Column>& columns);
    bool add(std::span<const Field> fields) override;

    /// The columns of a table for its rows.
    static std::string table_columns(const std::vector<schema::Column>& columns);

private:
    std::vector<bool> nested_;
};

}  // namespace tinybird_cdk::local::ingest
