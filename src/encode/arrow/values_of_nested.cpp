// SPDX-License-Identifier: Apache-2.0
#include "encode/arrow/values.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::encode {

namespace {

/// Where the elements of a list are in its child.
struct Span {
    std::int64_t begin;
    std::int64_t end;
};

template <class Offset>
const Offset* offsets_of(const ArrowArrayView& array, int buffer) {
    return static_cast<const Offset*>(array.buffer_views[buffer].data.data) + array.offset;
}

Span elements_of(const ArrowArrayView& array, std::int64_t index) {
    switch (array.storage_type) {
        case NANOARROW_TYPE_LARGE_LIST: {
            const auto* offsets = offsets_of<std::int64_t>(array, 1);
            return {offsets[index], offsets[index + 1]};
        }
        case NANOARROW_TYPE_LIST_VIEW: {
            const auto begin = offsets_of<std::int32_t>(array, 1)[index];
            return {begin, begin + std::int64_t{offsets_of<std::int32_t>(array, 2)[index]}};
        }
        case NANOARROW_TYPE_LARGE_LIST_VIEW: {
            const auto begin = offsets_of<std::int64_t>(array, 1)[index];
            return {begin, begin + offsets_of<std::int64_t>(array, 2)[index]};
        }
        case NANOARROW_TYPE_FIXED_SIZE_LIST: {
            const std::int64_t size = array.layout.child_size_elements;
            return {(array.offset + index) * size, (array.offset + index + 1) * size};
        }
        default: {
            const auto* offsets = offsets_of<std::int32_t>(array, 1);
            return {offsets[index], offsets[index + 1]};
        }
    }
}

class Lists final : public ArrowValues {
public:
    Lists(const ArrowSchema& schema, const ArrowDialect& dialect)
        : element_(make_arrow_values(*schema.children[0], dialect)) {}
    void attach(const ArrowArrayView& array) override {
        ArrowValues::attach(array);
        element_->attach(*array.children[0]);
    }

private:
    void write_value(RowWriter& writer, std::int64_t index) override {
        const Span span = elements_of(array(), index);
        writer.begin_list();
        for (std::int64_t i = span.begin; i < span.end; ++i) {
            element_->write(writer, i);
        }
        writer.end_list();
    }

    std::unique_ptr<ArrowValues> element_;
};

class Maps final : public ArrowValues {
public:
    Maps(const ArrowSchema& schema, const ArrowDialect& dialect)
        : key_(make_arrow_values(*schema.children[0]->children[0], dialect)),
          value_(make_arrow_values(*schema.children[0]->children[1], dialect)) {}
    void attach(const ArrowArrayView& array) override {
        ArrowValues::attach(array);
        const ArrowArrayView& entries = *array.children[0];
        entries_offset_ = entries.offset;
        key_->attach(*entries.children[0]);
        value_->attach(*entries.children[1]);
    }

private:
    void write_value(RowWriter& writer, std::int64_t index) override {
        const Span span = elements_of(array(), index);
        writer.begin_map();
        for (std::int64_t i = span.begin; i < span.end; ++i) {
            key_->write(writer, entries_offset_ + i);
            value_->write(writer, entries_offset_ + i);
        }
        writer.end_map();
    }

    std::int64_t entries_offset_ = 0;
    std::unique_ptr<ArrowValues> key_;
    std::unique_ptr<ArrowValues> value_;
};

class Structs final : public ArrowValues {
public:
    Structs(const ArrowSchema& schema, const ArrowDialect& dialect) {
        for (std::int64_t i = 0; i < schema.n_children; ++i) {
            const char* const name = schema.children[i]->name;
            fields_.emplace_back(name == nullptr ? "" : name, make_arrow_values(*schema.children[i], dialect));
        }
    }
    void attach(const ArrowArrayView& array) override {
        ArrowValues::attach(array);
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            fields_[i].second->attach(*array.children[i]);
        }
    }

private:
    void write_value(RowWriter& writer, std::int64_t index) override {
        writer.begin_struct();
        for (auto& [name, values] : fields_) {
            writer.field(name);
            values->write(writer, array().offset + index);
        }
        writer.end_struct();
    }

    std::vector<std::pair<std::string, std::unique_ptr<ArrowValues>>> fields_;
};

/// The value of the member that the row has, as it is: which member it is does not show.
class Unions final : public ArrowValues {
public:
    Unions(const ArrowSchema& schema, const ArrowDialect& dialect) {
        for (std::int64_t i = 0; i < schema.n_children; ++i) {
            members_.push_back(make_arrow_values(*schema.children[i], dialect));
        }
    }
    void attach(const ArrowArrayView& array) override {
        ArrowValues::attach(array);
        for (std::size_t i = 0; i < members_.size(); ++i) {
            members_[i]->attach(*array.children[i]);
        }
    }

private:
    void write_value(RowWriter& writer, std::int64_t index) override {
        const std::int8_t member = ArrowArrayViewUnionChildIndex(&array(), index);
        if (member < 0 || static_cast<std::size_t>(member) >= members_.size()) {
            throw errors::ExternalDatasourceError(
                fmt::format("a union's type id {} is none of its {} members'", member, members_.size()));
        }
        members_[static_cast<std::size_t>(member)]->write(writer, ArrowArrayViewUnionChildOffset(&array(), index));
    }

    std::vector<std::unique_ptr<ArrowValues>> members_;
};

class RunEnds final : public ArrowValues {
public:
    RunEnds(const ArrowSchema& schema, const ArrowDialect& dialect)
        : values_(make_arrow_values(*schema.children[1], dialect)) {}
    void attach(const ArrowArrayView& array) override {
        ArrowValues::attach(array);
        values_->attach(*array.children[1]);
        run_ = 0;
    }

private:
    void write_value(RowWriter& writer, std::int64_t index) override {
        const ArrowArrayView& ends = *array().children[0];
        const std::int64_t place = array().offset + index;
        // Rows mostly come in their order, so the run is mostly the same or the next one.
        if (run_ > 0 && place < ArrowArrayViewGetIntUnsafe(&ends, run_ - 1)) {
            run_ = 0;
        }
        while (run_ < ends.length && ArrowArrayViewGetIntUnsafe(&ends, run_) <= place) {
            ++run_;
        }
        if (run_ == ends.length) {
            throw errors::ExternalDatasourceError("a run-end encoded column ends before its last row");
        }
        values_->write(writer, run_);
    }

    std::unique_ptr<ArrowValues> values_;
    std::int64_t run_ = 0;
};

class Dictionaries final : public ArrowValues {
public:
    Dictionaries(const ArrowSchema& dictionary, const ArrowDialect& dialect)
        : values_(make_arrow_values(dictionary, dialect)) {}
    void attach(const ArrowArrayView& array) override {
        ArrowValues::attach(array);
        values_->attach(*array.dictionary);
    }

private:
    void write_value(RowWriter& writer, std::int64_t index) override {
        const std::int64_t place = ArrowArrayViewGetIntUnsafe(&array(), index);
        if (place < 0 || place >= array().dictionary->length) {
            throw errors::ExternalDatasourceError(
                fmt::format("a dictionary of {} values has no value {}", array().dictionary->length, place));
        }
        values_->write(writer, place);
    }

    std::unique_ptr<ArrowValues> values_;
};

}  // namespace

std::unique_ptr<ArrowValues> make_nested_values(const ArrowSchemaView& type, const ArrowDialect& dialect) {
    switch (type.type) {
        case NANOARROW_TYPE_LIST:
        case NANOARROW_TYPE_LARGE_LIST:
        case NANOARROW_TYPE_FIXED_SIZE_LIST:
        case NANOARROW_TYPE_LIST_VIEW:
        case NANOARROW_TYPE_LARGE_LIST_VIEW:
            return std::make_unique<Lists>(*type.schema, dialect);
        case NANOARROW_TYPE_STRUCT:
            return std::make_unique<Structs>(*type.schema, dialect);
        case NANOARROW_TYPE_MAP:
            return std::make_unique<Maps>(*type.schema, dialect);
        case NANOARROW_TYPE_SPARSE_UNION:
        case NANOARROW_TYPE_DENSE_UNION:
            return std::make_unique<Unions>(*type.schema, dialect);
        case NANOARROW_TYPE_RUN_END_ENCODED:
            return std::make_unique<RunEnds>(*type.schema, dialect);
        case NANOARROW_TYPE_DICTIONARY:
            return std::make_unique<Dictionaries>(*type.schema->dictionary, dialect);
        default:
            return nullptr;
    }
}

}  // namespace tinybird_cdk::encode
