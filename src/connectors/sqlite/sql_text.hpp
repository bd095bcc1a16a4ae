// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tinybird_cdk::sqlite {

/// A name in double quotes, so that any text can be one (https://www.sqlite.org/lang_keywords.html).
std::string quoted_identifier(std::string_view name);

/// A text literal in single quotes.
std::string quoted_text(std::string_view text);

/// A place in a text, both counted from 1; columns are characters, not bytes.
struct Position {
    std::size_t line = 1;
    std::size_t column = 1;
    bool operator==(const Position&) const = default;
};

/// The place of a byte of UTF-8 text. An offset beyond the end means the end.
Position position_of(std::string_view text, std::size_t offset) noexcept;

}  // namespace tinybird_cdk::sqlite
