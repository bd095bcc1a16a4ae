// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

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
                result += unescaped(text_[position_++]);
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

    static char unescaped(char c) noexcept {
        switch (c) {
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case 'r':
                return '\r';
            case '0':
                return '\0';
            default:
                return c;
        }
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
        if (lower == "decimal" || lower == "numeric" || lower == "dec") {
            return parse_decimal();
        }
        if (const int digits = core::decimal_alias_precision(lower); digits > 0) {
            expect('(');
            const int scale = number(0, digits);
            expect(')');
            return Decimal(digits, scale);
        }
        if (lower == "fixedstring" || lower == "binary") {
            expect('(');
            const int bytes = number(1, std::numeric_limits<int>::max());
            expect(')');
            return FixedString(bytes);
        }
        if (lower == "datetime" || lower == "timestamp") {
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
        if (const auto kind = core::kind_of_name(lower)) {
            // VARCHAR(255), INT(11), JSON(max_dynamic_paths = 8): the arguments change nothing that the kit looks at.
            if (at_arguments()) {
                skip_arguments();
            }
            return Type(*kind);
        }
        if (at_arguments()) {
            skip_arguments();
        }
        Type other(Kind::other);
        other.text_ = std::string(text_.substr(begin, position_ - begin));
        return other;
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

    Type parse_datetime() {
        if (!take('(')) {
            return DateTime();
        }
        skip_blanks();
        std::string timezone;
        if (position_ < text_.size() && text_[position_] == '\'') {
            timezone = quoted('\'');
        }
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
            skip_blanks();
            timezone = quoted('\'');
        }
        expect(')');
        return DateTime64(precision, std::move(timezone));
    }

    Type parse_enum(std::string_view name) {
        expect('(');
        std::vector<std::pair<std::string, int>> labels;
        int next = 1;
        do {
            skip_blanks();
            std::string label = quoted('\'');
            const int value =
                take('=') ? number(std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max())
                          : next;
            next = value + 1;
            labels.emplace_back(std::move(label), value);
        } while (take(','));
        expect(')');
        return Enum(name == "enum16" ? Kind::enum16 : Kind::enum8, std::move(labels));
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
