// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tinybird_cdk::core {

/// A JSON string with its quotes (RFC 8259 §7). Each byte that is not UTF-8 becomes U+FFFD.
std::string json_string(std::string_view text);
/// The same, at the end of `out`.
void append_json_string(std::string& out, std::string_view text);

}  // namespace tinybird_cdk::core
