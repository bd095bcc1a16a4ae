// SPDX-License-Identifier: Apache-2.0
#include "sql_text.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace tinybird_cdk::bigquery {

namespace {

constexpr std::size_t date_digits = 8;
constexpr std::size_t longest_label = 63;

/// Inside backticks backslashes have the meaning they have in strings
/// (https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#quoted_identifiers).
std::string escaped(std::string_view name, char quote = '`') {
    std::string text;
    for (const char c : name) {
        if (c == quote || c == '\\') {
            text += '\\';
        }
        text += c;
    }
    return text;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// What stands before the digits of "events_20240131"; empty for names of another form.
std::string_view stem_of(std::string_view name) {
    if (name.size() <= date_digits + 1 || name[name.size() - date_digits - 1] != '_') {
        return {};
    }
    const std::string_view digits = name.substr(name.size() - date_digits);
    return std::all_of(digits.begin(), digits.end(), is_digit) ? name.substr(0, name.size() - date_digits)
                                                               : std::string_view();
}

}  // namespace

std::string identifier(std::string_view name) {
    return fmt::format("`{}`", escaped(name));
}

std::string literal(std::string_view text) {
    return fmt::format("'{}'", escaped(text, '\''));
}

std::string table_path(std::string_view project, std::string_view dataset, std::string_view table) {
    return fmt::format("`{}.{}.{}`", escaped(project), escaped(dataset), escaped(table));
}

std::string without_end(std::string_view query) {
    return std::string(sql_outline(query, dialect).meaningful);
}

bool has_statements(std::string_view query) {
    return sql_outline(query, dialect).second.has_value();
}

std::string select_columns(std::string_view project, std::string_view dataset, std::string_view table,
                           const std::vector<std::string>& columns) {
    // Without it the table is called by its last name, and a column of that name would be taken for its whole row.
    const std::string alias = identifier("tb_cdk_table");
    std::vector<std::string> quoted;
    quoted.reserve(columns.size());
    for (const std::string& column : columns) {
        quoted.push_back(alias + "." + identifier(column));
    }
    return fmt::format("SELECT {}\nFROM {} AS {}", fmt::join(quoted, ", "), table_path(project, dataset, table), alias);
}

std::string label_value(std::string_view text) {
    std::string value;
    for (const char c : text.substr(0, longest_label)) {
        if (c >= 'A' && c <= 'Z') {
            value += static_cast<char>(c - 'A' + 'a');
        } else {
            value += (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '-' ? c : '_';
        }
    }
    return value;
}

std::vector<TableName> group_parts(std::vector<std::string> tables, std::vector<std::string> others) {
    std::sort(tables.begin(), tables.end());
    const auto is_pure = [&others](std::string_view stem) {
        return std::none_of(others.begin(), others.end(),
                            [stem](const std::string& other) { return other.starts_with(stem); });
    };
    std::map<std::string, std::vector<std::string>> parts;
    for (const std::string& table : tables) {
        if (const std::string_view stem = stem_of(table); !stem.empty()) {
            parts[std::string(stem)].push_back(table);
        }
    }
    std::erase_if(parts, [&is_pure](const auto& part) { return !is_pure(part.first); });
    std::vector<TableName> names;
    for (std::string& table : tables) {
        const auto found = parts.find(std::string(stem_of(table)));
        if (found == parts.end() || found->second.size() == 1) {
            names.push_back({.name = std::move(table)});
        }
    }
    for (auto& [stem, members] : parts) {
        if (members.size() > 1) {
            names.push_back({.name = stem + '*', .parts = std::move(members)});
        }
    }
    for (std::string& other : others) {
        names.push_back({.name = std::move(other)});
    }
    std::sort(names.begin(), names.end(), [](const TableName& a, const TableName& b) { return a.name < b.name; });
    return names;
}

}  // namespace tinybird_cdk::bigquery
