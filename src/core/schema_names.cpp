// SPDX-License-Identifier: Apache-2.0
#include "core/schema_names.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace tinybird_cdk::core {

namespace {

/// What neither ends a name, begins a comment nor parts a key for the parsers of tinybird-cli 6.5 and tinybird 5.0
/// (tinybird/sql.py, tinybird/datafile/common.py), and what ClickHouse does not take for a column inside another (a.b).
bool is_safe(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80U;
}

bool is_readable(std::string_view name) noexcept {
    return !name.empty() && name != "INDEX" && std::all_of(name.begin(), name.end(), is_safe);
}

std::string with_underscores(std::string_view name) {
    std::string result(name);
    std::replace_if(
        result.begin(), result.end(), [](char c) { return !is_safe(c); }, '_');
    return result.empty() || result == "INDEX" ? result + "_" : result;
}

/// FNV-1a: the same everywhere and for ever.
std::uint32_t hash_of(std::string_view text) noexcept {
    std::uint32_t hash = 2166136261U;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    return hash;
}

}  // namespace

/// A string literal or a quoted identifier as ClickHouse writes it.
std::string escaped(std::string_view text, char quote) {
    constexpr std::string_view letters = "bfnrt0";
    constexpr std::string_view meanings{"\b\f\n\r\t\0", letters.size()};
    std::string result(1, quote);
    for (const char c : text) {
        const std::size_t which = meanings.find(c);
        if (which != std::string_view::npos) {
            result += '\\';
            result += letters[which];
            continue;
        }
        if (c == quote || c == '\\') {
            result += '\\';
        }
        result += c;
    }
    return result + quote;
}

bool is_identifier(std::string_view text) noexcept {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !text.empty() && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

DatafileName datafile_name(std::string_view name) {
    if (is_readable(name)) {
        return {std::string(name), std::string(name)};
    }
    std::string usual = with_underscores(name);
    std::string distinct = fmt::format("{}_{:08x}", usual, hash_of(name));
    return {std::move(usual), std::move(distinct)};
}

std::vector<std::string> datafile_names(const std::vector<schema::Column>& columns) {
    std::vector<DatafileName> names;
    std::unordered_map<std::string, int> uses;
    for (const schema::Column& column : columns) {
        names.push_back(datafile_name(column.name));
        ++uses[names.back().usual];
    }
    std::vector<std::string> result;
    for (DatafileName& name : names) {
        const bool alone = uses[name.usual] == 1;
        result.push_back(alone ? std::move(name.usual) : std::move(name.distinct));
    }
    return result;
}

}  // namespace tinybird_cdk::core
