// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Where texts, names and comments end in SQL, and with them a statement: for connectors that put a query into a
/// statement of their own. It knows no grammar and refuses nothing: what is not closed reaches to the end of all. Any
/// bytes can be read. Pure, so that any thread may call it.
namespace tinybird_cdk {

/// What stands between dollars is text.
enum class SqlDollars : std::uint8_t {
    none,
    plain,  ///< $$…$$
    tagged  ///< $tag$…$tag$, too
};

/// How a database reads SQL. As it begins it is the standard's: texts in ' and names in ", a quote doubled inside, and
/// comments from -- to the end of the line and between /* and */.
///
/// ```cpp
/// constexpr SqlDialect dialect{.quotes = "'\"`", .escaping_quotes = "'\"", .hash_comments = true};
/// ```
struct SqlDialect {
    std::string_view quotes = "'\"";        ///< which characters are quotes, of texts or of names
    std::string_view escaping_quotes = {};  ///< between which of them a backslash takes away what the next one means
    bool doubled_quotes = true;             ///< two quotes inside stand for one
    bool tripled_quotes = false;            ///< '''…''' and """…""", in which such a quote alone ends nothing
    bool e_strings = false;                 ///< E'…' has backslashes, also where '…' has none
    SqlDollars dollars = SqlDollars::none;
    bool hash_comments = false;              ///< # to the end of the line
    bool slash_comments = false;             ///< // to the end of the line
    bool dashes_need_blank = false;          ///< "--" is a comment only with a blank or the end behind it
    bool carriage_returns_end_lines = true;  ///< not only line feeds end the line of a comment
    bool nested_comments = false;            ///< a /* … */ may hold others
    bool executed_comments = false;          ///< /*! … */ and /*M! … */ are no comments
    bool unicode_blanks = false;             ///< those beyond ASCII, as pasted from a page, are blanks
};

struct SqlToken {
    enum class Kind : std::uint8_t {
        blank,    ///< white space, all that there is
        comment,  ///< without the end of its line
        quoted,   ///< a text or a name with its quotes
        word,     ///< a name, a key word or a number: letters, digits, "_", "$", and all beyond ASCII
        other     ///< one character, or an executed comment
    };
    Kind kind = Kind::other;
    std::string_view text;  ///< in the text that was given; never empty

    /// Whether a database would read it.
    [[nodiscard]] bool means_something() const noexcept { return kind != Kind::blank && kind != Kind::comment; }
};

/// The token that begins at a byte. @param at where one begins: 0, or where another one ends; less than the length
SqlToken sql_token(std::string_view sql, std::size_t at, const SqlDialect& dialect);

/// Where the statements of a text are.
struct SqlOutline {
    /// From the beginning to the first semicolon, or all. It may end in a comment: what is put behind it needs a new
    /// line.
    std::string_view first;
    /// At which byte something follows that semicolon that is no semicolon: another statement.
    std::optional<std::size_t> second;
    /// From the beginning to the last token that means something, so without semicolons, comments and blanks at the
    /// end. Empty when there is no statement.
    std::string_view meaningful;
};
SqlOutline sql_outline(std::string_view sql, const SqlDialect& dialect);

/// The first word, in upper case where it is ASCII; empty when something else comes first.
/// @param skipped characters that may stand before it, beside blanks and comments
std::string first_sql_word(std::string_view sql, const SqlDialect& dialect, std::string_view skipped = {});

}  // namespace tinybird_cdk
