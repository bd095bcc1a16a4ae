// SPDX-License-Identifier: Apache-2.0
#include "local/schema_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"

namespace tinybird_cdk::local {

namespace {

/// The position of the first `stop` outside quotes and parentheses; the size when there is none.
template <class Stop>
std::size_t find_outside(std::string_view text, Stop stop) {
    int depth = 0;
    char quote = '\0';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != '\0') {
            if (c == '\\') {
                ++i;
            } else if (c == quote) {
                quote = '\0';
            }
            continue;
        }
        if (depth == 0 && stop(text.substr(i))) {
            return i;
        }
        if (c == '\'' || c == '"' || c == '`') {
            quote = c;
        } else if (c == '(') {
            ++depth;
        } else if (c == ')') {
            --depth;
        }
    }
    return text.size();
}

std::string take_name(std::string_view& text) {
    text = core::trim(text);
    if (text.starts_with('`')) {
        std::string name;
        std::size_t i = 1;
        for (; i < text.size() && text[i] != '`'; ++i) {
            if (text[i] == '\\' && i + 1 < text.size()) {
                ++i;
            }
            name += text[i];
        }
        text.remove_prefix(std::min(i + 1, text.size()));
        return name;
    }
    const std::size_t end = std::min(text.find_first_of(" \t\r\n"), text.size());
    std::string name(text.substr(0, end));
    text.remove_prefix(end);
    return name;
}

bool starts_word(std::string_view text, std::string_view word) {
    return core::starts_with_ignoring_case(text, word) &&
           (text.size() == word.size() || text[word.size()] == ' ' || text[word.size()] == '(');
}

bool begins_attribute(std::string_view rest) {
    return rest.starts_with("`json:") || starts_word(rest, "DEFAULT") || starts_word(rest, "CODEC");
}

schema::Column parse_column(std::string_view text) {
    schema::Column column;
    std::string_view rest = text;
    column.name = take_name(rest);
    if (column.name.empty()) {
        throw errors::InvalidArgument(fmt::format("no column name in \"{}\"", text));
    }
    const std::size_t type_end = find_outside(rest, begins_attribute);
    const std::string_view type = core::trim(rest.substr(0, type_end));
    if (type.empty()) {
        throw errors::InvalidArgument(fmt::format("column \"{}\" has no type", column.name));
    }
    column.type = schema::Type::parse(type);
    rest.remove_prefix(type_end);
    while (!core::trim(rest).empty()) {
        rest = core::trim(rest);
        if (rest.starts_with("`json:")) {
            const std::size_t end = rest.find('`', 1);
            if (end == std::string_view::npos) {
                throw errors::InvalidArgument(fmt::format("the jsonpath of column \"{}\" is not closed", column.name));
            }
            column.jsonpath = std::string(rest.substr(6, end - 6));
            rest.remove_prefix(end + 1);
            continue;
        }
        const std::string_view body = rest.substr(1);
        const std::size_t end =
            1 + find_outside(body, [&](std::string_view next) {
                return begins_attribute(next) && next.data() > body.data() && *(next.data() - 1) == ' ';
            });
        const std::string_view attribute = core::trim(rest.substr(0, end));
        if (core::starts_with_ignoring_case(attribute, "DEFAULT")) {
            column.default_expr = std::string(core::trim(attribute.substr(7)));
        }
        rest.remove_prefix(std::min(end, rest.size()));
    }
    return column;
}

}  // namespace

std::vector<schema::Column> parse_schema(std::string_view text) {
    std::vector<schema::Column> columns;
    while (!core::trim(text).empty()) {
        const std::size_t end = find_outside(text, [](std::string_view rest) { return rest.front() == ','; });
        columns.push_back(parse_column(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (columns.empty()) {
        throw errors::InvalidArgument("the schema has no columns");
    }
    return columns;
}

}  // namespace tinybird_cdk::local
