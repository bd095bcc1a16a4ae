// SPDX-License-Identifier: Apache-2.0
#include "local/ingest/types.hpp"

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::local::ingest {

namespace {

using schema::Kind;

template <class Change>
schema::Type with_arguments(const schema::Type& type, Change change) {
    std::vector<schema::Type> arguments;
    for (const schema::Type& argument : type.arguments()) {
        arguments.push_back(change(argument));
    }
    switch (type.kind()) {
        case Kind::array:
            return schema::Array(arguments.at(0));
        case Kind::map:
            return schema::Map(arguments.at(0), arguments.at(1));
        default:
            return schema::Tuple(arguments, type.names());
    }
}

/// "SimpleAggregateFunction(sum, UInt64)" → UInt64
schema::Type type_of_other(const schema::Type& type) {
    constexpr std::string_view prefix = "SimpleAggregateFunction(";
    const std::string text = type.to_string();
    const std::size_t comma = text.find(',');
    if (!text.starts_with(prefix) || !text.ends_with(')') || comma == std::string::npos) {
        return type;
    }
    try {
        return plain_type(schema::Type::parse(std::string_view(text).substr(comma + 1, text.size() - comma - 2)));
    } catch (const errors::InvalidArgument&) {
        return type;  // A function with arguments of its own: the engine casts.
    }
}

}  // namespace

schema::Type plain_type(const schema::Type& type) {
    switch (type.kind()) {
        case Kind::array:
        case Kind::map:
        case Kind::tuple:
            return with_arguments(type, plain_type);
        case Kind::point:
            return schema::Tuple({schema::Float64(), schema::Float64()});
        case Kind::ring:
        case Kind::line_string:
            return schema::Array(plain_type(schema::Point()));
        case Kind::polygon:
            return schema::Array(plain_type(schema::Ring()));
        case Kind::multi_polygon:
            return schema::Array(plain_type(schema::Polygon()));
        case Kind::other:
            return type_of_other(type);
        default:
            return type.with_low_cardinality(false);
    }
}

bool is_nested(const schema::Type& plain) {
    return plain.kind() == Kind::array || plain.kind() == Kind::tuple || plain.kind() == Kind::map;
}

schema::Type staged_type(const schema::Type& plain) {
    switch (plain.kind()) {
        case Kind::array:
        case Kind::tuple:
            return with_arguments(plain, staged_type);
        case Kind::map:
            return schema::Array(
                schema::Tuple({staged_type(plain.arguments().at(0)), staged_type(plain.arguments().at(1))}));
        default:
            return schema::Nullable(schema::String());
    }
}

schema::Type carried_type(const schema::Type& plain) {
    switch (plain.kind()) {
        case Kind::array:
        case Kind::tuple:
        case Kind::map:
            return with_arguments(plain, carried_type);
        case Kind::enum8:
        case Kind::enum16:
            return schema::String().with_nullable(plain.nullable());
        default:
            return plain;
    }
}

std::vector<std::string> enum_texts(const schema::Type& type) {
    std::vector<std::string> texts = type.names();
    // "Enum8('a' = 1, 'b' = 2)": the numbers are behind the labels, which may hold anything.
    const std::string text = type.with_nullable(false).with_low_cardinality(false).to_string();
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && quoted) {
            ++i;
        } else if (text[i] == '\'') {
            quoted = !quoted;
        } else if (text[i] == '=' && !quoted) {
            const std::size_t begin = text.find_first_not_of(' ', i + 1);
            texts.push_back(text.substr(begin, text.find_first_of(",)", begin) - begin));
        }
    }
    return texts;
}

}  // namespace tinybird_cdk::local::ingest
