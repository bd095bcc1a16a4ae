// SPDX-License-Identifier: Apache-2.0
#include "local/ingest/json_paths.hpp"

#include <charconv>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::local::ingest {

namespace {

[[noreturn]] void refuse(const schema::Column& column) {
    throw errors::InvalidArgument(fmt::format("the jsonpath {} of column \"{}\" is not served by the local Tinybird",
                                              column.jsonpath, column.name),
                                  "Use paths of names: $.name, $.name[:], $.outer.inner, $.['odd name'].");
}

/// Takes what follows a backslash: the character itself, or four digits behind a 'u' (RFC 9535 §2.3.1; the kit writes
/// ASCII so, for a backtick would end the path). @return whether it makes sense
bool take_escape(std::string_view text, std::size_t& i, std::string& name) {
    constexpr std::size_t digits = 4;
    if (text[i] != 'u') {
        name += text[i];
        return true;
    }
    unsigned code = 0;
    const std::string_view number = text.substr(i + 1, digits);
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), code, 16);
    if (number.size() != digits || parsed.ptr != number.data() + digits || code >= 0x80U) {
        return false;
    }
    name += static_cast<char>(code);
    i += digits;
    return true;
}

/// Takes "['odd name']". @return whether it was closed
bool take_quoted(std::string_view& rest, std::string& name) {
    const char quote = rest[1];
    for (std::size_t i = 2; i < rest.size(); ++i) {
        if (rest[i] == '\\' && i + 1 < rest.size()) {
            if (!take_escape(rest, ++i, name)) {
                return false;
            }
        } else if (rest[i] != quote) {
            name += rest[i];
        } else if (i + 1 < rest.size() && rest[i + 1] == ']') {
            rest.remove_prefix(i + 2);
            return true;
        } else {
            return false;
        }
    }
    return false;
}

}  // namespace

std::vector<std::string> fields_of_jsonpath(const schema::Column& column) {
    if (column.jsonpath.empty()) {
        return {column.name};
    }
    std::string_view rest = column.jsonpath;
    if (!rest.starts_with('$')) {
        refuse(column);
    }
    rest.remove_prefix(1);
    std::vector<std::string> names;
    while (!rest.empty() && rest != "[:]") {
        rest.remove_prefix(rest.front() == '.' ? 1 : 0);
        std::string name;
        if (rest.starts_with("['") || rest.starts_with("[\"")) {
            if (!take_quoted(rest, name)) {
                refuse(column);
            }
        } else {
            name = rest.substr(0, rest.find_first_of(".["));
            rest.remove_prefix(name.size());
            if (name == "*") {
                refuse(column);
            }
        }
        if (name.empty()) {
            refuse(column);
        }
        names.push_back(std::move(name));
    }
    return names;
}

PathTree::PathTree(const std::vector<schema::Column>& columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        PathTree* place = this;
        for (const std::string& name : fields_of_jsonpath(columns[i])) {
            place = &place->child(name);
        }
        place->columns_.push_back(i);
    }
}

PathTree& PathTree::child(const std::string& name) {
    if (PathTree* const found = find(name)) {
        return *found;
    }
    children_.emplace_back(name, std::unique_ptr<PathTree>(new PathTree));  // NOLINT: the constructor is private
    return *children_.back().second;
}

PathTree* PathTree::find(std::string_view name) noexcept {
    for (std::size_t i = 0; i < children_.size(); ++i) {
        const std::size_t place = next_ + i < children_.size() ? next_ + i : next_ + i - children_.size();
        if (children_[place].first == name) {
            next_ = place + 1 < children_.size() ? place + 1 : 0;
            return children_[place].second.get();
        }
    }
    return nullptr;
}

}  // namespace tinybird_cdk::local::ingest
