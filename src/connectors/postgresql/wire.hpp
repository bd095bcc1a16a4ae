// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tinybird_cdk::postgresql {

/// The bytes are not what PostgreSQL's binary format says they should be.
class MalformedData : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Reads numbers in network byte order; never past the end.
class Wire {
public:
    explicit Wire(std::string_view bytes) noexcept : bytes_(bytes) {}

    [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }
    [[nodiscard]] std::string_view rest() const noexcept { return bytes_; }

    template <class Unsigned>
    Unsigned number() {
        Unsigned value;
        std::memcpy(&value, take(sizeof(Unsigned)).data(), sizeof(Unsigned));
        return from_network(value);
    }
    std::uint8_t byte() { return number<std::uint8_t>(); }
    std::int16_t int16() { return static_cast<std::int16_t>(number<std::uint16_t>()); }
    std::int32_t int32() { return static_cast<std::int32_t>(number<std::uint32_t>()); }
    std::int64_t int64() { return static_cast<std::int64_t>(number<std::uint64_t>()); }

    std::string_view take(std::size_t count) {
        if (count > bytes_.size()) {
            throw MalformedData("a value is shorter than its type");
        }
        const std::string_view taken = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return taken;
    }
    void expect_end() const {
        if (!bytes_.empty()) {
            throw MalformedData("a value is longer than its type");
        }
    }

private:
    template <class Unsigned>
    static Unsigned from_network(Unsigned value) noexcept {
        if constexpr (std::endian::native == std::endian::big || sizeof(Unsigned) == 1) {
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

}  // namespace tinybird_cdk::postgresql
