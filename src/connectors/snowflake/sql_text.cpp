// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

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

StatementKind kind_of(std::string_view statement) {
    constexpr std::array<std::string_view, 3> queries{"SELECT", "WITH", "VALUES"};
    constexpr std::array<std::string_view, 5> shows{"SHOW", "DESCRIBE", "DESC", "LIST", "LS"};
    std::string_view text = without_comments(statement);
    while (text.starts_with('(')) {
        text = without_comments(text.substr(1));
    }
    const std::string word = first_word(text);
    if (std::find(queries.begin(), queries.end(), word) != queries.end()) {
        return StatementKind::query;
    }
    return std::find(shows.begin(), shows.end(), word) != shows.end() ? StatementKind::show : StatementKind::other;
}

std::string embedded(std::string_view query) {
    const std::size_t end = query.find_last_not_of("; \t\r\n\f\v");
    return fmt::format("\n{}\n", query.substr(0, end == std::string_view::npos ? 0 : end + 1));
}

}  // namespace tinybird_cdk::snowflake
