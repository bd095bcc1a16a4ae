// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tinybird_cdk::cloud {

/// A pattern of keys, as shells have them: `*` any characters but a slash, `**` any, `?` one character but a slash,
/// `[a-z]` one of these, `[!a-z]` one but these and a slash, `\` takes the next character as it is. Characters are
/// those of UTF-8; a byte that is none counts as one. Not fnmatch(3), which knows no `**` and whose characters are
/// those of the locale. Immutable.
class Glob {
public:
    /// @throws errors::InvalidArgument for brackets that don't close, ranges that go down, and a backslash at the end
    explicit Glob(std::string_view pattern);

    /// Whether the pattern says so of the whole key. Takes pattern × key steps at most.
    [[nodiscard]] bool matches(std::string_view key) const;
    /// What all keys that match begin with: for the store's own filter.
    [[nodiscard]] const std::string& prefix() const noexcept { return prefix_; }
    /// Whether anything in it stands for something else.
    [[nodiscard]] bool has_wildcards() const noexcept { return has_wildcards_; }

private:
    struct Part {
        enum class Kind { literal, one, set, not_set, within_segment, anything };
        Kind kind = Kind::literal;
        std::vector<std::pair<std::string, std::string>> ranges{};  ///< of characters, as UTF-8, both ends included

        [[nodiscard]] bool may_repeat() const { return kind == Kind::within_segment || kind == Kind::anything; }
        [[nodiscard]] bool fits(std::string_view character) const;
    };
    static Part read_set(std::string_view pattern, std::size_t& at);

    std::vector<Part> parts_;
    std::string prefix_;
    bool has_wildcards_ = false;
};

}  // namespace tinybird_cdk::cloud
