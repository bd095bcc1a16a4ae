// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/sql_text.hpp>

namespace tinybird_cdk::duckdb {

/// As PostgreSQL reads SQL, but for blanks beyond ASCII.
inline constexpr SqlDialect dialect{
    .e_strings = true, .dollars = SqlDollars::tagged, .nested_comments = true, .unicode_blanks = true};

/// A name in double quotes, so that any text can be one.
std::string quoted_identifier(std::string_view name);
/// A text literal in single quotes.
std::string quoted_text(std::string_view text);
/// The one statement of a text, without the semicolon behind it and what follows that.
/// @throws errors::InvalidArgument when there is none, or more than one
std::string_view single_statement(std::string_view sql);
/// One of the statements would make or change files, even if the database is open for reading only.
bool writes_files(std::string_view sql);
/// The query that gives these columns of a table, in this order and under their own names.
std::string select_columns(std::string_view schema, std::string_view table, const std::vector<std::string>& columns);

}  // namespace tinybird_cdk::duckdb
