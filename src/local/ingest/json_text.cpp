// SPDX-License-Identifier: Apache-2.0
#include "local/ingest/json_text.hpp"

#include <array>
#include <cstring>

#include "core/json_reader.hpp"

namespace tinybird_cdk::local::ingest {

namespace {

constexpr unsigned deepest = 500;

/// What ends a plain piece of a string: quote, backslash, control characters.
constexpr std::array<bool, 256> make_special() {
    std::array<bool, 256> special{};
    for (std::size_t i = 0; i < 0x20; ++i) {
        special.at(i) = true;
    }
    special.at('"') = true;
    special.at('\\') = true;
    return special;
}
constexpr std::array<bool, 256> special = make_special();

/// @return a number beyond 0xFFFF when there are no four digits
unsigned four_hex_digits(std::string_view text) noexcept {
    constexpr unsigned none = 0x10000;
    unsigned value = 0;
    if (text.size() < 4) {
        return none;
    }
    for (const char c : text.substr(0, 4)) {
        const char lower = static_cast<char>(c | 0x20);
        if (c >= '0' && c <= '9') {
            value = value * 16 + static_cast<unsigned>(c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            value = value * 16 + static_cast<unsigned>(lower - 'a' + 10);
        } else {
            return none;
        }
    }
    return value;
}

char* put_utf8(char* out, unsigned code) noexcept {
    const auto put = [&](unsigned byte) { *out++ = static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | code >> 6U);
        put(0x80 | (code & 0x3FU));
    } else if (code < 0x10000) {
        put(0xE0 | code >> 12U);
        put(0x80 | (code >> 6U & 0x3FU));
        put(0x80 | (code & 0x3FU));
    } else {
        put(0xF0 | code >> 18U);
        put(0x80 | (code >> 12U & 0x3FU));
        put(0x80 | (code >> 6U & 0x3FU));
        put(0x80 | (code & 0x3FU));
    }
    return out;
}

/// The character of one letter behind a backslash; \0 for none.
char short_escape(char c) noexcept {
    switch (c) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case '"':
        case '\\':
        case '/':
            return c;
        default:
            return '\0';
    }
}

}  // namespace

std::size_t unescape_json(std::string_view string, char* out) noexcept {
    char* const begin = out;
    while (!string.empty()) {
        const auto* const backslash = static_cast<const char*>(std::memchr(string.data(), '\\', string.size()));
        const std::size_t plain =
            backslash == nullptr ? string.size() : static_cast<std::size_t>(backslash - string.data());
        std::memmove(out, string.data(), plain);
        out += plain;
        string.remove_prefix(plain);
        if (string.empty()) {
            break;
        }
        if (string.size() < 2) {
            return std::string_view::npos;
        }
        if (string[1] != 'u') {
            const char c = short_escape(string[1]);
            if (c == '\0') {
                return std::string_view::npos;
            }
            *out++ = c;
            string.remove_prefix(2);
            continue;
        }
        unsigned code = four_hex_digits(string.substr(2));
        if (code > 0xFFFF || (code >= 0xDC00 && code < 0xE000)) {
            return std::string_view::npos;
        }
        string.remove_prefix(6);
        if (code >= 0xD800 && code < 0xDC00) {
            const unsigned low = string.starts_with("\\u") ? four_hex_digits(string.substr(2)) : 0;
            if (low < 0xDC00 || low >= 0xE000) {
                return std::string_view::npos;
            }
            code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
            string.remove_prefix(6);
        }
        out = put_utf8(out, code);
    }
    return static_cast<std::size_t>(out - begin);
}

void JsonScanner::blanks() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) {
        ++at_;
    }
}

Scan JsonScanner::expect(char c) noexcept {
    blanks();
    if (at_ == end_) {
        return Scan::more;
    }
    if (*at_ != c) {
        return Scan::bad;
    }
    ++at_;
    return Scan::ok;
}

Scan JsonScanner::string(std::string_view& content, bool& escaped) noexcept {
    if (at_ == end_) {
        return Scan::more;
    }
    if (*at_ != '"') {
        return Scan::bad;
    }
    const char* c = at_ + 1;
    const char* const begin = c;
    escaped = false;
    for (;; ++c) {
        while (c != end_ && !special[static_cast<unsigned char>(*c)]) {
            ++c;
        }
        if (c == end_) {
            return Scan::more;
        }
        if (*c == '"') {
            content = {begin, static_cast<std::size_t>(c - begin)};
            at_ = c + 1;
            return Scan::ok;
        }
        if (*c != '\\') {
            return Scan::bad;
        }
        escaped = true;
        if (++c == end_) {
            return Scan::more;
        }
        if (static_cast<unsigned char>(*c) < 0x20) {
            return Scan::bad;
        }
    }
}

Scan JsonScanner::token(std::string_view& text) noexcept {
    const char* c = at_;
    while (c != end_ && *c != ',' && *c != '}' && *c != ']' && static_cast<unsigned char>(*c) > ' ') {
        ++c;
    }
    if (c == end_) {
        return Scan::more;
    }
    text = {at_, static_cast<std::size_t>(c - at_)};
    if (text != "true" && text != "false" && text != "null" && !core::is_json_number(text)) {
        return Scan::bad;
    }
    at_ = c;
    return Scan::ok;
}

Scan JsonScanner::value(unsigned depth) noexcept {
    blanks();
    if (at_ == end_) {
        return Scan::more;
    }
    std::string_view text;
    bool escaped = false;
    switch (*at_) {
        case '"':
            return string(text, escaped);
        case '[':
            return depth < deepest ? container(']', depth) : Scan::bad;
        case '{':
            return depth < deepest ? container('}', depth) : Scan::bad;
        default:
            return token(text);
    }
}

Scan JsonScanner::container(char closing, unsigned depth) noexcept {
    ++at_;
    blanks();
    if (at_ == end_) {
        return Scan::more;
    }
    if (*at_ == closing) {
        ++at_;
        return Scan::ok;
    }
    for (;;) {
        if (closing == '}') {
            std::string_view name;
            bool escaped = false;
            blanks();
            if (const Scan scan = string(name, escaped); scan != Scan::ok) {
                return scan;
            }
            if (const Scan scan = expect(':'); scan != Scan::ok) {
                return scan;
            }
        }
        if (const Scan scan = value(depth + 1); scan != Scan::ok) {
            return scan;
        }
        blanks();
        if (at_ == end_) {
            return Scan::more;
        }
        if (*at_ != ',' && *at_ != closing) {
            return Scan::bad;
        }
        if (*at_++ == closing) {
            return Scan::ok;
        }
    }
}

}  // namespace tinybird_cdk::local::ingest
