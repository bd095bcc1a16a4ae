// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/crc32c.hpp"

#include <array>
#include <cstddef>

#include "cloud/crypto.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

constexpr std::uint32_t polynomial = 0x82f63b78U;  // Castagnoli's, reflected
constexpr std::size_t slices = 8;
using Tables = std::array<std::array<std::uint32_t, 256>, slices>;

/// tables[k][b]: what byte b, with k bytes behind it, adds to the remainder. Eight bytes at a time keep the checksum
/// far cheaper than the network.
constexpr Tables make_tables() {
    Tables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t remainder = byte;
        for (int bit = 0; bit < 8; ++bit) {
            remainder = (remainder >> 1U) ^ ((remainder & 1U) != 0 ? polynomial : 0);
        }
        tables[0][byte] = remainder;
    }
    for (std::size_t slice = 1; slice < slices; ++slice) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t before = tables[slice - 1][byte];
            tables[slice][byte] = (before >> 8U) ^ tables[0][before & 0xffU];
        }
    }
    return tables;
}

constexpr Tables tables = make_tables();

std::uint32_t byte_at(std::string_view bytes, std::size_t position) {
    return static_cast<unsigned char>(bytes[position]);
}

}  // namespace

void Crc32c::add(std::string_view bytes) noexcept {
    std::uint32_t state = state_;
    std::size_t at = 0;
    for (; at + slices <= bytes.size(); at += slices) {
        state ^= byte_at(bytes, at) | (byte_at(bytes, at + 1) << 8U) | (byte_at(bytes, at + 2) << 16U) |
                 (byte_at(bytes, at + 3) << 24U);
        state = tables[7][state & 0xffU] ^ tables[6][(state >> 8U) & 0xffU] ^ tables[5][(state >> 16U) & 0xffU] ^
                tables[4][state >> 24U] ^ tables[3][byte_at(bytes, at + 4)] ^ tables[2][byte_at(bytes, at + 5)] ^
                tables[1][byte_at(bytes, at + 6)] ^ tables[0][byte_at(bytes, at + 7)];
    }
    for (; at < bytes.size(); ++at) {
        state = (state >> 8U) ^ tables[0][(state ^ byte_at(bytes, at)) & 0xffU];
    }
    state_ = state;
}

std::string Crc32c::text() const {
    const std::uint32_t value = state_ ^ 0xffffffffU;
    std::string bytes;
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        bytes += static_cast<char>((value >> shift) & 0xffU);
    }
    return base64(bytes);
}

}  // namespace tinybird_cdk::cloud::gcs
