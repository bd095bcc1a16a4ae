// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <tinybird_cdk/sql_text.hpp>

namespace tinybird_cdk::mysql {

/// https://mariadb.com/kb/en/comment-syntax/. Backslashes escape in texts, not in names: the session has neither
/// ANSI_QUOTES nor NO_BACKSLASH_ESCAPES.
inline constexpr SqlDialect dialect{.quotes = "'\"`",
                                    .escaping_quotes = "'\"",
                                    .hash_comments = true,
                                    .dashes_need_blank = true,
                                    .carriage_returns_end_lines = false,
                                    .executed_comments = true};

/// The one statement in a text, without the semicolon behind it and what follows that.
/// @throws errors::InvalidArgument for none, for more than one, and for a NUL
std::string_view single_statement(std::string_view sql);

/// In backticks. @throws errors::InvalidArgument for a name that no table or column can have (a NUL)
std::string quoted_identifier(std::string_view name);
/// In single quotes, for a session that has backslash escapes and UTF-8.
std::string quoted_literal(std::string_view text);

}  // namespace tinybird_cdk::mysql
