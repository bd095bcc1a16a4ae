// SPDX-License-Identifier: Apache-2.0
#include "core/json_reader.hpp"

#include <cstdint>
#include <utility>
#include <vector>

#include "core/utf8.hpp"

namespace tinybird_cdk::core {

namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

std::size_t digits_at(std::string_view text, std::size_t position) noexcept {
    std::size_t end = position;
    while (end < text.size() && is_digit(text[end])) {
        ++end;
    }
    return end - position;
}

/// The length of the number at the begin of `text`; 0 when there is none.
std::size_t number_length(std::string_view text) noexcept {
    std::size_t i = text.starts_with('-') ? 1 : 0;
    const std::size_t whole = digits_at(text, i);
    if (whole == 0 || (whole > 1 && text[i] == '0')) {
        return 0;
    }
    i += whole;
    if (i < text.size() && text[i] == '.') {
        const std::size_t fraction = digits_at(text, i + 1);
        if (fraction == 0) {
            return 0;
        }
        i += 1 + fraction;
    }
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && (text[i] == '+' || text[i] == '-')) {
            ++i;
        }
        const std::size_t exponent = digits_at(text, i);
        if (exponent == 0) {
            return 0;
        }
        i += exponent;
    }
    return i;
}

class Reader {
public:
    Reader(std::string_view text, JsonEvents& events, std::size_t deepest)
        : text_(text), events_(events), deepest_(deepest) {}

    std::optional<JsonFailure> run() {
        // A byte order mark may be ignored (RFC 8259 §8.1).
        if (text_.starts_with("\xEF\xBB\xBF")) {
            position_ = 3;
        }
        bool ok = value();
        while (ok && !open_.empty()) {
            ok = open_.back() ? next_member() : next_element();
        }
        skip_blanks();
        if (ok && position_ < text_.size()) {
            ok = fail("something follows the document");
        }
        return ok ? std::nullopt : std::optional(failure_);
    }

private:
    bool fail_at(std::size_t position, std::string_view reason) {
        failure_ = {position, reason};
        return false;
    }
    bool fail(std::string_view reason) {
        return fail_at(position_, position_ < text_.size() ? reason : "the text ends too early");
    }

    void skip_blanks() {
        while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t' ||
                                            text_[position_] == '\n' || text_[position_] == '\r')) {
            ++position_;
        }
    }

    bool take(char c) {
        skip_blanks();
        if (position_ < text_.size() && text_[position_] == c) {
            ++position_;
            return true;
        }
        return false;
    }

    bool take_word(std::string_view word) {
        if (text_.substr(position_, word.size()) != word) {
            return fail("expected a value");
        }
        position_ += word.size();
        return true;
    }

    /// Reads a whole value, or the begin of an array or object, which goes onto the stack.
    bool value() {
        skip_blanks();
        switch (position_ < text_.size() ? text_[position_] : '\0') {
            case '{':
                return open(true);
            case '[':
                return open(false);
            case '"': {
                std::string text;
                if (!string(text)) {
                    return false;
                }
                events_.string(std::move(text));
                return true;
            }
            case 't':
                return take_word("true") && (events_.boolean(true), true);
            case 'f':
                return take_word("false") && (events_.boolean(false), true);
            case 'n':
                return take_word("null") && (events_.null(), true);
            default:
                return number();
        }
    }

    bool number() {
        const std::size_t length = number_length(text_.substr(position_));
        if (length == 0) {
            return fail("expected a value");
        }
        events_.number(text_.substr(position_, length));
        position_ += length;
        return true;
    }

    bool open(bool object) {
        if (open_.size() >= deepest_) {
            return fail("it is nested too deep");
        }
        ++position_;
        open_.push_back(object);
        first_ = true;
        if (object) {
            events_.begin_object();
        } else {
            events_.begin_array();
        }
        return true;
    }

    /// The end of the container, or the way to its next value. @return nothing when a value must follow
    std::optional<bool> closed_or_comma(char closing) {
        const bool first = std::exchange(first_, false);
        if (take(closing)) {
            open_.pop_back();
            return true;
        }
        if (!first && !take(',')) {
            return fail(closing == '}' ? "expected , or }" : "expected , or ]");
        }
        return std::nullopt;
    }

    bool next_element() {
        if (const auto done = closed_or_comma(']')) {
            if (*done) {
                events_.end_array();
            }
            return *done;
        }
        return value();
    }

    bool next_member() {
        if (const auto done = closed_or_comma('}')) {
            if (*done) {
                events_.end_object();
            }
            return *done;
        }
        skip_blanks();
        if (position_ >= text_.size() || text_[position_] != '"') {
            return fail("expected a name in quotes");
        }
        std::string name;
        if (!string(name)) {
            return false;
        }
        events_.key(std::move(name));
        return take(':') ? value() : fail("expected :");
    }

    bool string(std::string& out) {
        ++position_;
        while (position_ < text_.size()) {
            const std::size_t begin = position_;
            while (position_ < text_.size() && text_[position_] != '"' && text_[position_] != '\\' &&
                   static_cast<unsigned char>(text_[position_]) >= 0x20U) {
                ++position_;
            }
            const std::string_view run = text_.substr(begin, position_ - begin);
            if (const std::size_t bad = first_invalid_utf8(run); bad != std::string_view::npos) {
                return fail_at(begin + bad, "a string is not UTF-8");
            }
            out += run;
            if (position_ >= text_.size()) {
                break;
            }
            if (text_[position_] == '"') {
                ++position_;
                return true;
            }
            if (text_[position_] != '\\') {
                return fail("a control character in a string is not escaped");
            }
            if (!escape(out)) {
                return false;
            }
        }
        return fail("a string is not closed");
    }

    bool escape(std::string& out) {
        constexpr std::string_view letters = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        const std::size_t begin = position_++;
        if (position_ < text_.size() && text_[position_] == 'u') {
            ++position_;
            return unicode_escape(out, begin);
        }
        const std::size_t which = position_ < text_.size() ? letters.find(text_[position_]) : std::string_view::npos;
        if (which == std::string_view::npos) {
            return fail_at(begin, "an escape in a string is unknown");
        }
        out += meanings[which];
        ++position_;
        return true;
    }

    std::optional<std::uint32_t> four_hex_digits() {
        if (text_.size() - position_ < 4) {
            return std::nullopt;
        }
        std::uint32_t code = 0;
        for (const char c : text_.substr(position_, 4)) {
            const auto digit = std::string_view("0123456789abcdefABCDEF").find(c);
            if (digit == std::string_view::npos) {
                return std::nullopt;
            }
            code = code * 16 + static_cast<std::uint32_t>(digit < 16 ? digit : digit - 6);
        }
        position_ += 4;
        return code;
    }

    bool unicode_escape(std::string& out, std::size_t begin) {
        const auto first = four_hex_digits();
        if (!first) {
            return fail_at(begin, "\\u needs four hexadecimal digits");
        }
        std::uint32_t code = *first;
        if (code >= 0xD800U && code <= 0xDFFFU) {
            std::optional<std::uint32_t> second;
            if (code < 0xDC00U && text_.substr(position_, 2) == "\\u") {
                position_ += 2;
                second = four_hex_digits();
            }
            if (!second || *second < 0xDC00U || *second > 0xDFFFU) {
                return fail_at(begin, "half a surrogate pair stands alone");
            }
            code = 0x10000U + ((code - 0xD800U) << 10U) + (*second - 0xDC00U);
        }
        append_utf8(out, code);
        return true;
    }

    std::string_view text_;
    JsonEvents& events_;
    std::size_t deepest_;
    std::size_t position_ = 0;
    std::vector<bool> open_;  ///< true for an object, false for an array
    bool first_ = false;      ///< the container was just opened
    JsonFailure failure_;
};

}  // namespace

std::optional<JsonFailure> read_json(std::string_view text, JsonEvents& events, std::size_t deepest) {
    return Reader(text, events, deepest).run();
}

bool is_json_number(std::string_view text) noexcept {
    const std::size_t length = number_length(text);
    return length > 0 && length == text.size();
}

}  // namespace tinybird_cdk::core
