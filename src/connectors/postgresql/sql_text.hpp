// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <tinybird_cdk/sql_text.hpp>

namespace tinybird_cdk::postgresql {

/// https://www.postgresql.org/docs/current/sql-syntax-lexical.html. The session has standard_conforming_strings.
inline constexpr SqlDialect dialect{.e_strings = true, .dollars = SqlDollars::tagged, .nested_comments = true};

/// The one statement of a text, without the semicolon at its end and what follows it.
/// @throws errors::InvalidArgument when there is none, or more than one, or a NUL, at which libpq would stop
std::string_view single_statement(std::string_view sql);

/// The statement begins with INSERT, UPDATE, DELETE or MERGE.
bool changes_data(std::string_view statement);

/// `name` in double quotes.
std::string quoted_identifier(std::string_view name);

/// "line 2, column 7" of a text. @param position in characters (not bytes), from 1, as PostgreSQL counts
std::string place_in(std::string_view sql, std::size_t position);

}  // namespace tinybird_cdk::postgresql
