// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::snowflake {

namespace {

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

/// Statements may be chained, and any kind of them may follow
/// (https://docs.snowflake.com/en/sql-reference/operators-flow).
bool has_flow_operator(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const SqlToken token = sql_token(text, at, dialect);
        if (token.kind == SqlToken::Kind::other && text.substr(at).starts_with("->>")) {
            return true;
        }
        at += token.text.size();
    }
    return false;
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
    if (has_flow_operator(statement)) {
        return StatementKind::other;
    }
    const std::string word = first_sql_word(statement, dialect, "(");
    if (std::find(queries.begin(), queries.end(), word) != queries.end()) {
        return StatementKind::query;
    }
    return std::find(shows.begin(), shows.end(), word) != shows.end() ? StatementKind::show : StatementKind::other;
}

std::string_view single_statement(std::string_view text) {
    const SqlOutline outline = sql_outline(text, dialect);
    if (outline.second) {
        throw errors::InvalidArgument(
            fmt::format("the query holds more than one statement: the second begins at character {}",
                        *outline.second + 1),
            "Give one query at a time.");
    }
    return outline.first;
}

std::string embedded(std::string_view query) {
    return fmt::format("\n{}\n", single_statement(query));
}

}  // namespace tinybird_cdk::snowflake
