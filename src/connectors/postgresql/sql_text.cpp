// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::postgresql {

std::string_view single_statement(std::string_view sql) {
    if (const std::size_t nul = sql.find('\0'); nul != std::string_view::npos) {
        throw errors::InvalidArgument(fmt::format("the query holds a NUL at {}", place_in(sql, nul + 1)));
    }
    const SqlOutline outline = sql_outline(sql, dialect);
    if (outline.second) {
        throw errors::InvalidArgument(fmt::format("the query holds more than one statement: the second begins at {}",
                                                  place_in(sql, *outline.second + 1)),
                                      "Give one query at a time.");
    }
    if (outline.meaningful.empty()) {
        throw errors::InvalidArgument("the query is empty");
    }
    return outline.first;
}

bool changes_data(std::string_view statement) {
    const std::string word = first_sql_word(statement, dialect);
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
