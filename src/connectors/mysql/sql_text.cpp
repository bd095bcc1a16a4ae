// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::mysql {

std::string_view single_statement(std::string_view sql) {
    if (sql.find('\0') != std::string_view::npos) {
        throw errors::InvalidArgument("the query holds a NUL");
    }
    const SqlOutline outline = sql_outline(sql, dialect);
    if (outline.second) {
        throw errors::InvalidArgument("the query holds more than one statement", "Give one query at a time.");
    }
    if (outline.meaningful.empty()) {
        throw errors::InvalidArgument("the query is empty");
    }
    return outline.first;
}

std::string quoted_identifier(std::string_view name) {
    if (name.find('\0') != std::string_view::npos) {
        throw errors::InvalidArgument("a name holds a NUL");
    }
    std::string result = "`";
    for (const char c : name) {
        result += c;
        if (c == '`') {
            result += c;
        }
    }
    return result + "`";
}

std::string quoted_literal(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            result += '\\';
        }
        if (c == '\0') {
            result += "\\0";
        } else {
            result += c;
        }
    }
    return result + "'";
}

}  // namespace tinybird_cdk::mysql
