// SPDX-License-Identifier: Apache-2.0
#include "encode/arrow/values.hpp"

#include <string_view>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::encode {

namespace {

class Nulls final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t /*index*/) override { writer.null(); }
};

class Booleans final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        writer.boolean(ArrowArrayViewGetIntUnsafe(&array(), index) != 0);
    }
};

class Signed final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        writer.int64(ArrowArrayViewGetIntUnsafe(&array(), index));
    }
};

class Unsigned final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        writer.uint64(ArrowArrayViewGetUIntUnsafe(&array(), index));
    }
};

/// Half floats too: each of them is a float.
class Floats final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        writer.float32(static_cast<float>(ArrowArrayViewGetDoubleUnsafe(&array(), index)));
    }
};

class Doubles final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        writer.float64(ArrowArrayViewGetDoubleUnsafe(&array(), index));
    }
};

class Decimals final : public ArrowValues {
public:
    explicit Decimals(const ArrowSchemaView& type) : scale_(type.decimal_scale) {
        ArrowDecimalInit(&decimal_, type.decimal_bitwidth, type.decimal_precision, type.decimal_scale);
        ArrowBufferInit(&digits_);
    }
    ~Decimals() override { ArrowBufferReset(&digits_); }

private:
    void write_value(RowWriter& writer, std::int64_t index) override {
        ArrowArrayViewGetDecimalUnsafe(&array(), index, &decimal_);
        digits_.size_bytes = 0;
        if (ArrowDecimalAppendStringToBuffer(&decimal_, &digits_) != NANOARROW_OK) {
            throw errors::Error("no memory for the digits of a decimal");
        }
        std::string_view digits(reinterpret_cast<const char*>(digits_.data),
                                static_cast<std::size_t>(digits_.size_bytes));
        // Zero of a negative scale comes as 0000.
        if (scale_ < 0 && digits.starts_with('0')) {
            digits = "0";
        }
        writer.decimal(digits);
    }

    const std::int32_t scale_;
    ArrowDecimal decimal_{};
    ArrowBuffer digits_{};
};

}  // namespace

std::unique_ptr<ArrowValues> make_number_values(const ArrowSchemaView& type) {
    switch (type.type) {
        case NANOARROW_TYPE_NA:
            return std::make_unique<Nulls>();
        case NANOARROW_TYPE_BOOL:
            return std::make_unique<Booleans>();
        case NANOARROW_TYPE_INT8:
        case NANOARROW_TYPE_INT16:
        case NANOARROW_TYPE_INT32:
        case NANOARROW_TYPE_INT64:
            return std::make_unique<Signed>();
        case NANOARROW_TYPE_UINT8:
        case NANOARROW_TYPE_UINT16:
        case NANOARROW_TYPE_UINT32:
        case NANOARROW_TYPE_UINT64:
            return std::make_unique<Unsigned>();
        case NANOARROW_TYPE_HALF_FLOAT:
        case NANOARROW_TYPE_FLOAT:
            return std::make_unique<Floats>();
        case NANOARROW_TYPE_DOUBLE:
            return std::make_unique<Doubles>();
        case NANOARROW_TYPE_DECIMAL32:
        case NANOARROW_TYPE_DECIMAL64:
        case NANOARROW_TYPE_DECIMAL128:
        case NANOARROW_TYPE_DECIMAL256:
            return std::make_unique<Decimals>(type);
        default:
            return nullptr;
    }
}

}  // namespace tinybird_cdk::encode
