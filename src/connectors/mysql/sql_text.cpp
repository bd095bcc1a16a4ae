// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <algorithm>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::mysql {

namespace {

std::size_t end_of_line(std::string_view sql, std::size_t i) {
    return std::min(sql.find('\n', i), sql.size());
}

/// Behind the closing quote. Backslashes escape in strings, not in identifiers: the session has neither ANSI_QUOTES nor
/// NO_BACKSLASH_ESCAPES.
std::size_t end_of_quoted(std::string_view sql, std::size_t i) {
    const char quote = sql[i];
    for (++i; i < sql.size(); ++i) {
        if (sql[i] == '\\' && quote != '`') {
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

struct Scan {
    std::size_t next;  ///< behind the token, comment or blank at a position
    bool means_something;
};

/// https://mariadb.com/kb/en/comment-syntax/. What stands in /*! … */ is executed.
Scan scan(std::string_view sql, std::size_t i) {
    const char c = sql[i];
    const bool dashes =
        sql.substr(i, 2) == "--" && (i + 2 == sql.size() || static_cast<unsigned char>(sql[i + 2]) <= ' ');
    if (c == '#' || dashes) {
        return {end_of_line(sql, i), false};
    }
    if (sql.substr(i, 2) == "/*") {
        const bool executed = sql.substr(i, 3) == "/*!" || sql.substr(i, 4) == "/*M!";
        const std::size_t close = sql.find("*/", i + 2);
        return {close == std::string_view::npos ? sql.size() : close + 2, executed};
    }
    if (c == '\'' || c == '"' || c == '`') {
        return {end_of_quoted(sql, i), true};
    }
    return {i + 1, static_cast<unsigned char>(c) > ' '};
}

}  // namespace

std::string_view single_statement(std::string_view sql) {
    if (sql.find('\0') != std::string_view::npos) {
        throw errors::InvalidArgument("the query holds a NUL");
    }
    std::size_t end = sql.size();
    bool any = false;
    for (std::size_t i = 0; i < sql.size();) {
        if (sql[i] == ';') {
            end = std::min(end, i);
            ++i;
            continue;
        }
        const Scan token = scan(sql, i);
        if (token.means_something) {
            if (end < i) {
                throw errors::InvalidArgument("the query holds more than one statement", "Give one query at a time.");
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

std::string quoted_identifier(std::string_view name) {
    if (name.find('\0') != std::string_view::npos) {
        throw errors::InvalidArgument("a name holds a NUL");
    }
    std::string result = "`";
    for (const char c : name) {
        result += c;
        if (c == '`') {
            result += c;
        }
    }
    return result + "`";
}

std::string quoted_literal(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            result += '\\';
        }
        if (c == '\0') {
            result += "\\0";
        } else {
            result += c;
        }
    }
    return result + "'";
}

}  // namespace tinybird_cdk::mysql
