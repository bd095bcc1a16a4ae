// SPDX-License-Identifier: Apache-2.0
#include "encode/arrow/type_examples.hpp"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/record_batches.hpp>

namespace tinybird_cdk::encode {

void check_built(int code) {
    if (code != NANOARROW_OK) {
        throw errors::Error(fmt::format("an example of an Arrow type can't be built (code {})", code));
    }
}

namespace {

OwnedArrowSchema table_of(const Describe& describe) {
    OwnedArrowSchema schema;
    ArrowSchemaInit(schema.out());
    check_built(ArrowSchemaSetTypeStruct(schema.get(), 1));
    ArrowSchema& column = *schema.get()->children[0];
    describe(column);
    check_built(ArrowSchemaSetName(&column, "c"));
    column.flags &= ~std::int64_t{ARROW_FLAG_NULLABLE};
    return schema;
}

Export batch_of(const Describe& describe, const Fill& fill) {
    OwnedArrowSchema schema = table_of(describe);
    OwnedArrowArray batch;
    check_built(ArrowArrayInitFromSchema(batch.out(), schema.get(), nullptr));
    check_built(ArrowArrayStartAppending(batch.get()));
    fill(*batch.get()->children[0]);
    batch.get()->length = 1;
    check_built(ArrowArrayFinishBuildingDefault(batch.get(), nullptr));
    ArrowArrayStream stream{};
    ArrowSchema given_schema = schema.give();
    check_built(ArrowBasicArrayStreamInit(&stream, &given_schema, 1));
    ArrowArray given = batch.give();
    ArrowBasicArrayStreamSetArray(&stream, 0, &given);
    // NOLINTNEXTLINE(performance-move-const-arg): it empties
    return record_batches_of(ArrowStream(std::move(stream), "Arrow"));
}

}  // namespace

TypeNote arrow_note(std::string name, const Describe& describe, std::vector<ArrowExample> examples) {
    const OwnedArrowSchema table = table_of(describe);
    SuggestedType suggested = suggest_type(*table->children[0]);
    TypeNote result{.source_type = std::move(name),
                    .target = std::move(suggested.type),
                    .remark = std::move(suggested.remark),
                    .examples = {}};
    for (ArrowExample& example : examples) {
        result.examples.push_back({std::move(example.literal),
                                   [describe, fill = std::move(example.fill)] { return batch_of(describe, fill); }});
    }
    return result;
}

Describe plain(ArrowType type) {
    return [type](ArrowSchema& schema) { check_built(ArrowSchemaSetType(&schema, type)); };
}

Describe timed(ArrowType type, ArrowTimeUnit unit, const char* zone) {
    return [=](ArrowSchema& schema) { check_built(ArrowSchemaSetTypeDateTime(&schema, type, unit, zone)); };
}

Describe decimal(ArrowType type, int precision, int scale) {
    return [=](ArrowSchema& schema) { check_built(ArrowSchemaSetTypeDecimal(&schema, type, precision, scale)); };
}

Describe fixed_bytes(std::int32_t size) {
    return [=](ArrowSchema& schema) {
        check_built(ArrowSchemaSetTypeFixedSize(&schema, NANOARROW_TYPE_FIXED_SIZE_BINARY, size));
    };
}

Describe extension(const Describe& storage, std::string name, std::string metadata) {
    return [=](ArrowSchema& schema) {
        storage(schema);
        ArrowBuffer buffer;
        check_built(ArrowMetadataBuilderInit(&buffer, nullptr));
        check_built(
            ArrowMetadataBuilderAppend(&buffer, ArrowCharView("ARROW:extension:name"), ArrowCharView(name.c_str())));
        check_built(ArrowMetadataBuilderAppend(&buffer, ArrowCharView("ARROW:extension:metadata"),
                                               ArrowCharView(metadata.c_str())));
        const int code = ArrowSchemaSetMetadata(&schema, reinterpret_cast<const char*>(buffer.data));
        ArrowBufferReset(&buffer);
        check_built(code);
    };
}

Describe opaque(const Describe& storage, const char* type, const char* vendor) {
    return extension(storage, "arrow.opaque", fmt::format(R"({{"type_name":"{}","vendor_name":"{}"}})", type, vendor));
}

Fill integer(std::int64_t value) {
    return [value](ArrowArray& array) { check_built(ArrowArrayAppendInt(&array, value)); };
}

Fill real(double value) {
    return [value](ArrowArray& array) { check_built(ArrowArrayAppendDouble(&array, value)); };
}

Fill bytes(std::string value) {
    return [value = std::move(value)](ArrowArray& array) {
        check_built(ArrowArrayAppendBytes(&array, {{value.data()}, static_cast<std::int64_t>(value.size())}));
    };
}

Fill digits(int bits, int precision, int scale, const char* unscaled) {
    return [=](ArrowArray& array) {
        ArrowDecimal value;
        ArrowDecimalInit(&value, bits, precision, scale);
        check_built(ArrowDecimalSetDigits(&value, ArrowCharView(unscaled)));
        check_built(ArrowArrayAppendDecimal(&array, &value));
    };
}

Fill interval(ArrowType type, std::int32_t months, std::int32_t days, std::int32_t milliseconds,
              std::int64_t nanoseconds) {
    return [=](ArrowArray& array) {
        ArrowInterval value;
        ArrowIntervalInit(&value, type);
        value.months = months;
        value.days = days;
        value.ms = milliseconds;
        value.ns = nanoseconds;
        check_built(ArrowArrayAppendInterval(&array, &value));
    };
}

}  // namespace tinybird_cdk::encode
