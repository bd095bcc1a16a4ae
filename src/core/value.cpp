// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/value.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/json.hpp"
#include "core/json_reader.hpp"

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
    const std::size_t first = result.digits.find_first_not_of('0');
    if (first == std::string::npos) {
        return {};
    }
    if (i < text.size()) {
        std::string_view exponent = text.substr(i + 1);
        if (exponent.starts_with('+')) {
            exponent.remove_prefix(1);
        }
        long value = 0;
        // Called for numbers within a double's range only, whose exponents are small.
        std::from_chars(exponent.data(), exponent.data() + exponent.size(), value);
        point += value;
    }
    result.digits.erase(0, first);
    result.exponent = point - static_cast<long>(first);
    result.digits.erase(result.digits.find_last_not_of('0') + 1);
    return result;
}

/// A number with the digits it is written with, unless a 64-bit integer or a double holds exactly the same.
Value number_of(std::string_view text) {
    const char* const end = text.data() + text.size();
    // "-0" is no integer: it would lose its sign.
    if (text != "-0" && text.find_first_of(".eE") == std::string_view::npos) {
        std::int64_t integer = 0;
        if (std::from_chars(text.data(), end, integer).ec == std::errc()) {
            return integer;
        }
        std::uint64_t natural = 0;
        if (!text.starts_with('-') && std::from_chars(text.data(), end, natural).ec == std::errc()) {
            return natural;
        }
        return Value::Digits{std::string(text)};
    }
    double value = 0;
    if (std::from_chars(text.data(), end, value).ec != std::errc() || magnitude(text) != magnitude(float_text(value))) {
        return Value::Digits{std::string(text)};
    }
    return value;
}

/// Builds a Value from the parts of a document.
class ValueBuilder final : public core::JsonEvents {
public:
    void null() override { add(nullptr); }
    void boolean(bool value) override { add(value); }
    void number(std::string_view text) override { add(number_of(text)); }
    void string(std::string text) override { add(std::move(text)); }
    void begin_array() override { open_.push_back(Open{Value::List{}, {}}); }
    void end_array() override { close(); }
    void begin_object() override { open_.push_back(Open{Value::Record{}, {}}); }
    void key(std::string name) override { open_.back().key = std::move(name); }
    void end_object() override { close(); }

    Value take() { return std::move(root_); }

private:
    struct Open {
        std::variant<Value::List, Value::Record> container;
        std::string key;  ///< of the member that comes next
    };

    void add(Value value) {
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (auto* list = std::get_if<Value::List>(&open_.back().container)) {
            list->push_back(std::move(value));
        } else {
            std::get<Value::Record>(open_.back().container).emplace_back(std::move(open_.back().key), std::move(value));
        }
    }

    void close() {
        auto container = std::move(open_.back().container);
        open_.pop_back();
        std::visit([this](auto& done) { add(Value(std::move(done))); }, container);
    }

    std::vector<Open> open_;
    Value root_;
};

class JsonPrinter {
public:
    explicit JsonPrinter(std::string& out) : out_(out) {}

    void operator()(std::nullptr_t) const { out_ += "null"; }
    void operator()(bool value) const { out_ += value ? "true" : "false"; }
    void operator()(std::int64_t value) const { out_ += fmt::format("{}", value); }
    void operator()(std::uint64_t value) const { out_ += fmt::format("{}", value); }
    void operator()(double value) const { number(float_text(value)); }
    void operator()(const Value::Digits& value) const { number(value.text); }
    void operator()(const std::string& value) const { core::append_json_string(out_, value); }
    void operator()(const Value::List& list) const {
        std::string_view separator;
        out_ += '[';
        for (const Value& value : list) {
            out_ += std::exchange(separator, ",");
            std::visit(*this, value.variant());
        }
        out_ += ']';
    }
    void operator()(const Value::Record& record) const {
        std::string_view separator;
        out_ += '{';
        for (const auto& [name, value] : record) {
            out_ += std::exchange(separator, ",");
            core::append_json_string(out_, name);
            out_ += ':';
            std::visit(*this, value.variant());
        }
        out_ += '}';
    }

private:
    /// What JSON has no number for (NaN of a float or a decimal) goes as text.
    void number(std::string_view text) const {
        if (core::is_json_number(text)) {
            out_ += text;
        } else {
            core::append_json_string(out_, text);
        }
    }

    std::string& out_;
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
    if (const auto* number = std::get_if<Digits>(&value_)) {
        return number->text;
    }
    return to_json();
}

std::string Value::to_json() const {
    std::string result;
    std::visit(JsonPrinter(result), value_);
    return result;
}

Value Value::from_json(std::string_view text) {
    ValueBuilder builder;
    if (const auto failure = core::read_json(text, builder, deepest_nesting)) {
        throw errors::InvalidArgument(fmt::format("no valid JSON at byte {}: {}", failure->position, failure->reason));
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
