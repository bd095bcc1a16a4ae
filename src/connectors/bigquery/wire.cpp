// SPDX-License-Identifier: Apache-2.0
#include "wire.hpp"

#include <limits>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::bigquery {

namespace {

constexpr unsigned bits_of_a_byte = 7;
constexpr std::uint8_t more_follows = 0x80;
constexpr unsigned bits_of_type = 3;

[[noreturn]] void refuse(const std::string& why) {
    throw errors::ExternalDatasourceError("BigQuery: a message of the Storage Read API can't be read: " + why);
}

}  // namespace

void WireWriter::varint(std::uint64_t value) {
    for (; value >= more_follows; value >>= bits_of_a_byte) {
        message_ += static_cast<char>(value | more_follows);
    }
    message_ += static_cast<char>(value);
}

void WireWriter::number(std::uint32_t field, std::uint64_t value) {
    if (value != 0) {
        varint(std::uint64_t{field} << bits_of_type);
        varint(value);
    }
}

void WireWriter::bytes(std::uint32_t field, std::string_view value) {
    if (!value.empty()) {
        varint(std::uint64_t{field} << bits_of_type | static_cast<std::uint64_t>(WireField::Type::bytes));
        varint(value.size());
        message_.append(value);
    }
}

std::uint64_t WireField::as_number() const {
    if (type != Type::varint) {
        refuse(fmt::format("field {} is no number", number));
    }
    return value;
}

std::string_view WireField::as_bytes() const {
    if (type != Type::bytes) {
        refuse(fmt::format("field {} is a number", number));
    }
    return content;
}

std::uint64_t WireReader::varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += bits_of_a_byte) {
        if (rest_.empty()) {
            refuse("it ends in the middle of a number");
        }
        const auto byte = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        // The tenth byte has one bit left.
        if (shift == 63 && byte > 1) {
            break;
        }
        value |= std::uint64_t{byte & (more_follows - 1U)} << shift;
        if ((byte & more_follows) == 0) {
            return value;
        }
    }
    refuse("a number has more than 64 bits");
}

std::string_view WireReader::take(std::uint64_t count) {
    if (count > rest_.size()) {
        refuse(fmt::format("it ends in the middle of a field, of which {} bytes are missing", count - rest_.size()));
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
}

std::optional<WireField> WireReader::next() {
    if (rest_.empty()) {
        return std::nullopt;
    }
    const std::uint64_t key = varint();
    const std::uint64_t number = key >> bits_of_type;
    if (number == 0 || key > std::numeric_limits<std::uint32_t>::max()) {
        refuse(fmt::format("a field has the number {}", number));
    }
    WireField field{.number = static_cast<std::uint32_t>(number)};
    switch (key & 7U) {
        case 0:
            field.value = varint();
            return field;
        case 1:
            field.type = WireField::Type::fixed64;
            take(sizeof(std::uint64_t));
            return field;
        case 2:
            field.type = WireField::Type::bytes;
            field.content = take(varint());
            return field;
        case 5:
            field.type = WireField::Type::fixed32;
            take(sizeof(std::uint32_t));
            return field;
        default:
            // Groups are of protobuf's first version, and this service has none.
            refuse(fmt::format("field {} is of the type {}, which it does not have", number, key & 7U));
    }
}

}  // namespace tinybird_cdk::bigquery
