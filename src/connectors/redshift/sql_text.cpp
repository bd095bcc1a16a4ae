// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::redshift {

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
    constexpr std::array<std::string_view, 3> queries{"SELECT", "WITH", "VALUES"};
    if (std::find(queries.begin(), queries.end(), first_sql_word(query, dialect, "(")) == queries.end()) {
        throw errors::InvalidArgument("the statement is no SELECT",
                                      "The connector reads and never writes: pass a SELECT.");
    }
    const SqlOutline outline = sql_outline(query, dialect);
    if (outline.second) {
        throw errors::InvalidArgument(
            fmt::format("the query holds more than one statement: the second begins at character {}",
                        *outline.second + 1),
            "Give one query at a time.");
    }
    return std::string(outline.meaningful) + "\n";
}

}  // namespace tinybird_cdk::redshift
