// SPDX-License-Identifier: Apache-2.0
#include "core/credentials.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/text.hpp"

namespace tinybird_cdk::core {

namespace {

constexpr std::size_t npos = std::string_view::npos;

/// Longer names are not looked at in whole, so that a long text without any delimiter costs no square.
constexpr std::size_t longest_name = 64;

bool is_name_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t';
}

bool is_quote(char c) noexcept {
    return c == '"' || c == '\'';
}

/// The position of the first character out of `set` from `begin` on; the size when there is none.
std::size_t find_any(std::string_view text, std::string_view set, std::size_t begin) noexcept {
    return std::min(text.find_first_of(set, begin), text.size());
}

std::size_t skip_blanks(std::string_view text, std::size_t position) noexcept {
    while (position < text.size() && is_blank(text[position])) {
        ++position;
    }
    return position;
}

void add(std::vector<TextRange>& ranges, std::size_t begin, std::size_t end) {
    if (begin < end) {
        ranges.push_back({begin, end});
    }
}

/// Whether a name says that its value is a secret: "token", "X-Amz-Signature", "PGPASSWORD", "sasl_password".
bool names_a_secret(std::string_view name) {
    constexpr std::array<std::string_view, 3> whole{"sig", "pass", "pw"};
    constexpr std::array<std::string_view, 15> endings{
        "password",  "passwd",     "passphrase", "pwd",        "token",      "secret",      "signature", "apikey",
        "accesskey", "access_key", "secretkey",  "secret_key", "accountkey", "private_key", "api_key"};
    std::string plain = to_lower(name);
    std::replace(plain.begin(), plain.end(), '-', '_');
    return std::find(whole.begin(), whole.end(), plain) != whole.end() ||
           std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return plain.ends_with(ending); });
}

/// scheme://user:password@host, where the password may hold what it should have encoded.
class UrlPasswords {
public:
    UrlPasswords(std::string_view text, std::vector<TextRange>& ranges) : text_(text), ranges_(ranges) {}

    void find() {
        std::size_t position = 0;
        while ((position = text_.find("://", position)) != npos) {
            const std::size_t begin = position + 3;
            if (const std::size_t at = end_of_userinfo(begin); at != npos) {
                add_userinfo(position, begin, at);
            }
            position = begin;
        }
    }

private:
    /// The position of the @ behind the password; npos when there is none.
    std::size_t end_of_userinfo(std::size_t begin) {
        const std::size_t authority_end = find_any(text_, "/?# \t\r\n\"'<>", begin);
        const std::size_t at = text_.substr(begin, authority_end - begin).rfind('@');
        if (at != npos) {
            return begin + at;
        }
        // A / ? # or quote may be part of a password that is not encoded as it should be, as in user:pa/ss@host.
        const std::string_view authority = text_.substr(begin, authority_end - begin);
        const std::size_t colon = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
        if (colon == npos) {
            return npos;
        }
        const std::size_t behind = begin + colon + 1;
        const std::size_t digits_end = std::min(text_.find_first_not_of("0123456789", behind), text_.size());
        if (digits_end == authority_end && digits_end > behind) {
            return npos;  // host:port
        }
        look_at_word(behind);
        return last_at_ >= behind && last_at_ != npos ? last_at_ : npos;
    }

    /// Remembers the last @ before the next blank, for many URLs may stand in one word.
    void look_at_word(std::size_t position) {
        if (position < word_end_) {
            return;
        }
        word_end_ = find_any(text_, " \t\r\n", position);
        const std::size_t at = text_.substr(position, word_end_ - position).rfind('@');
        last_at_ = at == npos ? npos : position + at;
    }

    void add_userinfo(std::size_t scheme_end, std::size_t begin, std::size_t at) {
        const std::string_view userinfo = text_.substr(begin, at - begin);
        const std::size_t colon = userinfo.find(':');
        if (colon != npos && colon + 1 < userinfo.size()) {
            add(ranges_, begin + colon + 1, at);
        } else if (is_http(scheme_end)) {
            // https://token@host and https://token:@host: what stands for the user is the credential.
            add(ranges_, begin, begin + std::min(colon, userinfo.size()));
        }
    }

    [[nodiscard]] bool is_http(std::size_t scheme_end) const {
        const std::string lower = to_lower(
            text_.substr(scheme_end - std::min<std::size_t>(scheme_end, 5), std::min<std::size_t>(scheme_end, 5)));
        return lower.ends_with("http") || lower == "https";
    }

    std::string_view text_;
    std::vector<TextRange>& ranges_;
    std::size_t word_end_ = 0;
    std::size_t last_at_ = npos;
};

/// name=value, name='value', "name": "value", and name%3Dvalue of a URL inside a URL.
class NamedSecrets {
public:
    NamedSecrets(std::string_view text, std::vector<TextRange>& ranges) : text_(text), ranges_(ranges) {}

    void find() {
        std::size_t position = 0;
        while ((position = text_.find_first_of("=:%", position)) != npos) {
            const bool encoded = text_[position] == '%';
            const std::size_t value = position + (encoded ? 3 : 1);
            if (encoded && !equal_ignoring_case(text_.substr(position, 3), "%3D")) {
                ++position;
                continue;
            }
            if (!names_a_secret(name_before(position))) {
                ++position;
                continue;
            }
            position = encoded ? encoded_value(value) : plain_value(skip_blanks(text_, value));
        }
    }

private:
    /// The name in front of a separator; empty where the separator separates no name from a value.
    [[nodiscard]] std::string_view name_before(std::size_t separator) const {
        std::size_t end = separator;
        while (end > 0 && separator - end < longest_name && is_blank(text_[end - 1])) {
            --end;
        }
        const bool quoted = end > 0 && is_quote(text_[end - 1]);
        if (quoted) {
            --end;
            end -= end > 0 && text_[end - 1] == '\\' ? 1U : 0U;
        } else if (text_[separator] == ':') {
            return {};  // JSON's names are quoted; "token: unexpected" is prose
        }
        std::size_t begin = end;
        while (begin > 0 && end - begin < longest_name && is_name_character(text_[begin - 1])) {
            --begin;
        }
        // What ends in %26 and %3F begins behind it.
        if (begin > 0 && text_[begin - 1] == '%') {
            begin = std::min(begin + 2, end);
        }
        return text_.substr(begin, end - begin);
    }

    std::size_t encoded_value(std::size_t begin) {
        std::size_t end = begin;
        while (end < text_.size() && std::string_view("& \t\r\n\"'<>").find(text_[end]) == npos &&
               text_.compare(end, 3, "%26") != 0) {
            ++end;
        }
        add(ranges_, begin, end);
        return end;
    }

    std::size_t plain_value(std::size_t begin) {
        if (begin >= text_.size()) {
            return begin;
        }
        const char first = text_[begin];
        if (first == '\\' && begin + 1 < text_.size() && is_quote(text_[begin + 1])) {
            // A quoted value inside a text that is quoted itself.
            return until(begin + 2, std::array{'\\', text_[begin + 1]});
        }
        if (is_quote(first)) {
            return quoted_value(begin + 1, first);
        }
        if (first == '{') {
            return until(begin + 1, std::array{'}'});  // ODBC
        }
        std::size_t end = begin;
        while (end < text_.size() && !ends_value(end)) {
            ++end;
        }
        add(ranges_, begin, end);
        return end;
    }

    template <std::size_t Size>
    std::size_t until(std::size_t begin, const std::array<char, Size>& closing) {
        const std::size_t end = std::min(text_.find(std::string_view(closing.data(), Size), begin), text_.size());
        add(ranges_, begin, end);
        return end;
    }

    /// A quote inside is escaped (libpq) or doubled (SQL).
    std::size_t quoted_value(std::size_t begin, char quote) {
        std::size_t end = begin;
        while (end < text_.size()) {
            const bool doubled = text_[end] == quote && end + 1 < text_.size() && text_[end + 1] == quote;
            if (text_[end] == quote && !doubled) {
                break;
            }
            end += doubled || text_[end] == '\\' ? 2U : 1U;
        }
        end = std::min(end, text_.size());
        add(ranges_, begin, end);
        return end;
    }

    /// `;` and `,` end a value where a blank or another assignment follows, else they may be part of a password.
    [[nodiscard]] bool ends_value(std::size_t position) const {
        const char c = text_[position];
        if (c != ';' && c != ',') {
            return std::string_view("& \t\r\n\"'<>").find(c) != npos;
        }
        std::size_t end = position + 1;
        while (end < text_.size() && end - position < longest_name && is_name_character(text_[end])) {
            ++end;
        }
        return end == position + 1 ? end == text_.size() || is_blank(text_[end])
                                   : end < text_.size() && text_[end] == '=';
    }

    std::string_view text_;
    std::vector<TextRange>& ranges_;
};

/// "Authorization: Bearer x" and "Bearer x".
void find_authorizations(std::string_view text, std::vector<TextRange>& ranges) {
    constexpr std::string_view ends = " \t\r\n\"',;\\";
    constexpr std::size_t shortest_token = 8;  // shorter words behind "bearer" are prose
    const std::string lower = to_lower(text);
    std::size_t position = 0;
    while ((position = lower.find("bearer", position)) != npos) {
        position += 6;
        const std::size_t begin = skip_blanks(text, position);
        if (begin > position) {
            position = find_any(text, ends, begin);
            if (position - begin >= shortest_token) {
                add(ranges, begin, position);
            }
        }
    }
    position = 0;
    while ((position = lower.find("authorization", position)) != npos) {
        position += 13;
        std::size_t begin = position;
        while (begin < text.size() && (is_quote(text[begin]) || text[begin] == '\\')) {
            ++begin;
        }
        begin = skip_blanks(text, begin);
        if (begin >= text.size() || (text[begin] != ':' && text[begin] != '=')) {
            continue;
        }
        begin = skip_blanks(text, begin + 1);
        while (begin < text.size() && (is_quote(text[begin]) || text[begin] == '\\')) {
            ++begin;
        }
        std::size_t end = find_any(text, ends, begin);
        if (end < text.size() && is_blank(text[end])) {
            // The scheme stays readable.
            begin = skip_blanks(text, end);
            end = find_any(text, ends, begin);
        }
        add(ranges, begin, end);
        position = end;
    }
}

/// Tinybird's tokens: "p." and a JSON document in base64url, which begins with {" and so with eyJ.
void find_tokens(std::string_view text, std::vector<TextRange>& ranges) {
    std::size_t position = 0;
    while ((position = text.find("p.eyJ", position)) != npos) {
        std::size_t end = position + 5;
        while (end < text.size() && (is_name_character(text[end]) || text[end] == '.')) {
            ++end;
        }
        add(ranges, position, end);
        position = end;
    }
}

}  // namespace

std::vector<TextRange> find_credentials(std::string_view text) {
    std::vector<TextRange> ranges;
    UrlPasswords(text, ranges).find();
    NamedSecrets(text, ranges).find();
    find_authorizations(text, ranges);
    find_tokens(text, ranges);
    return ranges;
}

}  // namespace tinybird_cdk::core
