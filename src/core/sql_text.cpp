// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/sql_text.hpp>

#include <algorithm>
#include <array>

namespace tinybird_cdk {

namespace {

using Kind = SqlToken::Kind;

constexpr std::string_view blanks = " \t\r\n\f\v";
/// U+00A0, U+2000 to U+200D, U+202F, U+205F, U+2060, U+3000, U+FEFF: those that DuckDB or BigQuery takes for blanks.
constexpr std::array<std::string_view, 20> wide_blanks{
    "\xc2\xa0",     "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85",
    "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\x8b", "\xe2\x80\x8c",
    "\xe2\x80\x8d", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe2\x81\xa0", "\xe3\x80\x80", "\xef\xbb\xbf"};
constexpr std::size_t tripled = 3;

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80U;
}

bool is_control_or_space(char c) noexcept {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
}

/// Reads one token. Each function takes where something may begin, and returns where it ends, or where it would have
/// begun when it does not.
class Reader {
public:
    Reader(std::string_view sql, const SqlDialect& dialect) : sql_(sql), dialect_(dialect) {}

    [[nodiscard]] SqlToken token(std::size_t at) const {
        if (const std::size_t end = behind_blanks(at); end > at) {
            return made(Kind::blank, at, end);
        }
        if (begins_line_comment(at)) {
            const std::string_view ends = dialect_.carriage_returns_end_lines ? "\r\n" : "\n";
            return made(Kind::comment, at, std::min(sql_.find_first_of(ends, at), sql_.size()));
        }
        if (begins(at, "/*")) {
            const bool executed = dialect_.executed_comments && (begins(at, "/*!") || begins(at, "/*M!"));
            return made(executed ? Kind::other : Kind::comment, at, behind_block_comment(at));
        }
        if (const std::size_t end = behind_quoted(at); end > at) {
            return made(Kind::quoted, at, end);
        }
        if (const std::size_t end = behind_dollars(at); end > at) {
            return made(Kind::quoted, at, end);
        }
        if (const std::size_t end = behind_word(at); end > at) {
            return made(Kind::word, at, end);
        }
        return made(Kind::other, at, at + 1);
    }

private:
    [[nodiscard]] SqlToken made(Kind kind, std::size_t at, std::size_t end) const {
        return {.kind = kind, .text = sql_.substr(at, end - at)};
    }

    [[nodiscard]] bool begins(std::size_t at, std::string_view sign) const { return sql_.substr(at).starts_with(sign); }

    [[nodiscard]] std::size_t behind(std::string_view sign, std::size_t from) const {
        const std::size_t found = sql_.find(sign, from);
        return found == std::string_view::npos ? sql_.size() : found + sign.size();
    }

    [[nodiscard]] std::size_t behind_blanks(std::size_t at) const {
        for (;;) {
            at = std::min(sql_.find_first_not_of(blanks, at), sql_.size());
            const std::size_t wide = wide_blank(at);
            if (wide == 0) {
                return at;
            }
            at += wide;
        }
    }

    /// @return how many bytes a blank beyond ASCII has that begins here; 0 when none does
    [[nodiscard]] std::size_t wide_blank(std::size_t at) const {
        if (!dialect_.unicode_blanks) {
            return 0;
        }
        const auto* const found =
            std::find_if(wide_blanks.begin(), wide_blanks.end(), [&](std::string_view one) { return begins(at, one); });
        return found == wide_blanks.end() ? 0 : found->size();
    }

    [[nodiscard]] bool begins_line_comment(std::size_t at) const {
        if (begins(at, "--")) {
            return !dialect_.dashes_need_blank || at + 2 == sql_.size() || is_control_or_space(sql_[at + 2]);
        }
        return (dialect_.hash_comments && begins(at, "#")) || (dialect_.slash_comments && begins(at, "//"));
    }

    [[nodiscard]] std::size_t behind_block_comment(std::size_t at) const {
        if (!dialect_.nested_comments) {
            return behind("*/", at + 2);
        }
        std::size_t depth = 0;
        while (at < sql_.size()) {
            if (begins(at, "/*")) {
                ++depth;
                at += 2;
            } else if (begins(at, "*/")) {
                --depth;
                at += 2;
                if (depth == 0) {
                    break;
                }
            } else {
                ++at;
            }
        }
        return at;
    }

    [[nodiscard]] std::size_t behind_quoted(std::size_t at) const {
        if (dialect_.e_strings && (begins(at, "E'") || begins(at, "e'"))) {
            return behind_closing(at + 1, 1, true);
        }
        if (dialect_.quotes.find(sql_[at]) == std::string_view::npos) {
            return at;
        }
        const bool escapes = dialect_.escaping_quotes.find(sql_[at]) != std::string_view::npos;
        const bool is_tripled = dialect_.tripled_quotes && (begins(at, "'''") || begins(at, R"(""")"));
        return behind_closing(at, is_tripled ? tripled : 1, escapes);
    }

    /// @param at the opening quote @param length how many characters it is
    [[nodiscard]] std::size_t behind_closing(std::size_t at, std::size_t length, bool escapes) const {
        const std::string_view quote = sql_.substr(at, length);
        at += length;
        while (at < sql_.size()) {
            if (escapes && sql_[at] == '\\') {
                at += 2;
            } else if (!begins(at, quote)) {
                ++at;
            } else if (dialect_.doubled_quotes && begins(at + length, quote)) {
                at += 2 * length;
            } else {
                return at + length;
            }
        }
        return sql_.size();
    }

    [[nodiscard]] std::size_t behind_dollars(std::size_t at) const {
        if (dialect_.dollars == SqlDollars::none || sql_[at] != '$') {
            return at;
        }
        std::size_t end = at + 1;
        while (dialect_.dollars == SqlDollars::tagged && end < sql_.size() && is_word(sql_[end])) {
            ++end;
        }
        if (!begins(end, "$") || is_digit(sql_[at + 1])) {
            return at;
        }
        ++end;
        return behind(sql_.substr(at, end - at), end);
    }

    /// Names may hold dollars, which begin no text there.
    [[nodiscard]] std::size_t behind_word(std::size_t at) const {
        std::size_t end = at;
        while (end < sql_.size() && (is_word(sql_[end]) || (end > at && sql_[end] == '$')) && wide_blank(end) == 0) {
            ++end;
        }
        return end;
    }

    std::string_view sql_;
    const SqlDialect& dialect_;
};

}  // namespace

SqlToken sql_token(std::string_view sql, std::size_t at, const SqlDialect& dialect) {
    return Reader(sql, dialect).token(at);
}

SqlOutline sql_outline(std::string_view sql, const SqlDialect& dialect) {
    SqlOutline outline{.first = sql, .second = {}, .meaningful = {}};
    bool ended = false;
    for (std::size_t at = 0; at < sql.size();) {
        const SqlToken token = sql_token(sql, at, dialect);
        if (token.text == ";") {
            outline.first = ended ? outline.first : sql.substr(0, at);
            ended = true;
        } else if (token.means_something()) {
            if (ended && !outline.second) {
                outline.second = at;
            }
            outline.meaningful = sql.substr(0, at + token.text.size());
        }
        at += token.text.size();
    }
    return outline;
}

std::string first_sql_word(std::string_view sql, const SqlDialect& dialect, std::string_view skipped) {
    std::string word;
    for (std::size_t at = 0; at < sql.size();) {
        const SqlToken token = sql_token(sql, at, dialect);
        if (token.kind == Kind::word) {
            word = token.text;
            break;
        }
        if (token.means_something() && (token.text.size() > 1 || skipped.find(token.text) == std::string_view::npos)) {
            break;
        }
        at += token.text.size();
    }
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return word;
}

}  // namespace tinybird_cdk
