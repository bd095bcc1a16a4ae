// SPDX-License-Identifier: Apache-2.0
#include "encode/nested_text.hpp"

#include <algorithm>

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
    } else if (open.count > 0 && !json_object(open)) {
        text_ += ',';
    }
    ++open.count;
    if (members_.size() > open.places) {
        members_.back().start = text_.size();
    }
}

void NestedText::begin(Container container, Notation notation, bool as_string) {
    separate();
    stack_.push_back({container, notation, as_string, 0, text_.size(), members_.size()});
    if (notation == Notation::csv_fields) {
        return;
    }
    const bool json = notation == Notation::json;
    switch (container) {
        case Container::list:
            text_ += '[';
            break;
        case Container::record:
            text_ += json ? '{' : '(';
            break;
        case Container::positional_record:
            text_ += json ? '[' : '(';
            break;
        case Container::map:
            text_ += '{';
            break;
    }
}

std::optional<std::string> NestedText::end() {
    const Open closed = stack_.back();
    if (members_.size() > closed.places) {
        order_members(closed);
        members_.resize(closed.places);
    }
    if (closed.notation != Notation::csv_fields) {
        const bool json = closed.notation == Notation::json;
        switch (closed.container) {
            case Container::list:
                text_ += ']';
                break;
            case Container::record:
                text_ += json ? '}' : ')';
                break;
            case Container::positional_record:
                text_ += json ? ']' : ')';
                break;
            case Container::map:
                text_ += '}';
                break;
        }
    }
    stack_.pop_back();
    if (!closed.as_string) {
        return std::nullopt;
    }
    std::string content = text_.substr(closed.start);
    text_.resize(closed.start);
    quote(content, stack_.back().notation);
    return content;
}

void NestedText::field(std::string_view name, std::size_t place) {
    const Open& open = stack_.back();
    if (json_object(open)) {
        text_ += open.count > 0 ? ",\"" : "\"";
        append_json_escaped(text_, name);
        text_ += "\":";
    } else {
        members_.push_back({place, text_.size()});
    }
}

void NestedText::order_members(const Open& open) {
    const auto first = members_.begin() + static_cast<std::ptrdiff_t>(open.places);
    if (std::is_sorted(first, members_.end(), [](const Member& a, const Member& b) { return a.place < b.place; })) {
        return;
    }
    struct Piece {
        std::size_t place;
        std::string text;
    };
    std::vector<Piece> pieces;
    for (auto member = first; member != members_.end(); ++member) {
        const auto next = member + 1;
        // The separator in front of the next member belongs to neither.
        const std::size_t end = next == members_.end() ? text_.size() : next->start - 1;
        pieces.push_back({member->place, text_.substr(member->start, end - member->start)});
    }
    std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.place < b.place; });
    text_.resize(first->start);
    for (const Piece& piece : pieces) {
        text_ += &piece == pieces.data() ? "" : ",";
        text_ += piece.text;
    }
}

void NestedText::quote(std::string_view text, Notation notation) {
    switch (notation) {
        case Notation::json:
            text_ += '"';
            append_json_escaped(text_, text);
            text_ += '"';
            break;
        case Notation::clickhouse:
            text_ += '\'';
            append_clickhouse_escaped(text_, text);
            text_ += '\'';
            break;
        case Notation::csv_fields:
            text_ += '"';
            append_doubling_quotes(text_, text);
            text_ += '"';
            break;
    }
}

void NestedText::null() {
    separate();
    switch (notation()) {
        case Notation::json:
            text_ += "null";
            break;
        case Notation::clickhouse:
            text_ += "NULL";
            break;
        case Notation::csv_fields:
            // Inside a tuple an empty field is an empty text even where NULL could be.
            text_ += "\\N";
            break;
    }
}

void NestedText::digits(std::string_view text, Quoting quoting) {
    const bool json = notation() == Notation::json;
    // A key of a JSON object must be a string, whatever its type.
    if (quoting == Quoting::text || (json && (quoting == Quoting::exact || at_key()))) {
        token(text);
        return;
    }
    separate();
    text_ += text;
}

void NestedText::token(std::string_view text) {
    separate();
    const char quotes[] = {'"', '\'', '"'};
    const char mark = quotes[static_cast<std::size_t>(notation())];
    text_ += mark;
    text_ += text;
    text_ += mark;
}

void NestedText::string(std::string_view text) {
    separate();
    quote(text, notation());
}

void NestedText::json(std::string_view document) {
    if (notation() != Notation::json || at_key()) {
        string(document);
        return;
    }
    separate();
    append_on_one_line(text_, document);
}

}  // namespace tinybird_cdk::encode
