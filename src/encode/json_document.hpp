// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tinybird_cdk::encode {

/// Whether a text is one JSON value (RFC 8259).
bool is_json(std::string_view text);

/// The first key that an object of the document, at any depth, names twice ("a" and "\u0061" are the same).
/// @param document valid JSON
std::optional<std::string> duplicate_key(std::string_view document);

/// The document on one line: line breaks, which JSON has between tokens only, become blanks.
void append_on_one_line(std::string& out, std::string_view document);

}  // namespace tinybird_cdk::encode
