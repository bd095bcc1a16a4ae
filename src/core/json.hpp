// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tinybird_cdk::core {

/// A JSON string with its quotes (RFC 8259 §7). Bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace tinybird_cdk::core
