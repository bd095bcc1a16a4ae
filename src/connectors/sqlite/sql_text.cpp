// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

namespace tinybird_cdk::sqlite {

namespace {

std::string quoted(std::string_view text, char quote) {
    std::string result(1, quote);
    for (const char character : text) {
        if (character == quote) {
            result += quote;
        }
        result += character;
    }
    return result += quote;
}

}  // namespace

std::string quoted_identifier(std::string_view name) {
    return quoted(name, '"');
}

std::string quoted_text(std::string_view text) {
    return quoted(text, '\'');
}

Position position_of(std::string_view text, std::size_t offset) noexcept {
    Position position;
    for (const char character : text.substr(0, offset)) {
        const bool continues_a_character = (static_cast<unsigned char>(character) & 0xC0U) == 0x80U;
        if (character == '\n') {
            ++position.line;
            position.column = 1;
        } else if (!continues_a_character) {
            ++position.column;
        }
    }
    return position;
}

}  // namespace tinybird_cdk::sqlite
