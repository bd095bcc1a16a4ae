// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

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
    return std::string(sql_outline(query, dialect).meaningful) + "\n";
}

}  // namespace tinybird_cdk::redshift
