// SPDX-License-Identifier: Apache-2.0
#include "encode/arrow/values.hpp"

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/value.hpp>

namespace tinybird_cdk::encode {

namespace {

std::string_view view_of(ArrowStringView text) noexcept {
    return text.data == nullptr ? std::string_view()
                                : std::string_view(text.data, static_cast<std::size_t>(text.size_bytes));
}

bool is_text(const ArrowSchemaView& type) noexcept {
    return type.type == NANOARROW_TYPE_STRING || type.type == NANOARROW_TYPE_LARGE_STRING ||
           type.type == NANOARROW_TYPE_STRING_VIEW;
}

bool is_bytes(const ArrowSchemaView& type, std::int32_t size) noexcept {
    return type.type == NANOARROW_TYPE_FIXED_SIZE_BINARY && type.fixed_size == size;
}

bool is_binary(const ArrowSchemaView& type) noexcept {
    return type.type == NANOARROW_TYPE_BINARY || type.type == NANOARROW_TYPE_LARGE_BINARY ||
           type.type == NANOARROW_TYPE_BINARY_VIEW;
}

/// A value of a fixed number of bytes.
template <class Number>
Number number_of(const ArrowArrayView& array, std::int64_t index) {
    const ArrowBufferView bytes = ArrowArrayViewGetBytesUnsafe(&array, index);
    Number number = 0;
    if (bytes.data.data == nullptr || bytes.size_bytes != std::int64_t{sizeof number}) {
        throw errors::ExternalDatasourceError("a value of DuckDB has another size than its type");
    }
    std::memcpy(&number, bytes.data.data, sizeof number);
    return number;
}

class Uuids final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        const ArrowBufferView bytes = ArrowArrayViewGetBytesUnsafe(&array(), index);
        writer.uuid(std::span<const std::byte, 16>(static_cast<const std::byte*>(bytes.data.data), 16));
    }
};

class Documents final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        const ArrowStringView text = ArrowArrayViewGetStringUnsafe(&array(), index);
        writer.json({text.data, static_cast<std::size_t>(text.size_bytes)});
    }
};

class ByteBooleans final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        writer.boolean(ArrowArrayViewGetIntUnsafe(&array(), index) != 0);
    }
};

/// Digits that a driver hands over as text, because no Arrow decimal holds them all (PostgreSQL's numeric).
class DigitTexts final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        const ArrowStringView text = ArrowArrayViewGetStringUnsafe(&array(), index);
        writer.decimal({text.data, static_cast<std::size_t>(text.size_bytes)});
    }
};

/// DuckDB's HUGEINT and UHUGEINT: 16 bytes, little-endian.
class HugeIntegers final : public ArrowValues {
public:
    explicit HugeIntegers(bool is_signed) : signed_(is_signed) {}

private:
    __extension__ using Wide = unsigned __int128;

    void write_value(RowWriter& writer, std::int64_t index) override {
        Wide value = number_of<Wide>(array(), index);
        const bool negative = signed_ && (value >> 127U) != 0;
        if (negative) {
            value = ~value + 1;
        }
        char text[40];
        char* begin = text + sizeof text;
        do {
            *--begin = static_cast<char>('0' + static_cast<int>(value % 10));
            value /= 10;
        } while (value != 0);
        if (negative) {
            *--begin = '-';
        }
        writer.integer({begin, static_cast<std::size_t>(text + sizeof text - begin)});
    }

    const bool signed_;
};

/// DuckDB's BIT: the first byte counts the bits of padding that begin the second (DuckDB source, bit.cpp).
class BitStrings final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        const ArrowBufferView bytes = ArrowArrayViewGetBytesUnsafe(&array(), index);
        std::string text;
        const std::uint8_t padding = bytes.size_bytes > 0 ? bytes.data.as_uint8[0] : 0;
        for (std::int64_t i = 8 + padding; i < bytes.size_bytes * 8; ++i) {
            text += (bytes.data.as_uint8[i / 8] >> static_cast<unsigned>(7 - i % 8) & 1U) != 0 ? '1' : '0';
        }
        writer.text(text);
    }
};

/// DuckDB's BIGNUM: a header of three bytes, whose first bit says positive, then the magnitude, the highest byte first;
/// all bytes of a negative number are inverted (DuckDB source, bignum.hpp).
class BigNumbers final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        const ArrowBufferView bytes = ArrowArrayViewGetBytesUnsafe(&array(), index);
        constexpr std::int64_t header = 3;
        if (bytes.size_bytes <= header) {
            throw errors::ExternalDatasourceError("a BIGNUM of DuckDB has no digits");
        }
        const bool negative = (bytes.data.as_uint8[0] & 0x80U) == 0;
        // Limbs of nine decimal digits, the lowest first.
        constexpr std::uint64_t limb = 1'000'000'000;
        std::vector<std::uint64_t> limbs{0};
        for (std::int64_t i = header; i < bytes.size_bytes; ++i) {
            std::uint64_t carry = bytes.data.as_uint8[i] ^ (negative ? 0xFFU : 0U);
            for (std::uint64_t& part : limbs) {
                carry += part * 256;
                part = carry % limb;
                carry /= limb;
            }
            if (carry != 0) {
                limbs.push_back(carry);
            }
        }
        std::string digits = (negative ? "-" : "") + std::to_string(limbs.back());
        for (auto part = limbs.rbegin() + 1; part != limbs.rend(); ++part) {
            digits += std::to_string(limb + *part).substr(1);
        }
        writer.integer(digits);
    }
};

/// DuckDB's TIMETZ: microseconds above 24 bits of offset, which count down from the easternmost zone (DuckDB source,
/// datetime.hpp, dtime_tz_t).
class ZonedTimes final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        const auto packed = number_of<std::uint64_t>(array(), index);
        constexpr std::int32_t easternmost = 16 * 3600 - 1;
        const auto microseconds = static_cast<std::int64_t>(packed >> 24U);
        writer.time(microseconds * 1000, easternmost - static_cast<std::int32_t>(packed & 0xFFFFFFU));
    }
};

std::unique_ptr<ArrowValues> make_opaque(const ArrowSchemaView& type) {
    Value metadata;
    std::string name;
    std::string vendor;
    try {
        metadata = Value::from_json(view_of(type.extension_metadata));
        name = metadata.at("type_name").to_text();
        vendor = metadata.at("vendor_name").to_text();
    } catch (const errors::InvalidArgument&) {
        return nullptr;  // Not as the specification wants it: what it is stored as has to do.
    }
    if (is_text(type) && name == "numeric") {
        return std::make_unique<DigitTexts>();
    }
    if (vendor != "DuckDB") {
        return nullptr;
    }
    if (is_bytes(type, 16) && (name == "hugeint" || name == "uhugeint")) {
        return std::make_unique<HugeIntegers>(name == "hugeint");
    }
    if (is_bytes(type, 8) && name == "time_tz") {
        return std::make_unique<ZonedTimes>();
    }
    if (name == "bit" && is_binary(type)) {
        return std::make_unique<BitStrings>();
    }
    if (name == "bignum" && is_binary(type)) {
        return std::make_unique<BigNumbers>();
    }
    return nullptr;
}

}  // namespace

std::unique_ptr<ArrowValues> make_extension_values(const ArrowSchemaView& type) {
    const std::string_view name = view_of(type.extension_name);
    if (name == "arrow.uuid" && is_bytes(type, 16)) {
        return std::make_unique<Uuids>();
    }
    if (name == "arrow.json" && is_text(type)) {
        return std::make_unique<Documents>();
    }
    if (name == "arrow.bool8" && type.type == NANOARROW_TYPE_INT8) {
        return std::make_unique<ByteBooleans>();
    }
    return name == "arrow.opaque" ? make_opaque(type) : nullptr;
}

}  // namespace tinybird_cdk::encode
