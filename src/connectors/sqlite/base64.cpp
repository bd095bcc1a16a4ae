// SPDX-License-Identifier: Apache-2.0
#include "base64.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace tinybird_cdk::sqlite {

std::string base64(std::span<const std::byte> bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t begin = 0; begin < bytes.size(); begin += 3) {
        const auto group = bytes.subspan(begin, std::min<std::size_t>(3, bytes.size() - begin));
        std::uint32_t bits = 0;
        for (std::size_t index = 0; index < 3; ++index) {
            bits = bits << 8U | (index < group.size() ? std::to_integer<std::uint32_t>(group[index]) : 0U);
        }
        for (std::size_t index = 0; index < 4; ++index) {
            // n bytes fill n + 1 characters; the rest of the four is padding.
            text += index <= group.size() ? alphabet[bits >> (18 - 6 * index) & 0x3FU] : '=';
        }
    }
    return text;
}

}  // namespace tinybird_cdk::sqlite
