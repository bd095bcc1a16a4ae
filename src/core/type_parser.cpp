// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/schema.hpp>

#include "core/text.hpp"
#include "core/type_names.hpp"

namespace tinybird_cdk::schema {

/// Recursive descent over a type's text. Depth is bounded, for the text may come from a server.
class TypeParser {
public:
    explicit TypeParser(std::string_view text) : text_(text) {}

    Type parse_all() {
        Type type = parse_type(0);
        skip_blanks();
        if (position_ != text_.size()) {
            fail("something follows the type");
        }
        return type;
    }

private:
    static constexpr int deepest = 64;

    [[noreturn]] void fail(std::string_view why) const {
        throw errors::InvalidArgument(fmt::format("\"{}\" is no ClickHouse type: {}", text_, why));
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

    void expect(char c) {
        if (!take(c)) {
            fail(fmt::format("expected '{}' at position {}", c, position_));
        }
    }

    static bool is_word(char c) noexcept {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }

    std::string_view word() {
        skip_blanks();
        const std::size_t begin = position_;
        while (position_ < text_.size() && is_word(text_[position_])) {
            ++position_;
        }
        return text_.substr(begin, position_ - begin);
    }

    std::string quoted(char quote) {
        expect(quote);
        std::string result;
        while (position_ < text_.size()) {
            const char c = text_[position_++];
            if (c == '\\' && position_ < text_.size()) {
                append_unescaped(result);
            } else if (c == quote && position_ < text_.size() && text_[position_] == quote) {
                result += text_[position_++];
            } else if (c == quote) {
                return result;
            } else {
                result += c;
            }
        }
        fail("a quote is not closed");
    }

    /// An escape as ClickHouse reads it in a string literal; the backslash of an unknown one stays.
    void append_unescaped(std::string& result) {
        constexpr std::string_view letters = "abefnrtv0";
        constexpr std::string_view meanings = "\a\b\x1B\f\n\r\t\v\0";
        static_assert(letters.size() == 9);
        const char c = text_[position_++];
        if (c == 'x' && position_ + 2 <= text_.size()) {
            unsigned value = 0;
            const char* const digits = text_.data() + position_;
            if (std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
                result += static_cast<char>(static_cast<unsigned char>(value));
                position_ += 2;
                return;
            }
        }
        if (const std::size_t which = letters.find(c); which != std::string_view::npos) {
            result += std::string_view(meanings.data(), letters.size())[which];
            return;
        }
        if (c != '\\' && c != '\'' && c != '"' && c != '`' && c != '/' && c != '=') {
            result += '\\';
        }
        result += c;
    }

    int number(int low, int high) {
        skip_blanks();
        int value = 0;
        const char* const end = text_.data() + text_.size();
        const auto result = std::from_chars(text_.data() + position_, end, value);
        if (result.ec != std::errc() || value < low || value > high) {
            fail(fmt::format("expected a number from {} to {} at position {}", low, high, position_));
        }
        position_ = static_cast<std::size_t>(result.ptr - text_.data());
        return value;
    }

    /// What stands between matching parentheses, quotes respected; both are consumed.
    void skip_arguments() {
        expect('(');
        int depth = 1;
        while (depth > 0) {
            if (position_ >= text_.size()) {
                fail("a parenthesis is not closed");
            }
            const char c = text_[position_];
            if (c == '\'' || c == '`' || c == '"') {
                quoted(c);
                continue;
            }
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            ++position_;
        }
    }

    bool at_arguments() {
        skip_blanks();
        return position_ < text_.size() && text_[position_] == '(';
    }

    Type parse_type(int depth) {
        if (depth > deepest) {
            fail("it is nested too deep");
        }
        skip_blanks();
        const std::size_t begin = position_;
        const std::string_view name = word();
        if (name.empty()) {
            fail(fmt::format("expected a type at position {}", position_));
        }
        const std::string lower = core::to_lower(name);
        if (lower == "nullable") {
            expect('(');
            const Type inner = parse_type(depth + 1);
            expect(')');
            return inner.with_nullable(true);
        }
        if (lower == "lowcardinality") {
            expect('(');
            const Type inner = parse_type(depth + 1);
            expect(')');
            return inner.with_low_cardinality(true);
        }
        if (lower == "decimal" || lower == "numeric" || lower == "dec" || lower == "fixed") {
            return parse_decimal();
        }
        if (const int digits = core::decimal_alias_precision(lower); digits > 0) {
            expect('(');
            const int scale = number(0, digits);
            expect(')');
            return Decimal(digits, scale);
        }
        if (lower == "fixedstring" || (lower == "binary" && at_arguments())) {
            expect('(');
            const int bytes = number(1, std::numeric_limits<int>::max());
            expect(')');
            return FixedString(bytes);
        }
        if (lower == "datetime" || lower == "datetime32" || lower == "timestamp") {
            return parse_datetime();
        }
        if (lower == "datetime64") {
            return parse_datetime64();
        }
        if (lower == "enum8" || lower == "enum16" || lower == "enum") {
            return parse_enum(lower);
        }
        if (lower == "array") {
            expect('(');
            Type element = parse_type(depth + 1);
            expect(')');
            return Array(std::move(element));
        }
        if (lower == "map") {
            expect('(');
            Type key = parse_type(depth + 1);
            expect(',');
            Type value = parse_type(depth + 1);
            expect(')');
            return Map(std::move(key), std::move(value));
        }
        if (lower == "tuple") {
            return parse_tuple(depth);
        }
        position_ = begin;
        if (const auto kind = known_name()) {
            return parse_known(*kind, begin);
        }
        word();
        if (at_arguments()) {
            skip_arguments();
        }
        return as_text(Kind::other, begin);
    }

    Type as_text(Kind kind, std::size_t begin) const {
        Type type(kind);
        type.text_ = std::string(text_.substr(begin, position_ - begin));
        return type;
    }

    /// The longest name or alias that stands here ("DOUBLE PRECISION", "CHAR VARYING"), consumed.
    std::optional<Kind> known_name() {
        std::optional<Kind> kind;
        std::size_t end = position_;
        std::string name;
        for (int words = 0; words < core::most_words_of_alias; ++words) {
            const std::string_view next = word();
            if (next.empty()) {
                break;
            }
            name += name.empty() ? "" : " ";
            name += next;
            if (const auto known = core::kind_of_name(name)) {
                kind = known;
                end = position_;
            }
        }
        position_ = end;
        return kind;
    }

    Type parse_known(Kind kind, std::size_t begin) {
        if (!at_arguments()) {
            return Type(kind);
        }
        const std::size_t name_end = position_;
        skip_arguments();
        if (kind == Kind::json) {
            return as_text(kind, begin);  // JSON(max_dynamic_paths = 8, a UInt32)
        }
        // VARCHAR(255), INT(11): the number changes nothing; in INT(11) UNSIGNED the word behind it does.
        const std::size_t end = position_;
        const std::string whole = fmt::format("{} {}", core::trim(text_.substr(begin, name_end - begin)), word());
        if (const auto longer = core::kind_of_name(whole)) {
            return Type(*longer);
        }
        position_ = end;
        return Type(kind);
    }

    Type parse_decimal() {
        if (!take('(')) {
            return Decimal(10, 0);
        }
        const int precision = number(1, 76);
        const int scale = take(',') ? number(0, precision) : 0;
        expect(')');
        return Decimal(precision, scale);
    }

    /// "DateTime", "DateTime('UTC')"; with a precision it is a DateTime64.
    Type parse_datetime() {
        if (!at_arguments()) {
            return DateTime();
        }
        const std::size_t begin = position_;
        expect('(');
        skip_blanks();
        if (position_ < text_.size() && text_[position_] != '\'') {
            position_ = begin;
            return parse_datetime64();
        }
        std::string timezone = quoted('\'');
        expect(')');
        return DateTime(std::move(timezone));
    }

    Type parse_datetime64() {
        if (!take('(')) {
            return DateTime64(3);
        }
        const int precision = number(0, 9);
        std::string timezone;
        if (take(',')) {
            timezone = quoted('\'');
        }
        expect(')');
        return DateTime64(precision, std::move(timezone));
    }

    Type parse_enum(std::string_view name) {
        expect('(');
        std::vector<std::pair<std::string, int>> labels;
        bool small = true;
        int next = 1;
        do {
            skip_blanks();
            std::string label = quoted('\'');
            const int value =
                take('=') ? number(std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max())
                          : next;
            next = value + 1;
            small = small && value >= std::numeric_limits<std::int8_t>::min() &&
                    value <= std::numeric_limits<std::int8_t>::max();
            labels.emplace_back(std::move(label), value);
        } while (take(','));
        expect(')');
        return Enum(name == "enum8" || (name == "enum" && small) ? Kind::enum8 : Kind::enum16, std::move(labels));
    }

    /// "Tuple(a Int32, b String)" or "Tuple(Int32, String)".
    Type parse_tuple(int depth) {
        std::vector<Type> members;
        std::vector<std::string> names;
        expect('(');
        if (!take(')')) {
            do {
                if (auto name = member_name()) {
                    names.push_back(*std::move(name));
                }
                members.push_back(parse_type(depth + 1));
            } while (take(','));
            expect(')');
        }
        if (!names.empty() && names.size() != members.size()) {
            fail("some members of a tuple have names and some have not");
        }
        return Tuple(std::move(members), std::move(names));
    }

    std::optional<std::string> member_name() {
        skip_blanks();
        if (position_ < text_.size() && (text_[position_] == '`' || text_[position_] == '"')) {
            return quoted(text_[position_]);
        }
        const std::size_t begin = position_;
        const std::string_view first = word();
        const std::size_t end = position_;
        skip_blanks();
        // A name is followed by the begin of a type; a type by a comma or a parenthesis.
        if (!first.empty() && position_ > end && position_ < text_.size() && is_word(text_[position_])) {
            return std::string(first);
        }
        position_ = begin;
        return std::nullopt;
    }

    std::string_view text_;
    std::size_t position_ = 0;
};

Type Type::parse(std::string_view text) {
    return TypeParser(text).parse_all();
}

}  // namespace tinybird_cdk::schema
