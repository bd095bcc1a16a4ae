// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

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

}  // namespace

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
