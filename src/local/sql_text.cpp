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
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Outside quotes ClickHouse knows here-documents ($tag$…$tag$), typographic quotes and dashes, blanks beyond ASCII,
/// and comments from # on, all of which could hide the rest of a statement from whoever reads it in another way.
std::string unclear_reason(std::string_view rest) {
    if (rest.front() == '$') {
        return "a $ is only understood in quotes";
    }
    if (rest.front() == '#' || rest.starts_with("//")) {
        return "comments are written with -- or /* */";
    }
    if (static_cast<unsigned char>(rest.front()) >= 0x80U || rest.front() == '\0') {
        return "characters beyond ASCII are only understood in quotes";
    }
    return {};
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
    if (rest.starts_with("--")) {
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
        const std::size_t known = tokens.size();
        const std::size_t first = i;
        if (std::string reason = unclear_reason(sql.substr(i)); !reason.empty()) {
            tokens.push_back({Token::Kind::unclear, std::move(reason)});
            ++i;
        } else if (c == '\'' || c == '"' || c == '`') {
            Token token{c == '\'' ? Token::Kind::text : Token::Kind::identifier, {}};
            const std::size_t begin = i;
            i = read_quoted(sql, i, token.text);
            // "\x73ystem" is a name too, to ClickHouse.
            if (c != '\'' && sql.substr(begin, i - begin).find('\\') != std::string_view::npos) {
                token = {Token::Kind::unclear, "a quoted name can't have a backslash"};
            }
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
        if (tokens.size() > known) {
            tokens.back().begin = first;
            tokens.back().end = i;
        }
    }
    return tokens;
}

}  // namespace tinybird_cdk::local
