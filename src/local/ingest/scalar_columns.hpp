// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "local/ingest/column.hpp"
#include "local/ingest/native.hpp"

namespace tinybird_cdk::local::ingest {

/// Values of one width. `Read` makes a value from a field: bool(const Field&, T&).
template <class T, class Read>
class FixedColumn final : public Column {
public:
    FixedColumn(bool nullable, Read read) : nullable_(nullable), read_(std::move(read)) {}

    using Column::add;
    bool add(const Field& field) override {
        T value{};
        const bool missing = field.missing();
        if (missing ? !nullable_ : !read_(field, value)) {
            return false;
        }
        values_.push_back(value);
        if (nullable_) {
            nulls_.push_back(missing ? 1 : 0);
        }
        return true;
    }
    void mark() override { marked_ = values_.size(); }
    void take_back() override {
        values_.resize(marked_);
        nulls_.resize(nullable_ ? marked_ : 0);
    }
    void clear() override {
        values_.clear();
        nulls_.clear();
    }
    void append_data(std::string& out) const override {
        append_values(out, nulls_);
        append_values(out, values_);
    }

private:
    const bool nullable_;
    const Read read_;
    std::vector<T> values_;
    std::vector<std::uint8_t> nulls_;
    std::size_t marked_ = 0;
};

/// Texts of any length that `Accept` lets through: bool(const Field&, std::string_view& text).
template <class Accept>
class TextColumn final : public Column {
public:
    TextColumn(bool nullable, Missing missing, Accept accept)
        : nullable_(nullable), missing_(missing), accept_(std::move(accept)) {}

    using Column::add;
    bool add(const Field& field) override {
        std::string_view text = field.text;
        const bool missing = field.missing();
        if (missing) {
            if (!nullable_ && missing_ == Missing::refused) {
                return false;
            }
            text = {};
        } else if (!accept_(field, text)) {
            return false;
        }
        append_text(texts_, text);
        if (nullable_) {
            nulls_ += static_cast<char>(missing ? 1 : 0);
        }
        return true;
    }
    void mark() override {
        marked_ = texts_.size();
        marked_nulls_ = nulls_.size();
    }
    void take_back() override {
        texts_.resize(marked_);
        nulls_.resize(marked_nulls_);
    }
    void clear() override {
        texts_.clear();
        nulls_.clear();
    }
    void append_data(std::string& out) const override {
        out += nulls_;
        out += texts_;
    }

private:
    const bool nullable_;
    const Missing missing_;
    const Accept accept_;
    std::string texts_;
    std::string nulls_;
    std::size_t marked_ = 0;
    std::size_t marked_nulls_ = 0;
};

template <class T, class Read>
std::unique_ptr<Column> fixed_column(bool nullable, Read read) {
    return std::make_unique<FixedColumn<T, Read>>(nullable, std::move(read));
}
template <class Accept>
std::unique_ptr<Column> text_column_of(bool nullable, Missing missing, Accept accept) {
    return std::make_unique<TextColumn<Accept>>(nullable, missing, std::move(accept));
}

}  // namespace tinybird_cdk::local::ingest
