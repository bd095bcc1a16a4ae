// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <vector>

#include "local/ingest/column.hpp"
#include "local/ingest/scalar_columns.hpp"
#include "local/ingest/types.hpp"

namespace tinybird_cdk::local::ingest {

namespace {

using schema::Kind;

/// What all columns with parts have in common: a field is a text that a cursor walks through.
class NestedColumn : public Column {
public:
    bool add(const Field& field) final {
        if (field.kind == Field::Kind::absent) {
            return add_missing();
        }
        if (field.kind != Field::Kind::text && field.kind != Field::Kind::nested) {
            return false;
        }
        NestedCursor cursor(field.text);
        return add_parts(cursor) && cursor.at_end();
    }
    bool add(NestedCursor& cursor) final {
        const char c = cursor.peek();
        if (c == '"' || c == '\'') {
            // The text of a text.
            Field field{Field::Kind::text, {}};
            return cursor.quoted(field.text) && add(field);
        }
        return add_parts(cursor);
    }

protected:
    virtual bool add_missing() { return false; }
    virtual bool add_parts(NestedCursor& cursor) = 0;
};

class ArrayColumn final : public NestedColumn {
public:
    explicit ArrayColumn(std::unique_ptr<Column> elements) : elements_(std::move(elements)) {}
    void mark() override {
        marked_ = ends_.size();
        elements_->mark();
    }
    void take_back() override {
        ends_.resize(marked_);
        count_ = ends_.empty() ? 0 : ends_.back();
        elements_->take_back();
    }
    void clear() override {
        ends_.clear();
        count_ = 0;
        elements_->clear();
    }
    void append_data(std::string& out) const override {
        append_values(out, ends_);
        elements_->append_data(out);
    }

protected:
    bool add_missing() override {
        ends_.push_back(count_);
        return true;
    }
    bool add_parts(NestedCursor& cursor) override {
        if (!cursor.take('[')) {
            return false;
        }
        for (bool first = true; !cursor.take(']'); first = false) {
            if ((!first && !cursor.take(',')) || !elements_->add(cursor)) {
                return false;
            }
            ++count_;
        }
        ends_.push_back(count_);
        return true;
    }

private:
    const std::unique_ptr<Column> elements_;
    std::vector<std::uint64_t> ends_;
    std::uint64_t count_ = 0;
    std::size_t marked_ = 0;
};

class MapColumn final : public NestedColumn {
public:
    MapColumn(std::unique_ptr<Column> keys, std::unique_ptr<Column> values)
        : keys_(std::move(keys)), values_(std::move(values)) {}
    void mark() override {
        marked_ = ends_.size();
        keys_->mark();
        values_->mark();
    }
    void take_back() override {
        ends_.resize(marked_);
        count_ = ends_.empty() ? 0 : ends_.back();
        keys_->take_back();
        values_->take_back();
    }
    void clear() override {
        ends_.clear();
        count_ = 0;
        keys_->clear();
        values_->clear();
    }
    void append_data(std::string& out) const override {
        append_values(out, ends_);
        keys_->append_data(out);
        values_->append_data(out);
    }

protected:
    bool add_missing() override {
        ends_.push_back(count_);
        return true;
    }
    bool add_parts(NestedCursor& cursor) override {
        if (!cursor.take('{')) {
            return false;
        }
        for (bool first = true; !cursor.take('}'); first = false) {
            if ((!first && !cursor.take(',')) || !keys_->add(cursor) || !cursor.take(':') || !values_->add(cursor)) {
                return false;
            }
            ++count_;
        }
        ends_.push_back(count_);
        return true;
    }

private:
    const std::unique_ptr<Column> keys_;
    const std::unique_ptr<Column> values_;
    std::vector<std::uint64_t> ends_;
    std::uint64_t count_ = 0;
    std::size_t marked_ = 0;
};

/// (1,'x'), in JSON also [1,"x"] and, with names, {"a":1,"b":"x"}.
class TupleColumn final : public NestedColumn {
public:
    TupleColumn(std::vector<std::unique_ptr<Column>> members, std::vector<std::string> names)
        : members_(std::move(members)), names_(std::move(names)) {}
    void mark() override {
        for (const auto& member : members_) {
            member->mark();
        }
    }
    void take_back() override {
        for (const auto& member : members_) {
            member->take_back();
        }
    }
    void clear() override {
        for (const auto& member : members_) {
            member->clear();
        }
    }
    void append_data(std::string& out) const override {
        for (const auto& member : members_) {
            member->append_data(out);
        }
    }

protected:
    bool add_missing() override {
        for (const auto& member : members_) {
            if (!member->add(Field{})) {
                return false;
            }
        }
        return true;
    }
    bool add_parts(NestedCursor& cursor) override {
        if (cursor.take('{')) {
            return !names_.empty() && add_named(cursor);
        }
        const char closing = cursor.take('(') ? ')' : ']';
        if (closing == ']' && !cursor.take('[')) {
            return false;
        }
        for (std::size_t i = 0; i < members_.size(); ++i) {
            if ((i > 0 && !cursor.take(',')) || !members_[i]->add(cursor)) {
                return false;
            }
        }
        return cursor.take(closing);
    }

private:
    /// Members that are not named are missing.
    bool add_named(NestedCursor& cursor) {
        std::vector<bool> seen(members_.size());
        for (bool first = true; !cursor.take('}'); first = false) {
            std::string_view name;
            if ((!first && !cursor.take(',')) || !cursor.quoted(name) || !cursor.take(':')) {
                return false;
            }
            std::size_t i = 0;
            while (i < names_.size() && names_[i] != name) {
                ++i;
            }
            if (i == names_.size()) {
                Field unknown;
                if (!cursor.leaf(unknown)) {
                    return false;
                }
                continue;
            }
            if (seen[i] || !members_[i]->add(cursor)) {
                return false;
            }
            seen[i] = true;
        }
        for (std::size_t i = 0; i < members_.size(); ++i) {
            if (!seen[i] && !members_[i]->add(Field{})) {
                return false;
            }
        }
        return true;
    }

    const std::vector<std::unique_ptr<Column>> members_;
    const std::vector<std::string> names_;
};

/// @param scalar makes the column of a scalar type; nothing when it can't
template <class Scalar>
std::unique_ptr<Column> column_of(const schema::Type& plain, const Scalar& scalar) {
    if (!is_nested(plain)) {
        return scalar(plain);
    }
    std::vector<std::unique_ptr<Column>> parts;
    for (const schema::Type& argument : plain.arguments()) {
        parts.push_back(column_of(argument, scalar));
        if (!parts.back()) {
            return nullptr;
        }
    }
    switch (plain.kind()) {
        case Kind::array:
            return std::make_unique<ArrayColumn>(std::move(parts.at(0)));
        case Kind::map:
            return std::make_unique<MapColumn>(std::move(parts.at(0)), std::move(parts.at(1)));
        default:
            return std::make_unique<TupleColumn>(std::move(parts), plain.names());
    }
}

bool is_number(Kind kind) {
    return kind <= Kind::float64;
}

}  // namespace

std::unique_ptr<Column> typed_column(const schema::Type& plain, Missing missing) {
    return is_nested(plain)
               ? column_of(plain, [](const schema::Type& type) { return typed_scalar(type, Missing::refused); })
               : typed_scalar(plain, missing);
}

std::unique_ptr<Column> text_column(const schema::Type& plain) {
    return column_of(plain, [](const schema::Type& type) {
        // ClickHouse takes the true and false of JSON for numbers where it wants numbers.
        return text_column_of(true, Missing::refused,
                              [number = is_number(type.kind())](const Field& field, std::string_view& text) {
                                  if (number && field.kind == Field::Kind::boolean) {
                                      text = field.text == "true" ? "1" : "0";
                                  }
                                  return true;
                              });
    });
}

}  // namespace tinybird_cdk::local::ingest
