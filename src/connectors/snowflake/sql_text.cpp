// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::snowflake {

namespace {

constexpr std::string_view spaces = " \t\r\n\f\v";

/// What follows comments and white space.
std::string_view without_comments(std::string_view text) {
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
        if (text.starts_with("--") || text.starts_with("//")) {
            text.remove_prefix(std::min(text.find('\n'), text.size()));
        } else if (text.starts_with("/*")) {
            const std::size_t end = text.find("*/", 2);
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
        } else {
            return text;
        }
    }
}

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_letter(char c) {
    return upper(c) >= 'A' && upper(c) <= 'Z';
}

std::string first_word(std::string_view text) {
    const auto* const end = std::find_if_not(text.begin(), text.end(), is_letter);
    std::string word(text.begin(), end);
    std::transform(word.begin(), word.end(), word.begin(), upper);
    return word;
}

std::string doubled(std::string_view text, std::string_view also) {
    std::string result;
    for (const char c : text) {
        if (also.find(c) != std::string_view::npos) {
            result += c;
        }
        result += c;
    }
    return result;
}

/// Behind a text that begins here; a text without an end goes to the end of all.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
    const char quote = text[at];
    for (++at; at < text.size(); ++at) {
        if (quote == '\'' && text[at] == '\\') {
            ++at;
        } else if (text[at] == quote) {
            // Two of them are one inside of the text, and so are two texts that touch.
            return at + 1;
        }
    }
    return text.size();
}

struct Token {
    std::size_t end;
    bool means_something;
};

/// A text, a comment, or one character
/// (https://docs.snowflake.com/en/sql-reference/data-types-text#string-constants).
Token token_at(std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at);
    const auto behind = [&](std::string_view sign, std::size_t from) {
        const std::size_t found = text.find(sign, at + from);
        return found == std::string_view::npos ? text.size() : found + sign.size();
    };
    if (rest.starts_with("--") || rest.starts_with("//")) {
        return {behind("\n", 2), false};
    }
    if (rest.starts_with("/*")) {
        return {behind("*/", 2), false};
    }
    if (rest.starts_with("$$")) {
        return {behind("$$", 2), true};
    }
    if (rest.front() == '\'' || rest.front() == '"') {
        return {end_of_quoted(text, at), true};
    }
    return {at + 1, spaces.find(rest.front()) == std::string_view::npos};
}

}  // namespace

std::string identifier(std::string_view name) {
    return fmt::format("\"{}\"", doubled(name, "\""));
}

std::string literal(std::string_view text) {
    return fmt::format("'{}'", doubled(text, "'\\"));
}

std::string path(std::string_view database, std::string_view schema, std::string_view name) {
    return fmt::format("{}.{}.{}", identifier(database), identifier(schema), identifier(name));
}

namespace {

/// Statements may be chained, and any kind of them may follow
/// (https://docs.snowflake.com/en/sql-reference/operators-flow).
bool has_flow_operator(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); at = token_at(text, at).end) {
        if (text.substr(at).starts_with("->>")) {
            return true;
        }
    }
    return false;
}

}  // namespace

StatementKind kind_of(std::string_view statement) {
    constexpr std::array<std::string_view, 3> queries{"SELECT", "WITH", "VALUES"};
    constexpr std::array<std::string_view, 5> shows{"SHOW", "DESCRIBE", "DESC", "LIST", "LS"};
    std::string_view text = without_comments(statement);
    while (text.starts_with('(')) {
        text = without_comments(text.substr(1));
    }
    if (has_flow_operator(text)) {
        return StatementKind::other;
    }
    const std::string word = first_word(text);
    if (std::find(queries.begin(), queries.end(), word) != queries.end()) {
        return StatementKind::query;
    }
    return std::find(shows.begin(), shows.end(), word) != shows.end() ? StatementKind::show : StatementKind::other;
}

std::string_view single_statement(std::string_view text) {
    std::size_t end = text.size();
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == ';') {
            end = std::min(end, at);
            ++at;
            continue;
        }
        const Token token = token_at(text, at);
        if (token.means_something && end < at) {
            throw errors::InvalidArgument(
                fmt::format("the query holds more than one statement: the second begins at character {}", at + 1),
                "Give one query at a time.");
        }
        at = token.end;
    }
    return text.substr(0, end);
}

std::string embedded(std::string_view query) {
    return fmt::format("\n{}\n", single_statement(query));
}

}  // namespace tinybird_cdk::snowflake
