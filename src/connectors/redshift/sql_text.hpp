// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <tinybird_cdk/sql_text.hpp>

namespace tinybird_cdk::redshift {

/// That of PostgreSQL 8, where a backslash in a text always escapes.
inline constexpr SqlDialect dialect{.escaping_quotes = "'", .dollars = SqlDollars::tagged, .nested_comments = true};

/// A name in double quotes.
std::string identifier(std::string_view name);
/// A string in single quotes. Redshift takes a backslash in one for an escape, as the examples of UNLOAD have it
/// (https://docs.aws.amazon.com/redshift/latest/dg/t_Unloading_tables.html).
std::string literal(std::string_view text);
/// A query as it can stand between parentheses: without semicolons and comments at its end, and with the end of a line.
/// @throws errors::InvalidArgument for a second statement, and for what is no query
std::string embeddable(std::string_view query);

}  // namespace tinybird_cdk::redshift
