// SPDX-License-Identifier: Apache-2.0
#include "encode/parquet/nested_json.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/utf8.hpp"
#include "encode/shown.hpp"

namespace tinybird_cdk::encode::parquet {

namespace {

/// Walks a document that is known to be valid along the type of the column, which bounds its depth.
class Walk {
public:
    explicit Walk(std::string_view json) : json_(json) {}

    void value(ColumnBuilder& column) {
        skip_space();
        switch (column.stored()) {
            case Stored::list:
                list(column);
                return;
            case Stored::record:
                record(column);
                return;
            case Stored::map:
                map(column);
                return;
            default:
                break;
        }
        const char first = peek();
        if (first == '"') {
            column.text(string());
        } else if (first == '[' || first == '{') {
            // JSON inside: its own text is the value, where the column takes text.
            const std::string_view document = container();
            if (column.stored() != Stored::text) {
                refuse(column, document);
            }
            column.text(document);
        } else if (const std::string_view word = bare_word(); word == "null") {
            if (!column.rule().nullable) {
                refuse(column, word);
            }
            column.null();
        } else {
            column.text(word);
        }
    }

private:
    [[noreturn]] static void refuse(const ColumnBuilder& column, std::string_view what) {
        throw Unstorable{fmt::format("{} is no {}", shown(what), column.rule().type),
                         "Convert it in the query, or change the type of the data source's column."};
    }

    [[nodiscard]] char peek() const noexcept { return at_ < json_.size() ? json_[at_] : '\0'; }
    void skip_space() noexcept {
        while (peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r') {
            ++at_;
        }
    }
    /// Takes `c`, if it comes next.
    bool take(char c) noexcept {
        skip_space();
        if (peek() != c) {
            return false;
        }
        ++at_;
        return true;
    }
    void expect(ColumnBuilder& column, char opening) {
        if (!take(opening)) {
            refuse(column, json_.substr(at_));
        }
    }

    void list(ColumnBuilder& column) {
        expect(column, '[');
        ColumnBuilder& element = column.parts().front();
        for (bool more = !take(']'); more; more = !take(']')) {
            value(element);
            take(',');
        }
        column.end_nested();
    }

    void record(ColumnBuilder& column) {
        std::vector<ColumnBuilder>& members = column.parts();
        if (take('[')) {
            std::size_t place = 0;
            for (bool more = !take(']'); more; more = !take(']')) {
                if (place == members.size()) {
                    refuse(column, json_);
                }
                value(members[place++]);
                take(',');
            }
            if (place != members.size()) {
                refuse(column, json_);
            }
        } else {
            named_record(column, members);
        }
        column.end_nested();
    }

    void named_record(ColumnBuilder& column, std::vector<ColumnBuilder>& members) {
        expect(column, '{');
        std::vector<bool> seen(members.size(), false);
        for (bool more = !take('}'); more; more = !take('}')) {
            skip_space();
            const std::string name = string();
            take(':');
            std::size_t place = 0;
            while (place < members.size() && member_name(column.rule(), place) != name) {
                ++place;
            }
            if (place == members.size() || seen[place]) {
                refuse(column, json_);
            }
            seen[place] = true;
            value(members[place]);
            take(',');
        }
        for (const bool there : seen) {
            if (!there) {
                refuse(column, json_);
            }
        }
    }

    void map(ColumnBuilder& column) {
        expect(column, '{');
        for (bool more = !take('}'); more; more = !take('}')) {
            skip_space();
            column.parts()[0].text(string());
            take(':');
            value(column.parts()[1]);
            take(',');
            column.end_entry();
        }
        column.end_nested();
    }

    /// A string without its quotes and escapes.
    std::string string() {
        std::string text;
        ++at_;
        while (at_ < json_.size() && json_[at_] != '"') {
            const std::size_t plain = std::min(json_.find_first_of("\"\\", at_), json_.size());
            text += json_.substr(at_, plain - at_);
            at_ = plain;
            if (peek() == '\\') {
                escape(text);
            }
        }
        ++at_;
        return text;
    }

    void escape(std::string& text) {
        ++at_;
        const char c = json_[at_++];
        switch (c) {
            case 'b':
                text += '\b';
                return;
            case 'f':
                text += '\f';
                return;
            case 'n':
                text += '\n';
                return;
            case 'r':
                text += '\r';
                return;
            case 't':
                text += '\t';
                return;
            case 'u':
                break;
            default:
                text += c;
                return;
        }
        std::uint32_t code = hex();
        constexpr std::uint32_t first_high = 0xD800;
        constexpr std::uint32_t first_low = 0xDC00;
        constexpr std::uint32_t behind_low = 0xE000;
        if (code >= first_high && code < first_low && json_.substr(at_, 2) == "\\u") {
            at_ += 2;
            const std::uint32_t low = hex();
            if (low >= first_low && low < behind_low) {
                code = 0x10000 + ((code - first_high) << 10) + (low - first_low);
            }
        }
        core::append_utf8(text, code);
    }

    std::uint32_t hex() {
        std::uint32_t code = 0;
        const std::string_view digits = json_.substr(at_, 4);
        std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        at_ += digits.size();
        return code;
    }

    /// A list or an object, as it stands.
    std::string_view container() {
        const std::size_t begin = at_;
        std::size_t depth = 0;
        do {
            const char c = peek();
            if (c == '"') {
                string();
                continue;
            }
            ++at_;
            if (c == '[' || c == '{') {
                ++depth;
            } else if (c == ']' || c == '}') {
                --depth;
            }
        } while (depth > 0 && at_ < json_.size());
        return json_.substr(begin, at_ - begin);
    }

    /// A number, true, false or null.
    std::string_view bare_word() {
        const std::size_t begin = at_;
        at_ = std::min(json_.find_first_of(",]}: \n\t\r", at_), json_.size());
        return json_.substr(begin, at_ - begin);
    }

    const std::string_view json_;
    std::size_t at_ = 0;
};

}  // namespace

void append_json(ColumnBuilder& column, std::string_view json) {
    Walk(json).value(column);
}

}  // namespace tinybird_cdk::encode::parquet
