// SPDX-License-Identifier: Apache-2.0
#include "encode/base64.hpp"

#include <string_view>

namespace tinybird_cdk::encode {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

char* write_base64(char* out, std::span<const std::byte> bytes) noexcept {
    const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(bytes[i]); };
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const unsigned group = at(i) << 16U | at(i + 1) << 8U | at(i + 2);
        *out++ = alphabet[group >> 18U];
        *out++ = alphabet[group >> 12U & 63U];
        *out++ = alphabet[group >> 6U & 63U];
        *out++ = alphabet[group & 63U];
    }
    const std::size_t left = bytes.size() - i;
    if (left > 0) {
        const unsigned group = at(i) << 16U | (left == 2 ? at(i + 1) << 8U : 0U);
        *out++ = alphabet[group >> 18U];
        *out++ = alphabet[group >> 12U & 63U];
        *out++ = left == 2 ? alphabet[group >> 6U & 63U] : '=';
        *out++ = '=';
    }
    return out;
}

}  // namespace tinybird_cdk::encode
