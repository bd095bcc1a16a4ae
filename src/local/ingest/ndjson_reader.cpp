// SPDX-License-Identifier: Apache-2.0
#include "local/ingest/ndjson_reader.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace tinybird_cdk::local::ingest {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr unsigned deepest = 500;
constexpr std::string_view no_json = "it is no JSON object";

}  // namespace

NdjsonReader::NdjsonReader(const std::vector<schema::Column>& columns, RecordSink& sink)
    : paths_(columns), sink_(sink), fields_(columns.size()), texts_(columns.size()) {}

void NdjsonReader::write(std::string_view data) {
    if (buffer_.append(data)) {
        read(false);
    }
}

void NdjsonReader::finish() {
    read(true);
}

void NdjsonReader::read(bool at_end) {
    const char* const begin = buffer_.begin();
    const char* const end = begin + buffer_.size();
    JsonScanner scanner({begin, buffer_.size()});
    if (!begun_ && std::string_view(begin, buffer_.size()).starts_with(byte_order_mark)) {
        scanner.skip(byte_order_mark.size());
    }
    const char* kept = nullptr;
    for (;;) {
        scanner.blanks();
        // What stands between the objects of an array.
        while (!scanner.at_end() && (scanner.peek() == ',' || scanner.peek() == '[' || scanner.peek() == ']')) {
            scanner.skip();
            scanner.blanks();
        }
        kept = scanner.position();
        if (scanner.at_end()) {
            break;
        }
        begun_ = true;
        std::fill(fields_.begin(), fields_.end(), Field{});
        escaped_.clear();
        reason_ = no_json;
        Scan scan = scanner.peek() == '{' ? object(scanner, paths_, 0) : Scan::bad;
        if (scan == Scan::more && !at_end) {
            break;
        }
        if (scan == Scan::ok && unescape()) {
            if (!paths_.columns().empty()) {
                set(paths_.columns(),
                    {Field::Kind::nested, {kept, static_cast<std::size_t>(scanner.position() - kept)}}, false);
            }
            sink_.record(fields_, static_cast<std::size_t>(scanner.position() - kept));
            continue;
        }
        const auto* const line =
            static_cast<const char*>(std::memchr(kept, '\n', static_cast<std::size_t>(end - kept)));
        if (line == nullptr && !at_end) {
            break;
        }
        sink_.unreadable(reason_);
        scanner.move_to(line == nullptr ? end : line + 1);
    }
    buffer_.drop(static_cast<std::size_t>(kept - begin));
}

Scan NdjsonReader::object(JsonScanner& scanner, PathTree& paths, unsigned depth) {
    scanner.skip();
    paths.rewind();
    scanner.blanks();
    if (scanner.at_end()) {
        return Scan::more;
    }
    if (scanner.peek() == '}') {
        scanner.skip();
        return Scan::ok;
    }
    for (;;) {
        if (const Scan scan = member(scanner, paths, depth); scan != Scan::ok) {
            return scan;
        }
        scanner.blanks();
        if (scanner.at_end()) {
            return Scan::more;
        }
        const char c = scanner.peek();
        if (c != ',' && c != '}') {
            return Scan::bad;
        }
        scanner.skip();
        if (c == '}') {
            return Scan::ok;
        }
    }
}

Scan NdjsonReader::member(JsonScanner& scanner, PathTree& paths, unsigned depth) {
    std::string_view name;
    bool escaped = false;
    scanner.blanks();
    if (const Scan scan = scanner.string(name, escaped); scan != Scan::ok) {
        return scan;
    }
    if (const Scan scan = scanner.expect(':'); scan != Scan::ok) {
        return scan;
    }
    std::string plain;
    if (escaped) {
        plain.resize(name.size());
        const std::size_t size = unescape_json(name, plain.data());
        if (size == std::string_view::npos) {
            return Scan::bad;
        }
        plain.resize(size);
        name = plain;
    }
    PathTree* const place = paths.find(name);
    return place == nullptr ? scanner.value(depth + 1) : value(scanner, *place, depth);
}

Scan NdjsonReader::value(JsonScanner& scanner, PathTree& place, unsigned depth) {
    scanner.blanks();
    if (scanner.at_end()) {
        return Scan::more;
    }
    const char* const begin = scanner.position();
    const char c = scanner.peek();
    Field field{Field::Kind::text, {}};
    bool escaped = false;
    Scan scan = Scan::ok;
    if (c == '"') {
        scan = scanner.string(field.text, escaped);
    } else if (c == '{' && !place.leaf() && depth < deepest) {
        scan = object(scanner, place, depth + 1);
    } else {
        scan = scanner.value(depth + 1);
    }
    if (scan != Scan::ok) {
        return scan;
    }
    if (c != '"') {
        field.text = {begin, static_cast<std::size_t>(scanner.position() - begin)};
        field.kind = c == '{' || c == '['   ? Field::Kind::nested
                     : c == 'n'             ? Field::Kind::null
                     : c == 't' || c == 'f' ? Field::Kind::boolean
                                            : Field::Kind::text;
    }
    return set(place.columns(), field, escaped) ? Scan::ok : Scan::bad;
}

bool NdjsonReader::set(const std::vector<std::size_t>& columns, const Field& field, bool escaped) {
    for (const std::size_t column : columns) {
        if (fields_[column].kind != Field::Kind::absent) {
            reason_ = "a field comes twice";
            return false;
        }
        fields_[column] = field;
        if (escaped) {
            escaped_.push_back(column);
        }
    }
    return true;
}

bool NdjsonReader::unescape() {
    for (const std::size_t column : escaped_) {
        Field& field = fields_[column];
        std::string& text = texts_[column];
        text.resize(std::max(text.size(), field.text.size()));
        const std::size_t size = unescape_json(field.text, text.data());
        if (size == std::string_view::npos) {
            reason_ = "a text has an escape that is none";
            return false;
        }
        field.text = std::string_view(text).substr(0, size);
    }
    return true;
}

}  // namespace tinybird_cdk::local::ingest
