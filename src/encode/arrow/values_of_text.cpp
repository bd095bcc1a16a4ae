// SPDX-License-Identifier: Apache-2.0
#include "encode/arrow/values.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace tinybird_cdk::encode {

namespace {

/// Arrow's strings are UTF-8 by its rules, but not every producer looks: the writer does.
class Texts final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        const ArrowStringView text = ArrowArrayViewGetStringUnsafe(&array(), index);
        writer.text({text.data, static_cast<std::size_t>(text.size_bytes)});
    }
};

class Bytes final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        const ArrowBufferView bytes = ArrowArrayViewGetBytesUnsafe(&array(), index);
        writer.binary({static_cast<const std::byte*>(bytes.data.data), static_cast<std::size_t>(bytes.size_bytes)});
    }
};

}  // namespace

std::unique_ptr<ArrowValues> make_text_values(const ArrowSchemaView& type) {
    switch (type.type) {
        case NANOARROW_TYPE_STRING:
        case NANOARROW_TYPE_LARGE_STRING:
        case NANOARROW_TYPE_STRING_VIEW:
            return std::make_unique<Texts>();
        case NANOARROW_TYPE_BINARY:
        case NANOARROW_TYPE_LARGE_BINARY:
        case NANOARROW_TYPE_BINARY_VIEW:
        case NANOARROW_TYPE_FIXED_SIZE_BINARY:
            return std::make_unique<Bytes>();
        default:
            return nullptr;
    }
}

}  // namespace tinybird_cdk::encode
