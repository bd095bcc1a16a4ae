// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <algorithm>
#include <cstddef>

namespace tinybird_cdk::redshift {

namespace {

constexpr std::string_view spaces = " \t\r\n\f\v";

std::size_t behind(std::string_view text, std::string_view sign, std::size_t from) {
    const std::size_t found = text.find(sign, from);
    return found == std::string_view::npos ? text.size() : found + sign.size();
}

/// Comments nest, as in PostgreSQL.
std::size_t end_of_comment(std::string_view text, std::size_t at) {
    for (int depth = 0; at < text.size();) {
        if (text.substr(at, 2) == "/*") {
            ++depth;
            at += 2;
        } else if (text.substr(at, 2) == "*/") {
            at += 2;
            if (--depth == 0) {
                return at;
            }
        } else {
            ++at;
        }
    }
    return text.size();
}

std::size_t end_of_quoted(std::string_view text, std::size_t at) {
    const char quote = text[at];
    for (++at; at < text.size(); ++at) {
        if (quote == '\'' && text[at] == '\\') {
            ++at;
        } else if (text[at] == quote) {
            return at + 1;
        }
    }
    return text.size();
}

/// The first semicolon that nothing but comments and semicolons follow. Where more follows, that is the server's to
/// refuse.
std::size_t end_of_statement(std::string_view text) {
    std::size_t end = 0;
    bool ended = false;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("--")) {
            at = behind(text, "\n", at);
        } else if (rest.starts_with("/*")) {
            at = end_of_comment(text, at);
        } else if (rest.front() == ';') {
            end = ended ? end : at;
            ended = true;
            ++at;
        } else if (spaces.find(rest.front()) != std::string_view::npos) {
            ++at;
        } else {
            ended = false;
            at = rest.front() == '\'' || rest.front() == '"' ? end_of_quoted(text, at) : at + 1;
        }
    }
    return ended ? end : text.size();
}

}  // namespace

std::string identifier(std::string_view name) {
    std::string text = "\"";
    for (const char c : name) {
        text += c == '"' ? "\"\"" : std::string(1, c);
    }
    return text + "\"";
}

std::string literal(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            result += c;
        }
        result += c;
    }
    return result + "'";
}

std::string embeddable(std::string_view query) {
    return std::string(query.substr(0, end_of_statement(query))) + "\n";
}

}  // namespace tinybird_cdk::redshift
