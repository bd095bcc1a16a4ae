// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tinybird_cdk::encode {

/// What a look through a JSON document found.
struct JsonFindings {
    std::string fault;                         ///< why it is no JSON (RFC 8259), and where; empty: all is well
    std::optional<std::string> duplicate_key;  ///< that an object at any depth names twice ("a" and "\u0061" are one)
    bool object = false;                       ///< the document is an object
};

JsonFindings look_through(std::string_view document);

/// Whether a text is one JSON array or object.
bool is_json_container(std::string_view text);

/// The document on one line: line breaks, which JSON has between tokens only, become blanks.
void append_on_one_line(std::string& out, std::string_view document);

}  // namespace tinybird_cdk::encode
