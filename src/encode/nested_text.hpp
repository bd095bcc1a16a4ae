// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tinybird_cdk::encode {

/// The text of a nested value while it is being built, in one of two notations: JSON, or ClickHouse's own
/// (`[1,NULL,'x']`, `(1,'a')`, `{'k':1}`), which is what its CSV reader takes inside a field.
class NestedText {
public:
    enum class Notation { clickhouse, json };
    enum class Container { list, record, map };

    explicit NestedText(Notation notation) : notation_(notation) {}

    [[nodiscard]] bool open() const noexcept { return !stack_.empty(); }
    [[nodiscard]] Container innermost() const noexcept { return stack_.back().container; }
    /// How many values the innermost container has so far; keys of a map count.
    [[nodiscard]] std::size_t count() const noexcept { return stack_.back().count; }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

    void begin(Container container);
    /// Closes the innermost container.
    void end();
    /// The name of the next member of a record.
    void field(std::string_view name);

    void null();
    /// Something that needs no quotes: a number, true, false.
    void bare(std::string_view text);
    /// Something that needs quotes but no escapes: a date, a UUID.
    void token(std::string_view text);
    void string(std::string_view text);
    /// A JSON value as it is (JSON notation only).
    void raw_json(std::string_view document);

    /// Makes ready for the next value.
    void clear() noexcept { text_.clear(); }

private:
    struct Open {
        Container container;
        std::size_t count = 0;
    };

    /// Separators before a value.
    void separate();
    /// A key of a JSON object must be a string, whatever its type.
    [[nodiscard]] bool at_json_key() const noexcept {
        return notation_ == Notation::json && !stack_.empty() && stack_.back().container == Container::map &&
               stack_.back().count % 2 == 0;
    }

    const Notation notation_;
    std::string text_;
    std::vector<Open> stack_;
};

}  // namespace tinybird_cdk::encode
