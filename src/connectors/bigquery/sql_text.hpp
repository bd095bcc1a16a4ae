// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/sql_text.hpp>

namespace tinybird_cdk::bigquery {

/// https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical. In raw strings too, what is behind a
/// backslash is no end.
inline constexpr SqlDialect dialect{.quotes = "'\"`",
                                    .escaping_quotes = "'\"`",
                                    .doubled_quotes = false,
                                    .tripled_quotes = true,
                                    .hash_comments = true,
                                    .unicode_blanks = true};

/// How errors begin that the kit's own SQL raises, for values that would not arrive as they left.
inline constexpr std::string_view refused_mark = "data refused: ";
/// What stands in those for a NULL, behind the column's name.
inline constexpr std::string_view null_mark = "\" has NULL";

/// A name in backticks.
std::string identifier(std::string_view name);
/// A string in single quotes.
std::string literal(std::string_view text);
/// `project.dataset.table` in backticks; a table that ends in "*" stands for all whose names begin like that.
std::string table_path(std::string_view project, std::string_view dataset, std::string_view table);
/// A query without what may not stand before a closing parenthesis: semicolons at its end, and comments around them.
std::string without_end(std::string_view query);
/// Whether it is more than one statement, as with a CREATE TEMP FUNCTION before the SELECT: such a query can't stand in
/// parentheses.
bool has_statements(std::string_view query);
/// The query that reads these columns.
std::string select_columns(std::string_view project, std::string_view dataset, std::string_view table,
                           const std::vector<std::string>& columns);
/// A text in the form that a label's value may have: lower-case letters, digits, "_" and "-", 63 at most
/// (https://cloud.google.com/bigquery/docs/labels-intro#requirements). What it can't have becomes "_".
std::string label_value(std::string_view text);

/// A table of a dataset, or those that are one table in many parts ("events_20240131", …) as "events_*".
struct TableName {
    std::string name;
    std::vector<std::string> parts = {};  ///< in order; empty: it is one table
    bool operator==(const TableName&) const = default;
};
/// Puts tables together that have the same name but for eight digits of a date at its end, as Google's console does;
/// two at least. Sorted by name.
/// @param others views and the like: a wildcard that any of them begins like can't be read
/// (https://cloud.google.com/bigquery/docs/querying-wildcard-tables#limitations), so its tables stay single
std::vector<TableName> group_parts(std::vector<std::string> tables, std::vector<std::string> others);

}  // namespace tinybird_cdk::bigquery
