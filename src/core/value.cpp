// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/value.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/errors.hpp>

#include "core/json.hpp"

namespace tinybird_cdk {

namespace {

/// Deeper documents are refused, for each level costs stack when the value is printed, compared and destroyed.
constexpr std::size_t deepest_nesting = 512;

std::string float_text(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    if (std::isinf(value)) {
        return value < 0 ? "-Infinity" : "Infinity";
    }
    std::array<char, 32> buffer{};
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), result.ptr};
}

/// A number's digits without sign, point, exponent and zeros at either end, and the power of ten of the first digit:
/// two notations of one number agree in both.
struct Magnitude {
    std::string digits;
    long exponent = 0;
    bool operator==(const Magnitude&) const = default;
};

Magnitude magnitude(std::string_view text) {
    Magnitude result;
    long point = 0;
    bool behind_point = false;
    std::size_t i = text.starts_with('-') ? 1 : 0;
    for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
        if (text[i] == '.') {
            behind_point = true;
        } else {
            result.digits += text[i];
            point += behind_point ? 0 : 1;
        }
    }
    if (i < text.size()) {
        std::string_view exponent = text.substr(i + 1);
        if (exponent.starts_with('+')) {
            exponent.remove_prefix(1);
        }
        long value = 0;
        const auto parsed = std::from_chars(exponent.data(), exponent.data() + exponent.size(), value);
        point += parsed.ec == std::errc() ? value : 1'000'000'000;
    }
    const std::size_t first = result.digits.find_first_not_of('0');
    if (first == std::string::npos) {
        return {};
    }
    result.digits.erase(0, first);
    result.exponent = point - static_cast<long>(first);
    result.digits.erase(result.digits.find_last_not_of('0') + 1);
    return result;
}

/// Builds a Value from the parser's events, so that the text of each number is seen.
class ValueBuilder {
public:
    bool null() { return add(nullptr); }
    bool boolean(bool value) { return add(value); }
    bool number_integer(std::int64_t value) { return add(value); }
    bool number_unsigned(std::uint64_t value) {
        if (value <= static_cast<std::uint64_t>(INT64_MAX)) {
            return add(static_cast<std::int64_t>(value));
        }
        return add(value);
    }
    bool number_float(double value, const std::string& text) {
        // An integer beyond 64 bits comes here too, as does 1e999, which is no double.
        if (!std::isfinite(value) || magnitude(text) != magnitude(float_text(value))) {
            return add(Value::Digits{text});
        }
        return add(value);
    }
    bool string(std::string& value) { return add(std::move(value)); }
    // Only the binary formats of the parser have such values; JSON text has none.
    static bool binary(nlohmann::json::binary_t&) { return false; }
    bool start_object(std::size_t) { return open(Value::Record{}); }
    bool key(std::string& name) {
        stack_.back().key = std::move(name);
        return true;
    }
    bool end_object() { return close(); }
    bool start_array(std::size_t) { return open(Value::List{}); }
    bool end_array() { return close(); }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error) {
        failure_ = fmt::format("no valid JSON at byte {}: {}", position, error.what());
        return false;
    }

    [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
    Value take() { return std::move(root_); }

private:
    struct Open {
        std::variant<Value::List, Value::Record> container;
        std::string key;
    };

    bool add(Value value) {
        if (stack_.empty()) {
            root_ = std::move(value);
        } else if (auto* list = std::get_if<Value::List>(&stack_.back().container)) {
            list->push_back(std::move(value));
        } else {
            std::get<Value::Record>(stack_.back().container)
                .emplace_back(std::move(stack_.back().key), std::move(value));
        }
        return true;
    }
    template <class Container>
    bool open(Container container) {
        if (stack_.size() == deepest_nesting) {
            failure_ = fmt::format("the JSON is nested deeper than {} levels", deepest_nesting);
            return false;
        }
        stack_.push_back(Open{std::move(container), {}});
        return true;
    }
    bool close() {
        Open done = std::move(stack_.back());
        stack_.pop_back();
        return std::visit([this](auto& container) { return add(Value(std::move(container))); }, done.container);
    }

    std::vector<Open> stack_;
    Value root_;
    std::string failure_;
};

class JsonPrinter {
public:
    std::string operator()(std::nullptr_t) const { return "null"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
    std::string operator()(std::uint64_t value) const { return fmt::format("{}", value); }
    std::string operator()(double value) const {
        return std::isfinite(value) ? float_text(value) : core::json_string(float_text(value));
    }
    std::string operator()(const Value::Digits& value) const { return value.text; }
    std::string operator()(const std::string& value) const { return core::json_string(value); }
    std::string operator()(const Value::List& list) const {
        std::string result = "[";
        for (const Value& value : list) {
            result += result.size() > 1 ? "," : "";
            result += value.to_json();
        }
        return result + "]";
    }
    std::string operator()(const Value::Record& record) const {
        std::string result = "{";
        for (const auto& [name, value] : record) {
            result += result.size() > 1 ? "," : "";
            result += core::json_string(name) + ":" + value.to_json();
        }
        return result + "}";
    }
};

}  // namespace

const Value& Value::at(std::string_view field) const {
    if (const auto* record = std::get_if<Record>(&value_)) {
        for (const auto& [name, value] : *record) {
            if (name == field) {
                return value;
            }
        }
        throw errors::InvalidArgument(fmt::format("there is no field \"{}\"", field));
    }
    throw errors::InvalidArgument(fmt::format("there is no field \"{}\": the value is no record", field));
}

std::string Value::to_text() const {
    if (const auto* text = std::get_if<std::string>(&value_)) {
        return *text;
    }
    if (const auto* number = std::get_if<double>(&value_)) {
        return float_text(*number);
    }
    return to_json();
}

std::string Value::to_json() const {
    return std::visit(JsonPrinter(), value_);
}

Value Value::from_json(std::string_view text) {
    ValueBuilder builder;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
        throw errors::InvalidArgument(builder.failure());
    }
    return builder.take();
}

Value scalar(const ResultSet& rows) {
    if (rows.empty() || rows.front().empty()) {
        return nullptr;
    }
    return rows.front().front().second;
}

}  // namespace tinybird_cdk
