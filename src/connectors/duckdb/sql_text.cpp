// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <algorithm>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::duckdb {

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

bool is_part_of_a_name(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// Behind what ends with `mark`.
std::size_t behind(std::string_view sql, std::string_view mark, std::size_t from) {
    const std::size_t end = sql.find(mark, from);
    return end == std::string_view::npos ? sql.size() : end + mark.size();
}

/// Behind the closing quote; a doubled one closes and opens, which comes to the same.
std::size_t behind_quoted(std::string_view sql, std::size_t i, bool backslashes) {
    const char quote = sql[i];
    for (++i; i < sql.size() && sql[i] != quote; ++i) {
        if (backslashes && sql[i] == '\\') {
            ++i;
        }
    }
    return std::min(i + 1, sql.size());
}

/// Behind a comment, which may hold others.
std::size_t behind_comment(std::string_view sql, std::size_t i) {
    int depth = 0;
    do {
        const std::string_view two = sql.substr(i, 2);
        depth += two == "/*" ? 1 : two == "*/" ? -1 : 0;
        i += two == "/*" || two == "*/" ? 2 : 1;
    } while (depth > 0 && i < sql.size());
    return std::min(i, sql.size());
}

/// The tag of text between dollars, as in $$ or $x$; empty when none begins here.
std::string_view dollar_tag(std::string_view sql, std::size_t i) {
    std::size_t end = i + 1;
    while (end < sql.size() && is_part_of_a_name(sql[end])) {
        ++end;
    }
    const bool is_tag = end < sql.size() && sql[end] == '$' && (end == i + 1 || sql[i + 1] < '0' || sql[i + 1] > '9');
    return is_tag ? sql.substr(i, end + 1 - i) : std::string_view();
}

struct Scan {
    std::size_t next;  ///< behind the token, comment or blank at a position
    bool means_something;
};

Scan scan(std::string_view sql, std::size_t i) {
    const char c = sql[i];
    const bool in_name = i > 0 && is_part_of_a_name(sql[i - 1]);
    if (sql.substr(i, 2) == "--") {
        return {behind(sql, "\n", i), false};
    }
    if (sql.substr(i, 2) == "/*") {
        return {behind_comment(sql, i), false};
    }
    if (c == '\'' || c == '"') {
        const bool escapes = c == '\'' && in_name && (sql[i - 1] == 'e' || sql[i - 1] == 'E') &&
                             (i < 2 || !is_part_of_a_name(sql[i - 2]));
        return {behind_quoted(sql, i, escapes), true};
    }
    if (const std::string_view tag = c == '$' && !in_name ? dollar_tag(sql, i) : std::string_view(); !tag.empty()) {
        return {behind(sql, tag, i + tag.size()), true};
    }
    return {i + 1, static_cast<unsigned char>(c) > ' '};
}

}  // namespace

std::string_view single_statement(std::string_view sql) {
    std::size_t end = sql.size();
    bool any = false;
    for (std::size_t i = 0; i < sql.size();) {
        if (sql[i] == ';') {
            end = std::min(end, i);
            ++i;
            continue;
        }
        const Scan token = scan(sql, i);
        if (token.means_something && end < i) {
            throw errors::InvalidArgument("the query holds more than one statement", "Give one query at a time.");
        }
        any = any || token.means_something;
        i = token.next;
    }
    if (!any) {
        throw errors::InvalidArgument("the query is empty");
    }
    return sql.substr(0, end);
}

bool writes_files(std::string_view sql) {
    std::size_t begin = 0;
    while (begin < sql.size()) {
        const Scan token = scan(sql, begin);
        if (token.means_something && sql[begin] != ';') {
            break;
        }
        begin = token.next;
    }
    std::string word;
    for (std::size_t i = begin; i < sql.size() && is_part_of_a_name(sql[i]); ++i) {
        word += sql[i] >= 'A' && sql[i] <= 'Z' ? static_cast<char>(sql[i] - 'A' + 'a') : sql[i];
    }
    return word == "copy" || word == "export" || word == "attach";
}

std::string quoted_identifier(std::string_view name) {
    return quoted(name, '"');
}

std::string quoted_text(std::string_view text) {
    return quoted(text, '\'');
}

std::string select_columns(std::string_view schema, std::string_view table, const std::vector<std::string>& columns) {
    std::string sql = "SELECT ";
    for (const std::string& column : columns) {
        sql += (&column == &columns.front() ? "" : ", ") + quoted_identifier(column);
    }
    return sql + " FROM " + quoted_identifier(schema) + "." + quoted_identifier(table);
}

}  // namespace tinybird_cdk::duckdb
