// SPDX-License-Identifier: Apache-2.0
#include "encode/nested_text.hpp"

#include "encode/escape.hpp"
#include "encode/json_document.hpp"

namespace tinybird_cdk::encode {

void NestedText::separate() {
    if (stack_.empty()) {
        return;
    }
    Open& open = stack_.back();
    if (open.container == Container::map && open.count % 2 == 1) {
        text_ += ':';
    } else if (open.count > 0 && !(open.container == Container::record && notation_ == Notation::json)) {
        text_ += ',';
    }
    ++open.count;
}

void NestedText::begin(Container container) {
    separate();
    stack_.push_back({container});
    switch (container) {
        case Container::list:
            text_ += '[';
            break;
        case Container::record:
            text_ += notation_ == Notation::json ? '{' : '(';
            break;
        case Container::map:
            text_ += '{';
            break;
    }
}

void NestedText::end() {
    switch (stack_.back().container) {
        case Container::list:
            text_ += ']';
            break;
        case Container::record:
            text_ += notation_ == Notation::json ? '}' : ')';
            break;
        case Container::map:
            text_ += '}';
            break;
    }
    stack_.pop_back();
}

void NestedText::field(std::string_view name) {
    if (notation_ == Notation::json) {
        text_ += stack_.back().count > 0 ? ",\"" : "\"";
        append_json_escaped(text_, name);
        text_ += "\":";
    }
}

void NestedText::null() {
    separate();
    text_ += notation_ == Notation::json ? "null" : "NULL";
}

void NestedText::bare(std::string_view text) {
    if (at_json_key()) {
        token(text);
        return;
    }
    separate();
    text_ += text;
}

void NestedText::token(std::string_view text) {
    separate();
    const char quote = notation_ == Notation::json ? '"' : '\'';
    text_ += quote;
    text_ += text;
    text_ += quote;
}

void NestedText::string(std::string_view text) {
    separate();
    if (notation_ == Notation::json) {
        text_ += '"';
        append_json_escaped(text_, text);
        text_ += '"';
    } else {
        text_ += '\'';
        append_clickhouse_escaped(text_, text);
        text_ += '\'';
    }
}

void NestedText::raw_json(std::string_view document) {
    separate();
    append_on_one_line(text_, document);
}

}  // namespace tinybird_cdk::encode
