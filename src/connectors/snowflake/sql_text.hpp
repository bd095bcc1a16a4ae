// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/sql_text.hpp>

/// Texts in Snowflake's SQL. Pure.
namespace tinybird_cdk::snowflake {

/// https://docs.snowflake.com/en/sql-reference/data-types-text#string-constants. What Snowflake makes of blanks beyond
/// ASCII is not documented: where it takes them for none, it refuses the statement.
inline constexpr SqlDialect dialect{
    .escaping_quotes = "'", .dollars = SqlDollars::plain, .slash_comments = true, .unicode_blanks = true};

/// A name in double quotes.
std::string identifier(std::string_view name);
/// A string in single quotes, in which a backslash escapes
/// (https://docs.snowflake.com/en/sql-reference/data-types-text#escape-sequences-in-single-quoted-string-constants).
std::string literal(std::string_view text);
/// database.schema.name, each in double quotes.
std::string path(std::string_view database, std::string_view schema, std::string_view name);

/// What kind of statement it is, by its first word. Comments in front of it are read past. Statements that are chained
/// by "->>" are other ones.
enum class StatementKind {
    query,  ///< SELECT, WITH, VALUES, or one in parentheses
    show,   ///< SHOW, DESCRIBE, LIST: rows that can't be selected from
    other   ///< writes, or may write
};
StatementKind kind_of(std::string_view statement);

/// The one statement of a text, without the semicolon behind it and what follows that.
/// @throws errors::InvalidArgument when there is a second one
std::string_view single_statement(std::string_view text);
/// A query as it can stand in parentheses: the one statement, between line ends, for it may end in a comment.
std::string embedded(std::string_view query);

}  // namespace tinybird_cdk::snowflake
