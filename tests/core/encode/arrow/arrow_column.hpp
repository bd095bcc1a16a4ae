// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nanoarrow/nanoarrow.h>

#include <tinybird_cdk/record_batches.hpp>
#include <tinybird_cdk/schema.hpp>

#include "core/encode/written.hpp"
#include "encode/arrow/record_batch_rows.hpp"

namespace tinybird_cdk::testing {

inline void check(int code) {
    if (code != NANOARROW_OK) {
        throw std::runtime_error("nanoarrow: " + std::to_string(code));
    }
}

/// Batches of one column "c", built with nanoarrow.
class ArrowColumn {
public:
    using Describe = std::function<void(ArrowSchema&)>;
    using Fill = std::function<void(ArrowArray&)>;

    explicit ArrowColumn(const Describe& describe) {
        ArrowSchema* const schema = schema_.out();
        ArrowSchemaInit(schema);
        check(ArrowSchemaSetTypeStruct(schema, 1));
        describe(*schema->children[0]);
        check(ArrowSchemaSetName(schema->children[0], "c"));
    }
    explicit ArrowColumn(ArrowType type)
        : ArrowColumn([&](ArrowSchema& schema) { check(ArrowSchemaSetType(&schema, type)); }) {}

    /// Appends the values of one batch. @param skip so many of the first rows are outside the batch, by its offset
    ArrowColumn& batch(const Fill& fill, std::int64_t skip = 0) {
        OwnedArrowArray array;
        check(ArrowArrayInitFromSchema(array.out(), schema_.get(), nullptr));
        check(ArrowArrayStartAppending(array.get()));
        ArrowArray& column = *array.get()->children[0];
        fill(column);
        array.get()->length = column.length;
        ArrowError error{};
        if (ArrowArrayFinishBuildingDefault(array.get(), &error) != NANOARROW_OK) {
            throw std::runtime_error(error.message);
        }
        array.get()->offset = skip;
        array.get()->length -= skip;
        batches_.push_back(std::move(array));
        return *this;
    }
    /// Appends the values of one batch; the column, not the batch, begins at an offset.
    ArrowColumn& sliced_batch(const Fill& fill, std::int64_t skip) {
        batch(fill);
        ArrowArray& array = *batches_.back().get();
        array.length -= skip;
        array.children[0]->offset += skip;
        array.children[0]->length -= skip;
        array.children[0]->null_count = -1;
        return *this;
    }

    [[nodiscard]] ArrowSchema* schema() { return schema_.get(); }

    /// The stream of all batches; to be called once.
    ArrowStream stream() {
        ArrowArrayStream raw{};
        ArrowSchema schema = schema_.give();
        check(ArrowBasicArrayStreamInit(&raw, &schema, static_cast<std::int64_t>(batches_.size())));
        std::int64_t i = 0;
        for (OwnedArrowArray& owner : batches_) {
            ArrowArray array = owner.give();
            ArrowBasicArrayStreamSetArray(&raw, i++, &array);
        }
        return ArrowStream(std::move(raw), "the test");
    }

    /// The value of each row as NDJSON has it, one a line. @param type of the target; empty: not known
    std::string json(std::string_view type = {}, std::string_view policy = {}) {
        const auto batches = record_batches_of(stream());
        encode::RecordBatchRows rows(*batches);
        RowWriterOptions options;
        options.format = Format::ndjson;
        if (!policy.empty()) {
            options.hazards.set(policy);
        }
        const std::string text =
            written({{"c", type_of(type)}}, options, [&](RowWriter& writer) { rows.write(writer, {}); });
        std::string values;
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = text.find('\n', begin);
            const std::string line = text.substr(begin, end - begin);
            values += line.substr(5, line.size() - 6) + "\n";  // {"c":…}
            begin = end + 1;
        }
        return values;
    }

private:
    OwnedArrowSchema schema_;
    std::vector<OwnedArrowArray> batches_;
};

inline ArrowColumn::Fill integers(std::vector<std::int64_t> values) {
    return [values = std::move(values)](ArrowArray& array) {
        for (const std::int64_t value : values) {
            check(ArrowArrayAppendInt(&array, value));
        }
        check(ArrowArrayAppendNull(&array, 1));
    };
}

}  // namespace tinybird_cdk::testing
