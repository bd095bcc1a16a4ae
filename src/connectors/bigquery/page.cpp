// SPDX-License-Identifier: Apache-2.0
#include "page.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "api.hpp"

namespace tinybird_cdk::bigquery {

namespace {

constexpr std::size_t nowhere = std::string_view::npos;

std::size_t behind_blanks(std::string_view text, std::size_t at) {
    return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

/// @param at of the quote that it begins with
std::size_t behind_string(std::string_view text, std::size_t at) {
    do {
        at = text.find_first_of("\"\\", at + 1);
        if (at != nowhere && text[at] == '\\') {
            ++at;
            continue;
        }
        return at == nowhere ? nowhere : at + 1;
    } while (at < text.size());
    return nowhere;
}

/// Only brackets and strings are looked at: who takes the value reads it in full. @return nowhere: it does not end
std::size_t behind_value(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '"') {
            at = behind_string(text, at);
            if (depth == 0 || at == nowhere) {
                return at;
            }
            continue;
        }
        if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            if (depth == 0) {
                return at;
            }
            if (--depth == 0) {
                return at + 1;
            }
        } else if (c == ',' && depth == 0) {
            return at;
        }
        ++at;
    }
    return nowhere;
}

}  // namespace

Page::Page(rest::Answer answer, std::string what) : text_(std::move(answer.body)), what_(std::move(what)) {
    answer.body = cut();
    head_ = document_of(answer, what_);
}

std::string Page::cut() {
    std::size_t at = behind_blanks(text_, 0);
    if (at == text_.size() || text_[at] != '{') {
        return text_;
    }
    for (;;) {
        const std::size_t name = behind_blanks(text_, at + 1);
        const std::size_t name_end = name < text_.size() && text_[name] == '"' ? behind_string(text_, name) : nowhere;
        const std::size_t colon = name_end == nowhere ? text_.size() : behind_blanks(text_, name_end);
        const std::size_t value = behind_blanks(text_, std::min(colon + 1, text_.size()));
        const std::size_t value_end = behind_value(text_, value);
        if (value_end == nowhere) {
            return text_;
        }
        const std::string_view key = std::string_view(text_).substr(name, name_end - name);
        if (key == "\"rows\"" && text_[value] == '[') {
            at_ = value + 1;
            end_ = value_end - 1;
            return text_.substr(0, at_) + text_.substr(end_);
        }
        at = behind_blanks(text_, value_end);
        if (at == text_.size() || text_[at] != ',') {
            return text_;
        }
    }
}

std::optional<Value> Page::next_row() {
    const std::size_t begin = behind_blanks(text_, at_);
    if (begin >= end_) {
        return std::nullopt;
    }
    // The rows end, so each of them does.
    const std::size_t end = behind_value(text_, begin);
    at_ = behind_blanks(text_, end);
    const bool is_last = at_ == end_;
    if (!is_last && (text_[at_] != ',' || behind_blanks(text_, ++at_) == end_)) {
        throw errors::ExternalDatasourceError(fmt::format("BigQuery: {}: its rows are no JSON", what_));
    }
    try {
        return Value::from_json(std::string_view(text_).substr(begin, end - begin));
    } catch (const errors::InvalidArgument& error) {
        throw errors::ExternalDatasourceError(fmt::format("BigQuery: {}: a row is no JSON: {}", what_, error.what()));
    }
}

}  // namespace tinybird_cdk::bigquery
