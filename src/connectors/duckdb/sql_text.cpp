// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <tinybird_cdk/errors.hpp>

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

bool statement_writes_files(std::string_view sql) {
    int depth = 0;
    bool is_named = false;
    for (std::size_t at = 0; at < sql.size();) {
        const SqlToken token = sql_token(sql, at, dialect);
        at += token.text.size();
        depth += token.text == "(" ? 1 : token.text == ")" ? -1 : 0;
        if (!token.means_something() || depth > 0 || token.text == ")") {
            continue;
        }
        const std::string word = first_sql_word(token.text, dialect);
        // PREPARE name AS …, for EXECUTE.
        if (is_named || word == "PREPARE") {
            is_named = word != "AS";
            continue;
        }
        // EXPLAIN ANALYZE and EXPLAIN (ANALYZE) run what they explain.
        if (word != "EXPLAIN" && word != "ANALYZE" && word != "VERBOSE") {
            return word == "COPY" || word == "EXPORT" || word == "ATTACH";
        }
    }
    return false;
}

}  // namespace

std::string_view single_statement(std::string_view sql) {
    const SqlOutline outline = sql_outline(sql, dialect);
    if (outline.second) {
        throw errors::InvalidArgument("the query holds more than one statement", "Give one query at a time.");
    }
    if (outline.meaningful.empty()) {
        throw errors::InvalidArgument("the query is empty");
    }
    return outline.first;
}

bool writes_files(std::string_view sql) {
    for (;;) {
        const SqlOutline outline = sql_outline(sql, dialect);
        if (statement_writes_files(outline.first)) {
            return true;
        }
        if (!outline.second) {
            return false;
        }
        sql.remove_prefix(*outline.second);
    }
}

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
