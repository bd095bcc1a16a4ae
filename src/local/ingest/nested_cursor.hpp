// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <forward_list>
#include <string>
#include <string_view>

#include "local/ingest/field.hpp"

namespace tinybird_cdk::local::ingest {

/// Walks through the text of an array, a tuple or a map, as JSON or as ClickHouse writes it: ['a',NULL], (1,'x'),
/// {'k':1}. Texts that it hands out live as long as the cursor.
class NestedCursor {
public:
    explicit NestedCursor(std::string_view text) : rest_(text) {}

    void blanks() noexcept;
    /// The next character behind blanks; \0 at the end.
    char peek() noexcept;
    /// Takes one character. @return false when another comes
    bool take(char c) noexcept;
    [[nodiscard]] bool at_end() noexcept { return peek() == '\0' && rest_.empty(); }
    /// Takes one value, whole. @return false when there is none
    bool leaf(Field& field);
    /// Takes a text in quotes of either kind.
    bool quoted(std::string_view& text);

private:
    bool nested(Field& field);
    bool bare(Field& field);

    std::string_view rest_;
    std::forward_list<std::string> texts_;  // without escapes; most cursors need none
};

/// A value in ClickHouse's notation for texts, as `NestedCursor` reads it.
void append_quoted(std::string& out, std::string_view text);

}  // namespace tinybird_cdk::local::ingest
