// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tinybird_cdk::local {

/// `name` in backticks.
std::string identifier(std::string_view name);
/// 'text' as a string literal.
std::string literal(std::string_view text);

/// A token of SQL, as far as the guard needs to know.
struct Token {
    enum class Kind { identifier, text, number, symbol };
    Kind kind;
    std::string text;  ///< of an identifier without its quotes, of a symbol the one character
};

/// The tokens of a statement; comments and blanks are left out.
std::vector<Token> tokens_of(std::string_view sql);

}  // namespace tinybird_cdk::local
