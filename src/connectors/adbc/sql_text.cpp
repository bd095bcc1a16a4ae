// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/sql_text.hpp>

namespace tinybird_cdk::any_adbc {

namespace {

bool contains_ignoring_case(std::string_view text, std::string_view part) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::search(text.begin(), text.end(), part.begin(), part.end(),
                       [&](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

/// How the databases behind drivers read texts and comments. The first is the standard's.
constexpr std::array readings{
    SqlDialect{},
    SqlDialect{.escaping_quotes = "'", .dollars = SqlDollars::tagged, .nested_comments = true},
    SqlDialect{.e_strings = true, .dollars = SqlDollars::tagged, .nested_comments = true},
    SqlDialect{.quotes = "'\"`", .escaping_quotes = "'\"", .hash_comments = true, .dashes_need_blank = true},
    SqlDialect{.quotes = "'\"`",
               .escaping_quotes = "'\"",
               .doubled_quotes = false,
               .tripled_quotes = true,
               .hash_comments = true},
    SqlDialect{.escaping_quotes = "'", .dollars = SqlDollars::plain, .slash_comments = true}};

/// Double quotes are the standard's; these databases take them for text, or not at all.
char quote_of(std::string_view vendor) {
    constexpr std::array<std::string_view, 6> with_backticks{"mysql",      "mariadb", "bigquery",
                                                             "databricks", "spark",   "hive"};
    return std::any_of(with_backticks.begin(), with_backticks.end(),
                       [&](std::string_view name) { return contains_ignoring_case(vendor, name); })
               ? '`'
               : '"';
}

}  // namespace

std::string embeddable(std::string_view statement) {
    const std::size_t end = statement.find_last_not_of("; \t\r\n\f\v");
    return std::string(statement.substr(0, end == std::string_view::npos ? 0 : end + 1)) + "\n";
}

void refuse_writes(std::string_view query) {
    constexpr std::array<std::string_view, 9> writing{"INSERT", "UPDATE",   "DELETE", "DROP",   "ALTER",
                                                      "CREATE", "TRUNCATE", "MERGE",  "REPLACE"};
    const std::string word = first_sql_word(query, readings.front(), "(");
    if (std::find(writing.begin(), writing.end(), word) != writing.end()) {
        throw errors::InvalidArgument(fmt::format("the query begins with {}, and a load reads and never writes", word),
                                      "Pass a SELECT.");
    }
    std::size_t second = 0;
    for (const SqlDialect& reading : readings) {
        const SqlOutline outline = sql_outline(query, reading);
        if (!outline.second) {
            return;
        }
        second = std::max(second, *outline.second);
    }
    throw errors::InvalidArgument(
        fmt::format("the query holds more than one statement: the second begins at character {}", second + 1),
        "Give one query at a time.");
}

std::string quoted_identifier(std::string_view name, std::string_view vendor) {
    const char quote = quote_of(vendor);
    std::string result(1, quote);
    for (const char c : name) {
        result += c == quote ? std::string(2, quote) : std::string(1, c);
    }
    return result + quote;
}

}  // namespace tinybird_cdk::any_adbc
