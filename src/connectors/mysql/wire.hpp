// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace tinybird_cdk::mysql {

/// The bytes are not what the protocol says they should be.
class MalformedData : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Reads numbers in the byte order of the protocol, least byte first; never past the end.
class Wire {
public:
    explicit Wire(std::string_view bytes) noexcept : bytes_(bytes) {}

    [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }
    [[nodiscard]] const char* position() const noexcept { return bytes_.data(); }

    template <class Unsigned>
    Unsigned number() {
        Unsigned value;
        std::memcpy(&value, take(sizeof(Unsigned)).data(), sizeof(Unsigned));
        return from_wire(value);
    }
    std::uint8_t byte() { return number<std::uint8_t>(); }

    std::string_view take(std::size_t count) {
        if (count > bytes_.size()) {
            throw MalformedData("a value is shorter than its type");
        }
        const std::string_view taken = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return taken;
    }

    /// Bytes with their length in front, in one to nine bytes
    /// (https://mariadb.com/kb/en/protocol-data-types/#length-encoded-integers).
    std::string_view text() {
        const std::uint8_t first = byte();
        if (first < 251) [[likely]] {
            return take(first);
        }
        switch (first) {
            case 252:
                return take(number<std::uint16_t>());
            case 253: {
                const std::uint32_t low = number<std::uint16_t>();
                return take(low | std::uint32_t{byte()} << 16U);
            }
            case 254:
                return take(number<std::uint64_t>());
            default:
                throw MalformedData("a length begins with a byte that no length has");
        }
    }

private:
    template <class Unsigned>
    static Unsigned from_wire(Unsigned value) noexcept {
        if constexpr (std::endian::native == std::endian::little || sizeof(Unsigned) == 1) {
            return value;
        } else if constexpr (sizeof(Unsigned) == 2) {
            return __builtin_bswap16(value);
        } else if constexpr (sizeof(Unsigned) == 4) {
            return __builtin_bswap32(value);
        } else {
            return __builtin_bswap64(value);
        }
    }

    std::string_view bytes_;
};

}  // namespace tinybird_cdk::mysql
