// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "encode/numbers.hpp"

namespace tinybird_cdk::encode {

/// How a number stands where there are quotes.
enum class Quoting : std::uint8_t {
    bare,
    exact,  ///< as a string in JSON, whose readers may take a number through a double; bare elsewhere
    text    ///< as a string, for a target of text
};

/// The text of a nested value while it is being built. A container inside another may have a notation of its own:
/// it then becomes a string of the outer one, as a list does that goes into an element of text.
class NestedText {
public:
    enum class Notation : std::uint8_t {
        json,
        clickhouse,  ///< `[1,NULL,'x']`, `(1,'a')`, `{'k':1}`: what ClickHouse's CSV reader takes inside a field
        csv_fields   ///< a tuple's members as CSV fields of their own: how ClickHouse reads a tuple in CSV
    };
    enum class Container : std::uint8_t {
        list,
        record,
        positional_record,  ///< in JSON an array, for a tuple without names; as `record` elsewhere
        map
    };

    [[nodiscard]] bool open() const noexcept { return !stack_.empty(); }
    [[nodiscard]] Container innermost() const noexcept { return stack_.back().container; }
    [[nodiscard]] Notation notation() const noexcept { return stack_.back().notation; }
    /// How many values the innermost container has so far; keys of a map count.
    [[nodiscard]] std::size_t count() const noexcept { return stack_.back().count; }
    /// The next value is the key of a map.
    [[nodiscard]] bool at_key() const noexcept {
        return stack_.back().container == Container::map && stack_.back().count % 2 == 0;
    }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

    /// @param as_string what follows, up to its end, is a string of the container around it
    void begin(Container container, Notation notation, bool as_string);
    /// Closes the innermost container. @return its text, where it is a string of the container around it
    std::optional<std::string> end();
    /// The name of the next member of a record, and its place in the target where that is known.
    void field(std::string_view name, std::size_t place);

    void null();
    /// A number as its digits, or true or false.
    void digits(std::string_view text, Quoting quoting);
    template <class Number>
    void number(Number value, Quoting quoting) {
        char text[longest_number_text];
        digits({text, static_cast<std::size_t>(write_number(text, value) - text)}, quoting);
    }
    /// Something that needs no escapes: a date, a UUID.
    void token(std::string_view text);
    void string(std::string_view text);
    /// A JSON document as a value; a string where the notation is not JSON.
    void json(std::string_view document);

    /// Makes ready for the next value.
    void clear() noexcept { text_.clear(); }

private:
    struct Open {
        Container container;
        Notation notation;
        bool as_string;
        std::size_t count = 0;
        std::size_t start = 0;   ///< where its text begins
        std::size_t places = 0;  ///< how many entries places_ had before
    };
    struct Member {
        std::size_t place;
        std::size_t start;
    };

    [[nodiscard]] bool json_object(const Open& open) const noexcept {
        return open.notation == Notation::json && open.container == Container::record;
    }
    /// Separators before a value.
    void separate();
    void quote(std::string_view text, Notation notation);
    /// Puts the members of a record where the target has them.
    void order_members(const Open& open);

    std::string text_;
    std::vector<Open> stack_;
    std::vector<Member> members_;
};

}  // namespace tinybird_cdk::encode
