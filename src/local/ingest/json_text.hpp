// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace tinybird_cdk::local::ingest {

/// Writes the text of a JSON string (what stands between its quotes) without its escapes.
/// @param out room for as many bytes as the string has; may be where the string itself is, for it never grows
/// @return how many bytes; npos when an escape is none or a surrogate has no other
std::size_t unescape_json(std::string_view string, char* out) noexcept;

enum class Scan {
    ok,
    bad,  ///< no JSON
    more  ///< the text ends in the middle
};

/// A strict reader of JSON (RFC 8259) that only finds where things end.
class JsonScanner {
public:
    explicit JsonScanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

    [[nodiscard]] const char* position() const noexcept { return at_; }
    void move_to(const char* position) noexcept { at_ = position; }
    [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }
    [[nodiscard]] char peek() const noexcept { return *at_; }
    void skip(std::size_t count = 1) noexcept { at_ += count; }
    void blanks() noexcept;
    /// Takes a string with its quotes. @param content what is between them, @param escaped whether it has escapes
    Scan string(std::string_view& content, bool& escaped) noexcept;
    /// Takes a number, true, false or null.
    Scan token(std::string_view& text) noexcept;
    /// Takes any value. @param depth how many arrays and objects are around it
    Scan value(unsigned depth = 0) noexcept;
    Scan expect(char c) noexcept;

private:
    Scan container(char closing, unsigned depth) noexcept;

    const char* at_;
    const char* end_;
};

}  // namespace tinybird_cdk::local::ingest
