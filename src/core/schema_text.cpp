// SPDX-License-Identifier: Apache-2.0
// A schema in the notations that Tinybird takes: its `schema` parameter, and `.datasource` files.
#include <tinybird_cdk/schema.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "core/schema_names.hpp"

namespace tinybird_cdk::schema {

using core::escaped;
using core::is_identifier;

namespace {

/// A column in Tinybird's notation: `name` Type `json:$.path` DEFAULT expression.
/// @param name of the column in the data source
std::string column_text(const Column& column, std::string_view name, bool jsonpaths) {
    std::string text = fmt::format("{} {}", escaped(name, '`'), column.type.to_string());
    if (jsonpaths) {
        std::string path = column.jsonpath.empty() ? jsonpath_of(name) : column.jsonpath;
        if (column.jsonpath.empty() && column.type.kind() == Kind::array) {
            path += "[:]";
        }
        text += fmt::format(" `json:{}`", path);
    }
    if (!column.default_expr.empty()) {
        text += " DEFAULT " + column.default_expr;
    }
    return text;
}

std::string key_text(const std::vector<std::string>& names) {
    if (names.empty()) {
        return "tuple()";
    }
    std::vector<std::string> quoted;
    for (const std::string& name : names) {
        quoted.push_back(is_identifier(name) ? name : escaped(name, '`'));
    }
    return fmt::format("{}", fmt::join(quoted, ", "));
}

}  // namespace

std::string Schema::to_parameter(bool jsonpaths) const {
    std::vector<std::string> texts;
    for (const Column& column : columns) {
        texts.push_back(column_text(column, column.name, jsonpaths));
    }
    return fmt::format("{}", fmt::join(texts, ", "));
}

std::string Schema::to_datafile(std::string_view description) const {
    std::string text;
    if (!description.empty()) {
        text += "DESCRIPTION >\n";
        std::string_view rest = description;
        while (!rest.empty()) {
            const std::size_t end = rest.find('\n');
            std::string_view line = rest.substr(0, end);
            line.remove_suffix(line.ends_with('\r') ? 1 : 0);
            text += line.empty() ? "\n" : fmt::format("    {}\n", line);
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        }
        text += "\n";
    }
    const std::vector<std::string> names = core::datafile_names(columns);
    text += "SCHEMA >\n";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        text += fmt::format("    {}{}\n", column_text(columns[i], names[i], true), i + 1 < columns.size() ? "," : "");
    }
    text += fmt::format("\nENGINE \"{}\"\n", engine);
    if (!partition_key.empty()) {
        text += fmt::format("ENGINE_PARTITION_KEY \"{}\"\n", partition_key);
    }
    std::vector<std::string> key;
    for (const std::string& name : sorting_key) {
        const auto column =
            std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
        key.push_back(column == columns.end() ? name : names[static_cast<std::size_t>(column - columns.begin())]);
    }
    text += fmt::format("ENGINE_SORTING_KEY \"{}\"\n", key_text(key));
    return text;
}

std::string Schema::sorting_key_text() const {
    return key_text(sorting_key);
}

}  // namespace tinybird_cdk::schema
