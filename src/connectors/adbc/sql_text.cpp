// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <algorithm>
#include <array>

namespace tinybird_cdk::any_adbc {

namespace {

bool contains_ignoring_case(std::string_view text, std::string_view part) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::search(text.begin(), text.end(), part.begin(), part.end(),
                       [&](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

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

std::string quoted_identifier(std::string_view name, std::string_view vendor) {
    const char quote = quote_of(vendor);
    std::string result(1, quote);
    for (const char c : name) {
        result += c == quote ? std::string(2, quote) : std::string(1, c);
    }
    return result + quote;
}

}  // namespace tinybird_cdk::any_adbc
