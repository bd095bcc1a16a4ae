// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace tinybird_cdk::encode {

constexpr std::size_t base64_length(std::size_t bytes) noexcept {
    return (bytes + 2) / 3 * 4;
}

/// RFC 4648 §4, padded. @param out has room for base64_length(bytes.size()). @return behind the last character
char* write_base64(char* out, std::span<const std::byte> bytes) noexcept;

}  // namespace tinybird_cdk::encode
