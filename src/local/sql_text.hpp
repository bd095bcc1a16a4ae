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
    /// `unclear`: what ClickHouse may read otherwise than this does, so that all behind it may be something else
    enum class Kind { identifier, text, number, symbol, unclear };
    Kind kind;
    std::string text;  ///< of an identifier without its quotes, of a symbol the one character, of `unclear` the reason
    std::size_t begin = 0;  ///< in the statement
    std::size_t end = 0;
};

/// The tokens of a statement; comments and blanks are left out.
std::vector<Token> tokens_of(std::string_view sql);

}  // namespace tinybird_cdk::local
