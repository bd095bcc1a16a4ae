// SPDX-License-Identifier: Apache-2.0
#include "local/sql_text.hpp"

#include <algorithm>

namespace tinybird_cdk::local {

namespace {

std::string quoted(std::string_view text, char quote) {
    std::string result(1, quote);
    for (const char c : text) {
        if (c == quote || c == '\\') {
            result += '\\';
        }
        result += c;
    }
    result += quote;
    return result;
}

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80U;
}

/// Reads a quoted token from its first quote on. @return the position behind it
std::size_t read_quoted(std::string_view sql, std::size_t begin, std::string& text) {
    const char quote = sql[begin];
    std::size_t i = begin + 1;
    while (i < sql.size()) {
        if (sql[i] == '\\' && i + 1 < sql.size()) {
            text += sql[i + 1];
            i += 2;
        } else if (sql[i] == quote) {
            if (i + 1 < sql.size() && sql[i + 1] == quote) {
                text += quote;
                i += 2;
                continue;
            }
            return i + 1;
        } else {
            text += sql[i++];
        }
    }
    return i;
}

/// Behind a comment that begins here; `begin` itself when none does.
std::size_t skip_comment(std::string_view sql, std::size_t begin) {
    const std::string_view rest = sql.substr(begin);
    if (rest.starts_with("/*")) {
        const std::size_t end = rest.find("*/", 2);
        return end == std::string_view::npos ? sql.size() : begin + end + 2;
    }
    if (rest.starts_with("--") || rest.starts_with("#!") || rest.starts_with("# ")) {
        const std::size_t end = rest.find('\n');
        return end == std::string_view::npos ? sql.size() : begin + end + 1;
    }
    return begin;
}

}  // namespace

std::string identifier(std::string_view name) {
    return quoted(name, '`');
}

std::string literal(std::string_view text) {
    return quoted(text, '\'');
}

std::vector<Token> tokens_of(std::string_view sql) {
    std::vector<Token> tokens;
    std::size_t i = 0;
    while (i < sql.size()) {
        if (const std::size_t behind = skip_comment(sql, i); behind != i) {
            i = behind;
            continue;
        }
        const char c = sql[i];
        if (c == '\'' || c == '"' || c == '`') {
            Token token{c == '\'' ? Token::Kind::text : Token::Kind::identifier, {}};
            i = read_quoted(sql, i, token.text);
            tokens.push_back(std::move(token));
        } else if (is_word(c)) {
            const std::size_t begin = i;
            while (i < sql.size() && is_word(sql[i])) {
                ++i;
            }
            const bool digit = c >= '0' && c <= '9';
            tokens.push_back(
                {digit ? Token::Kind::number : Token::Kind::identifier, std::string(sql.substr(begin, i - begin))});
        } else {
            if (static_cast<unsigned char>(c) > ' ') {
                tokens.push_back({Token::Kind::symbol, std::string(1, c)});
            }
            ++i;
        }
    }
    return tokens;
}

}  // namespace tinybird_cdk::local
