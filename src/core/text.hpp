// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Small pieces of text work that several layers need. ASCII only where case matters.
namespace tinybird_cdk::core {

std::string to_lower(std::string_view text);
std::string_view trim(std::string_view text) noexcept;
bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept;
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept;
std::vector<std::string_view> split(std::string_view text, char separator);

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3).
std::string url_encode(std::string_view text);
/// Decodes %XX; `+` means a blank when `plus_is_blank` (forms). Nothing when an escape is malformed.
std::optional<std::string> url_decode(std::string_view text, bool plus_is_blank = false);

/// RFC 4648 §4, padded.
std::string base64_encode(std::span<const std::byte> bytes);

}  // namespace tinybird_cdk::core
