// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tinybird_cdk::encode {

/// Copies text with each `"` doubled. @param out has room for 2 × size + 16 bytes. @return behind the last byte
char* copy_doubling_quotes(char* out, std::string_view text) noexcept;

/// Copies text as the inside of a JSON string (RFC 8259 §7). @param out has room for 6 × size + 16 bytes
char* copy_json_escaped(char* out, std::string_view text) noexcept;

/// Appends text as the inside of a ClickHouse string literal: `'` and `\` get a backslash; line breaks, tabs and NUL
/// are written as `\n` and the like (https://clickhouse.com/docs/sql-reference/syntax#string).
void append_clickhouse_escaped(std::string& out, std::string_view text);

/// Appends text with each `"` doubled.
void append_doubling_quotes(std::string& out, std::string_view text);

/// Appends text as the inside of a JSON string.
void append_json_escaped(std::string& out, std::string_view text);

/// `text` with U+FFFD in place of each byte that is not part of a UTF-8 sequence.
std::string with_valid_utf8(std::string_view text);

}  // namespace tinybird_cdk::encode
