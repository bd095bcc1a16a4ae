// SPDX-License-Identifier: Apache-2.0
#include "local/ingest/nested_cursor.hpp"

#include <optional>
#include <vector>

#include "core/text.hpp"
#include "local/ingest/json_text.hpp"

namespace tinybird_cdk::local::ingest {

namespace {

constexpr std::size_t deepest = 500;

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The character that ClickHouse writes as a backslash and this letter.
std::optional<char> escaped_character(char letter) noexcept {
    switch (letter) {
        case 'a':
            return '\a';
        case 'b':
            return '\b';
        case 'e':
            return '\x1b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case 'v':
            return '\v';
        case '0':
            return '\0';
        case '\\':
        case '\'':
        case '"':
        case '`':
        case '/':
        case '=':
            return letter;
        default:
            return std::nullopt;
    }
}

/// Reads what stands behind a quote ' up to the one that closes it. @return behind that; npos when there is none
std::size_t read_clickhouse_text(std::string_view text, std::string& out) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool more = i + 1 < text.size();
        if (text[i] == '\'') {
            if (!more || text[i + 1] != '\'') {
                return i + 1;
            }
            out += text[++i];
        } else if (text[i] != '\\') {
            out += text[i];
        } else if (!more) {
            break;
        } else if (text[i + 1] == 'x' && i + 3 < text.size() && hex_digit(text[i + 2]) >= 0 &&
                   hex_digit(text[i + 3]) >= 0) {
            out += static_cast<char>(hex_digit(text[i + 2]) * 16 + hex_digit(text[i + 3]));
            i += 3;
        } else if (const auto c = escaped_character(text[++i])) {
            out += *c;
        } else {
            // ClickHouse keeps the backslash of what is no escape.
            out += '\\';
            out += text[i];
        }
    }
    return std::string_view::npos;
}

/// Whether a value without quotes ends before the character.
bool ends_bare(char c) noexcept {
    switch (c) {
        case ',':
        case ':':
        case ']':
        case '}':
        case ')':
        case '[':
        case '{':
        case '(':
        case '\'':
        case '"':
        case ' ':
        case '\t':
        case '\r':
        case '\n':
            return true;
        default:
            return false;
    }
}

/// Where a text in quotes ends, seen from its first quote; npos when it does not.
std::size_t end_of_quoted(std::string_view text) noexcept {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == text.front()) {
            return i + 1;
        }
    }
    return std::string_view::npos;
}

}  // namespace

void NestedCursor::blanks() noexcept {
    while (!rest_.empty() &&
           (rest_.front() == ' ' || rest_.front() == '\n' || rest_.front() == '\t' || rest_.front() == '\r')) {
        rest_.remove_prefix(1);
    }
}

char NestedCursor::peek() noexcept {
    blanks();
    return rest_.empty() ? '\0' : rest_.front();
}

bool NestedCursor::take(char c) noexcept {
    if (peek() != c || rest_.empty()) {
        return false;
    }
    rest_.remove_prefix(1);
    return true;
}

bool NestedCursor::quoted(std::string_view& text) {
    const char quote = peek();
    if (quote == '\'') {
        const std::size_t plain = rest_.find_first_of("'\\", 1);
        if (plain != std::string_view::npos && rest_[plain] == '\'' && !rest_.substr(plain + 1).starts_with('\'')) {
            text = rest_.substr(1, plain - 1);
            rest_.remove_prefix(plain + 1);
            return true;
        }
        std::string& out = texts_.emplace_front();
        const std::size_t end = read_clickhouse_text(rest_.substr(1), out);
        if (end == std::string_view::npos) {
            return false;
        }
        rest_.remove_prefix(end + 1);
        text = out;
        return true;
    }
    const std::size_t end = quote == '"' ? end_of_quoted(rest_) : std::string_view::npos;
    if (end == std::string_view::npos) {
        return false;
    }
    text = rest_.substr(1, end - 2);
    rest_.remove_prefix(end);
    if (text.find('\\') != std::string_view::npos) {
        std::string& out = texts_.emplace_front(text.size(), '\0');
        const std::size_t size = unescape_json(text, out.data());
        if (size == std::string_view::npos) {
            return false;
        }
        text = std::string_view(out).substr(0, size);
    }
    return true;
}

bool NestedCursor::nested(Field& field) {
    std::vector<char> closing;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
        const char c = rest_[i];
        if (c == '"' || c == '\'') {
            const std::size_t end = end_of_quoted(rest_.substr(i));
            if (end == std::string_view::npos) {
                return false;
            }
            i += end - 1;
        } else if (c == '[' || c == '{' || c == '(') {
            closing.push_back(c == '[' ? ']' : c == '{' ? '}' : ')');
            if (closing.size() > deepest) {
                return false;
            }
        } else if (c == ']' || c == '}' || c == ')') {
            if (c != closing.back()) {
                return false;
            }
            closing.pop_back();
            if (closing.empty()) {
                field = {Field::Kind::nested, rest_.substr(0, i + 1)};
                rest_.remove_prefix(i + 1);
                return true;
            }
        }
    }
    return false;
}

bool NestedCursor::bare(Field& field) {
    std::size_t end = 0;
    while (end < rest_.size() && !ends_bare(rest_[end])) {
        ++end;
    }
    // Times are written without quotes by nobody, so a colon ends a key.
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (core::equal_ignoring_case(text, "null")) {
        field = {Field::Kind::null, {}};
    } else {
        field = {text == "true" || text == "false" ? Field::Kind::boolean : Field::Kind::text, text};
    }
    return !text.empty();
}

bool NestedCursor::leaf(Field& field) {
    switch (peek()) {
        case '"':
        case '\'':
            field.kind = Field::Kind::text;
            return quoted(field.text);
        case '[':
        case '{':
        case '(':
            return nested(field);
        default:
            return bare(field);
    }
}

void append_quoted(std::string& out, std::string_view text) {
    out += '\'';
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    out += '\'';
}

}  // namespace tinybird_cdk::local::ingest
