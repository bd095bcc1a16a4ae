// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <algorithm>
#include <cstddef>

namespace tinybird_cdk::redshift {

namespace {

bool is_blank(char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Where the comment that begins here ends; here, where none begins or it does not end: it is the server's to refuse
/// that.
std::size_t after_comment(std::string_view query, std::size_t at) noexcept {
    const std::string_view rest = query.substr(at);
    if (rest.starts_with("--")) {
        return std::min(query.find('\n', at), query.size());
    }
    if (!rest.starts_with("/*")) {
        return at;
    }
    int depth = 0;
    for (std::size_t i = at; i + 1 < query.size(); ++i) {
        const std::string_view two = query.substr(i, 2);
        if (two == "/*" || two == "*/") {
            depth += two == "/*" ? 1 : -1;
            ++i;
        }
        if (depth == 0) {
            return i + 1;
        }
    }
    return at;
}

bool is_of_name(char c) noexcept {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Where the name that begins here ends, or the string between two of $NAME$ or $$.
std::size_t after_name_or_dollars(std::string_view query, std::size_t at) noexcept {
    std::size_t end = at + 1;
    if (query[at] != '$') {
        // A name may have dollars in it.
        while (end < query.size() && (is_of_name(query[end]) || query[end] == '$')) {
            ++end;
        }
        return end;
    }
    while (end < query.size() && is_of_name(query[end])) {
        ++end;
    }
    if (end == query.size() || query[end] != '$') {
        return end;
    }
    const std::string_view mark = query.substr(at, end + 1 - at);
    const std::size_t closing = query.find(mark, end + 1);
    return closing == std::string_view::npos ? query.size() : closing + mark.size();
}

/// Where what begins here ends: a string, a name, or anything else that is no comment and no blank. One with doubled
/// quotes in it is taken for several.
std::size_t after_token(std::string_view query, std::size_t at) noexcept {
    const char quote = query[at];
    if (is_of_name(quote) || quote == '$') {
        return after_name_or_dollars(query, at);
    }
    if (quote != '\'' && quote != '"') {
        return at + 1;
    }
    for (++at; at < query.size(); ++at) {
        if (query[at] == quote) {
            return at + 1;
        }
        if (quote == '\'' && query[at] == '\\') {
            ++at;
        }
    }
    return query.size();
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
    std::size_t end = 0;
    for (std::size_t at = 0; at < query.size();) {
        if (const std::size_t next = after_comment(query, at); next > at) {
            at = next;
        } else if (is_blank(query[at]) || query[at] == ';') {
            ++at;
        } else {
            at = after_token(query, at);
            end = at;
        }
    }
    return std::string(query.substr(0, end)) + "\n";
}

}  // namespace tinybird_cdk::redshift
