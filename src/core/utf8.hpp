// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tinybird_cdk::core {

/// Where UTF-8 ends being valid (RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF):
/// the position of the first byte of the first bad sequence, npos when all is well.
std::size_t first_invalid_utf8(std::string_view text) noexcept;

/// The length in bytes of the well-formed sequence at the begin of `text`; 0 when there is none.
std::size_t utf8_sequence_length(std::string_view text) noexcept;

/// Appends a character. @param code at most U+10FFFF, no surrogate
void append_utf8(std::string& out, std::uint32_t code);

}  // namespace tinybird_cdk::core
