// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Messages in the encoding of protobuf (https://protobuf.dev/programming-guides/encoding): as much as the few messages
/// need that the connector sends and takes.
namespace tinybird_cdk::bigquery {

/// Writes fields. Those with their default value are left out, as proto3 has it.
class WireWriter {
public:
    void number(std::uint32_t field, std::uint64_t value);
    /// Text, bytes, or a message.
    void bytes(std::uint32_t field, std::string_view value);
    [[nodiscard]] const std::string& message() const noexcept { return message_; }

private:
    void varint(std::uint64_t value);

    std::string message_;
};

/// A field as it stands in a message.
struct WireField {
    enum class Type : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

    std::uint32_t number = 0;
    Type type = Type::varint;
    std::uint64_t value = 0;        ///< of a varint
    std::string_view content = {};  ///< of bytes; a part of the message

    /// @throws errors::ExternalDatasourceError when it is of another type
    [[nodiscard]] std::uint64_t as_number() const;
    [[nodiscard]] std::string_view as_bytes() const;
};

/// Reads fields. Who does not know one skips it.
class WireReader {
public:
    /// @param message must outlive this
    explicit WireReader(std::string_view message) : rest_(message) {}
    /// The next one; nothing at the end. @throws errors::ExternalDatasourceError for bytes that are no message
    std::optional<WireField> next();

private:
    std::uint64_t varint();
    std::string_view take(std::uint64_t count);

    std::string_view rest_;
};

}  // namespace tinybird_cdk::bigquery
