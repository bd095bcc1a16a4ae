// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/schema.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/schema_names.hpp"
#include "core/type_names.hpp"

namespace tinybird_cdk::schema {

using core::escaped;
using core::is_identifier;

namespace {

bool takes_nullable(Kind kind) noexcept {
    switch (kind) {
        case Kind::array:
        case Kind::tuple:
        case Kind::map:
        case Kind::point:
        case Kind::ring:
        case Kind::line_string:
        case Kind::polygon:
        case Kind::multi_polygon:
            return false;
        default:
            return true;
    }
}

/// The name inside the quotes of a jsonpath; nothing when the quotes are not those of one name.
std::optional<std::string> unescaped_field(std::string_view text) {
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\'') {
            return std::nullopt;
        }
        if (text[i] != '\\') {
            name += text[i];
            continue;
        }
        if (++i == text.size()) {
            return std::nullopt;
        }
        if (text[i] != 'u') {
            name += text[i];
            continue;
        }
        unsigned code = 0;
        const std::string_view digits = text.substr(i + 1, 4);
        const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        if (digits.size() != 4 || parsed.ptr != digits.data() + 4 || code >= 0x80U) {
            return std::nullopt;
        }
        name += static_cast<char>(code);
        i += 4;
    }
    return name;
}

}  // namespace

std::string Type::to_string() const {
    std::string text;
    const auto list_of = [](const std::vector<Type>& types) {
        std::vector<std::string> texts;
        texts.reserve(types.size());
        for (const Type& type : types) {
            texts.push_back(type.to_string());
        }
        return fmt::format("{}", fmt::join(texts, ", "));
    };
    switch (kind_) {
        case Kind::decimal:
            text = fmt::format("Decimal({}, {})", precision_, scale_);
            break;
        case Kind::fixed_string:
            text = fmt::format("FixedString({})", precision_);
            break;
        case Kind::datetime:
            text = timezone_.empty() ? "DateTime" : fmt::format("DateTime({})", escaped(timezone_, '\''));
            break;
        case Kind::datetime64:
            text = timezone_.empty() ? fmt::format("DateTime64({})", precision_)
                                     : fmt::format("DateTime64({}, {})", precision_, escaped(timezone_, '\''));
            break;
        case Kind::enum8:
        case Kind::enum16: {
            std::vector<std::string> labels;
            for (std::size_t i = 0; i < names_.size(); ++i) {
                labels.push_back(fmt::format("{} = {}", escaped(names_[i], '\''), enum_values_[i]));
            }
            text = fmt::format("{}({})", kind_ == Kind::enum8 ? "Enum8" : "Enum16", fmt::join(labels, ", "));
            break;
        }
        case Kind::array:
            text = fmt::format("Array({})", list_of(arguments_));
            break;
        case Kind::map:
            text = fmt::format("Map({})", list_of(arguments_));
            break;
        case Kind::tuple: {
            std::vector<std::string> members;
            for (std::size_t i = 0; i < arguments_.size(); ++i) {
                const std::string member = arguments_[i].to_string();
                if (names_.empty()) {
                    members.push_back(member);
                } else {
                    const std::string name = is_identifier(names_[i]) ? names_[i] : escaped(names_[i], '`');
                    members.push_back(fmt::format("{} {}", name, member));
                }
            }
            text = fmt::format("Tuple({})", fmt::join(members, ", "));
            break;
        }
        default:
            text = text_.empty() ? core::name_of_kind(kind_) : text_;
    }
    if (nullable_) {
        text = fmt::format("Nullable({})", text);
    }
    if (low_cardinality_) {
        text = fmt::format("LowCardinality({})", text);
    }
    return text;
}

Type Type::with_nullable(bool nullable) const {
    Type copy = *this;
    copy.nullable_ = nullable && takes_nullable(kind_);
    return copy;
}

Type Type::with_low_cardinality(bool low_cardinality) const {
    Type copy = *this;
    copy.low_cardinality_ = low_cardinality && takes_nullable(kind_);
    return copy;
}

Type Decimal(int precision, int scale) {
    if (precision < 1 || precision > 76 || scale < 0 || scale > precision) {
        throw errors::InvalidArgument(fmt::format("Decimal({}, {}) is out of range", precision, scale),
                                      "The precision is 1 to 76, the scale 0 to the precision.");
    }
    Type type(Kind::decimal);
    type.precision_ = precision;
    type.scale_ = scale;
    return type;
}

Type FixedString(int bytes) {
    if (bytes < 1) {
        throw errors::InvalidArgument("a FixedString has at least one byte");
    }
    Type type(Kind::fixed_string);
    type.precision_ = bytes;
    return type;
}

Type DateTime(std::string timezone) {
    Type type(Kind::datetime);
    type.timezone_ = std::move(timezone);
    return type;
}

Type DateTime64(int precision, std::string timezone) {
    if (precision < 0 || precision > 9) {
        throw errors::InvalidArgument(fmt::format("DateTime64({}) is out of range", precision),
                                      "The precision is 0 to 9.");
    }
    Type type(Kind::datetime64);
    type.precision_ = precision;
    type.timezone_ = std::move(timezone);
    return type;
}

Type Array(Type element) {
    Type type(Kind::array);
    type.arguments_.push_back(std::move(element));
    return type;
}

Type Tuple(std::vector<Type> members, std::vector<std::string> names) {
    if (!names.empty() && names.size() != members.size()) {
        throw errors::InvalidArgument("a tuple needs a name for each member or for none");
    }
    Type type(Kind::tuple);
    type.arguments_ = std::move(members);
    type.names_ = std::move(names);
    return type;
}

Type Map(Type key, Type value) {
    Type type(Kind::map);
    type.arguments_.push_back(std::move(key));
    type.arguments_.push_back(std::move(value));
    return type;
}

Type Enum(Kind kind, std::vector<std::pair<std::string, int>> labels) {
    if (kind != Kind::enum8 && kind != Kind::enum16) {
        throw errors::InvalidArgument("an enum is of kind enum8 or enum16");
    }
    if (labels.empty()) {
        throw errors::InvalidArgument("an enum needs at least one label");
    }
    const int limit = kind == Kind::enum8 ? 128 : 32768;
    // ClickHouse orders the labels by their values, so that the order of writing makes no other type.
    std::stable_sort(labels.begin(), labels.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    Type type(kind);
    for (auto& [label, value] : labels) {
        if (value < -limit || value >= limit) {
            throw errors::InvalidArgument(
                fmt::format("the value {} of an enum's label '{}' is out of range", value, label),
                fmt::format("The values are {} to {}.", -limit, limit - 1));
        }
        if ((!type.enum_values_.empty() && type.enum_values_.back() == value) ||
            std::find(type.names_.begin(), type.names_.end(), label) != type.names_.end()) {
            throw errors::InvalidArgument(fmt::format("an enum has the label '{}' or its value twice", label));
        }
        type.names_.push_back(std::move(label));
        type.enum_values_.push_back(value);
    }
    return type;
}

std::string data_source_name(std::string_view text) {
    std::string name;
    for (const char c : text) {
        const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (fits || (!name.empty() && name.back() != '_')) {
            name += fits ? c : '_';
        }
    }
    if (name.empty() || (name.front() >= '0' && name.front() <= '9')) {
        name.insert(name.begin(), '_');
    }
    return name;
}

std::string jsonpath_of(std::string_view column_name) {
    if (is_identifier(column_name)) {
        return fmt::format("$.{}", column_name);
    }
    std::string path = "$.['";
    for (const char c : column_name) {
        if (c == '\'' || c == '\\') {
            path += '\\';
            path += c;
        } else if (c == '`' || static_cast<unsigned char>(c) < 0x20U) {
            // A backtick would end the path in a schema. The escapes of RFC 9535 §2.3.1 are those of JSON.
            path += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            path += c;
        }
    }
    return path + "']";
}

std::optional<std::string> field_of_jsonpath(std::string_view jsonpath) {
    if (!jsonpath.starts_with("$.")) {
        return std::nullopt;
    }
    std::string_view rest = jsonpath.substr(2);
    if (rest.ends_with("[:]")) {
        rest.remove_suffix(3);
    }
    if (rest.starts_with("['") && rest.ends_with("']") && rest.size() >= 4) {
        return unescaped_field(rest.substr(2, rest.size() - 4));
    }
    if (rest.empty() || rest.find_first_of(".[") != std::string_view::npos) {
        return std::nullopt;
    }
    return std::string(rest);
}

}  // namespace tinybird_cdk::schema
