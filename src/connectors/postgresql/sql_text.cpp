// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::postgresql {

namespace {

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80U;
}

std::size_t end_of_line(std::string_view sql, std::size_t i) {
    return std::min(sql.find_first_of("\n\r", i), sql.size());
}

/// Comments nest (https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-COMMENTS).
std::size_t end_of_comment(std::string_view sql, std::size_t i) {
    int depth = 0;
    while (i < sql.size()) {
        if (sql.substr(i, 2) == "/*") {
            ++depth;
            i += 2;
        } else if (sql.substr(i, 2) == "*/") {
            i += 2;
            if (--depth == 0) {
                return i;
            }
        } else {
            ++i;
        }
    }
    return sql.size();
}

std::size_t end_of_quoted(std::string_view sql, std::size_t i, bool backslashes) {
    const char quote = sql[i];
    for (++i; i < sql.size(); ++i) {
        if (backslashes && sql[i] == '\\') {
            ++i;
        } else if (sql[i] == quote) {
            if (i + 1 < sql.size() && sql[i + 1] == quote) {
                ++i;
            } else {
                return i + 1;
            }
        }
    }
    return sql.size();
}

/// $tag$ … $tag$; just behind the dollar when it begins no such string.
std::size_t end_of_dollar_quoted(std::string_view sql, std::size_t i) {
    std::size_t tag_end = i + 1;
    while (tag_end < sql.size() && is_word(sql[tag_end])) {
        ++tag_end;
    }
    const bool follows_word = i > 0 && is_word(sql[i - 1]);
    if (follows_word || tag_end >= sql.size() || sql[tag_end] != '$') {
        return i + 1;
    }
    const std::string_view tag = sql.substr(i, tag_end - i + 1);
    const std::size_t close = sql.find(tag, tag_end + 1);
    return close == std::string_view::npos ? sql.size() : close + tag.size();
}

struct Scan {
    std::size_t next;  ///< behind the token, comment or blank at a position
    bool means_something;
};

Scan scan(std::string_view sql, std::size_t i) {
    const char c = sql[i];
    if (sql.substr(i, 2) == "--") {
        return {end_of_line(sql, i), false};
    }
    if (sql.substr(i, 2) == "/*") {
        return {end_of_comment(sql, i), false};
    }
    if (c == '\'' || c == '"') {
        const bool escape =
            c == '\'' && i > 0 && (sql[i - 1] == 'E' || sql[i - 1] == 'e') && (i < 2 || !is_word(sql[i - 2]));
        return {end_of_quoted(sql, i, escape), true};
    }
    if (c == '$') {
        return {end_of_dollar_quoted(sql, i), true};
    }
    return {i + 1, static_cast<unsigned char>(c) > ' '};
}

}  // namespace

std::string_view single_statement(std::string_view sql) {
    std::size_t end = sql.size();
    bool any = false;
    if (const std::size_t nul = sql.find('\0'); nul != std::string_view::npos) {
        throw errors::InvalidArgument(fmt::format("the query holds a NUL at {}", place_in(sql, nul + 1)));
    }
    for (std::size_t i = 0; i < sql.size();) {
        if (sql[i] == ';') {
            end = std::min(end, i);
            ++i;
            continue;
        }
        const Scan token = scan(sql, i);
        if (token.means_something) {
            if (end < i) {
                throw errors::InvalidArgument(
                    fmt::format("the query holds more than one statement: the second begins at {}",
                                place_in(sql, i + 1)),
                    "Give one query at a time.");
            }
            any = true;
        }
        i = token.next;
    }
    if (!any) {
        throw errors::InvalidArgument("the query is empty");
    }
    return sql.substr(0, end);
}

bool changes_data(std::string_view statement) {
    std::size_t begin = 0;
    while (begin < statement.size()) {
        const Scan token = scan(statement, begin);
        if (token.means_something) {
            break;
        }
        begin = token.next;
    }
    std::string word;
    for (; begin < statement.size() && is_word(statement[begin]); ++begin) {
        const char c = statement[begin];
        word += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return word == "INSERT" || word == "UPDATE" || word == "DELETE" || word == "MERGE";
}

std::string quoted_identifier(std::string_view name) {
    std::string result = "\"";
    for (const char c : name) {
        result += c;
        if (c == '"') {
            result += c;
        }
    }
    return result + "\"";
}

std::string place_in(std::string_view sql, std::size_t position) {
    std::size_t line = 1;
    std::size_t column = 1;
    std::size_t character = 1;
    for (std::size_t i = 0; i < sql.size() && character < position; ++i) {
        const bool continuation = i + 1 < sql.size() && (static_cast<unsigned char>(sql[i + 1]) & 0xC0U) == 0x80U;
        if (continuation) {
            continue;
        }
        ++character;
        if (sql[i] == '\n') {
            ++line;
            column = 1;
        } else {
            ++column;
        }
    }
    return fmt::format("line {}, column {}", line, column);
}

}  // namespace tinybird_cdk::postgresql
