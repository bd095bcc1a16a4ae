// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tinybird_cdk {

/// One value of a small result: what `query_db()`, `query_tb()` and `sample()` give. Shaped like JSON, but integers
/// stay exact over their whole range and `Digits` keeps a number of any size as it was written.
class Value {
public:
    /// A number kept as its digits (decimals, integers beyond 64 bits): written bare in JSON, never through a float.
    struct Digits {
        std::string text;
        bool operator==(const Digits&) const = default;
    };
    using List = std::vector<Value>;
    /// Fields in the order of the source; names may repeat if the query made them so.
    using Record = std::vector<std::pair<std::string, Value>>;
    using Variant =
        std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, Digits, std::string, List, Record>;

    Value() : value_(nullptr) {}
    Value(std::nullptr_t) : value_(nullptr) {}
    Value(bool value) : value_(value) {}
    Value(std::int64_t value) : value_(value) {}
    Value(std::uint64_t value) : value_(value) {}
    Value(double value) : value_(value) {}
    Value(Digits value) : value_(std::move(value)) {}
    Value(std::string value) : value_(std::move(value)) {}
    Value(const char* value) : value_(std::string(value)) {}
    Value(List value) : value_(std::move(value)) {}
    Value(Record value) : value_(std::move(value)) {}

    [[nodiscard]] bool is_null() const noexcept { return std::holds_alternative<std::nullptr_t>(value_); }
    [[nodiscard]] const Variant& variant() const noexcept { return value_; }

    /// The field with this name. @throws errors::InvalidArgument when this is no record or has no such field.
    [[nodiscard]] const Value& at(std::string_view field) const;
    /// The text a script would interpolate: a string without quotes, digits, `true`/`false`, `null`; JSON for the rest.
    [[nodiscard]] std::string to_text() const;
    /// JSON on one line. NaN and infinities become strings.
    [[nodiscard]] std::string to_json() const;
    /// Reads one JSON document. Integers that fit become int64 or uint64, others and decimals that a double would
    /// change become Digits. @throws errors::InvalidArgument with the position of the first error.
    static Value from_json(std::string_view text);

    bool operator==(const Value&) const = default;

private:
    Variant value_;
};

/// A small result set: one Record per row.
using ResultSet = std::vector<Value::Record>;

/// The first value of the first row; null when there is no row.
Value scalar(const ResultSet& rows);

}  // namespace tinybird_cdk
