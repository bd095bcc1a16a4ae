// SPDX-License-Identifier: Apache-2.0
#include "local/ingest/csv_reader.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include <fmt/format.h>

#include "local/csv_header.hpp"
#include "local/ingest/nested_cursor.hpp"
#include "local/ingest/types.hpp"

namespace tinybird_cdk::local::ingest {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// How many fields a value takes: the members of a tuple stand side by side, as in ClickHouse's CSV.
std::size_t fields_of(const schema::Type& plain) {
    if (plain.kind() != schema::Kind::tuple) {
        return 1;
    }
    return std::accumulate(plain.arguments().begin(), plain.arguments().end(), std::size_t{0},
                           [](std::size_t sum, const schema::Type& member) { return sum + fields_of(member); });
}

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t';
}

}  // namespace

CsvReader::CsvReader(const std::vector<schema::Column>& columns, CsvDialect dialect, RecordSink& sink)
    : columns_(columns), dialect_(dialect), sink_(sink), fields_(columns.size()), tuples_(columns.size()) {
    std::vector<std::size_t> all(columns_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    take_positions(all);
}

void CsvReader::take_positions(const std::vector<std::size_t>& columns) {
    places_.clear();
    width_ = 0;
    for (const std::size_t column : columns) {
        places_.push_back({column, fields_of(plain_type(columns_[column].type))});
        width_ += places_.back().width;
    }
}

void CsvReader::write(std::string_view data) {
    if (buffer_.append(data)) {
        read(false);
    }
}

void CsvReader::finish() {
    read(true);
}

void CsvReader::read(bool at_end) {
    char* const begin = buffer_.begin();
    char* const end = begin + buffer_.size();
    char* at = begin;
    if (!begun_ && std::string_view(begin, buffer_.size()).starts_with(byte_order_mark)) {
        at += byte_order_mark.size();
    }
    while (at != end) {
        char* const record = at;
        const Cut result = cut(at, end, at_end);
        if (result == Cut::incomplete) {
            at = record;
            break;
        }
        if (result == Cut::unreadable) {
            sink_.unreadable(reason_);
        } else if (result == Cut::record) {
            for (Piece& piece : pieces_) {
                piece.size = piece.escaped ? unescape(piece) : piece.size;
            }
            if (begun_ || !take_header()) {
                deliver(static_cast<std::size_t>(at - record));
            }
        }
        begun_ = begun_ || result != Cut::empty;
    }
    buffer_.drop(static_cast<std::size_t>(at - begin));
}

/// Cuts the record at `at` into pieces and moves behind it.
CsvReader::Cut CsvReader::cut(char*& at, char* end, bool at_end) {
    pieces_.clear();
    for (;;) {
        while (at != end && is_blank(*at) && *at != dialect_.delimiter) {
            ++at;
        }
        if (at != end && *at == '"') {
            if (!cut_quoted(at, end)) {
                reason_ = "a quote is not closed";
                at = end;
                return at_end ? Cut::unreadable : Cut::incomplete;
            }
            while (at != end && (is_blank(*at) || (*at == '\r' && dialect_.new_line == '\n')) &&
                   *at != dialect_.delimiter) {
                ++at;
            }
        } else {
            cut_plain(at, end);
        }
        if (at == end) {
            return at_end ? Cut::record : Cut::incomplete;
        }
        if (*at == dialect_.delimiter) {
            ++at;
            continue;
        }
        if (*at == dialect_.new_line) {
            ++at;
            const bool empty = pieces_.size() == 1 && pieces_.front().kind == Field::Kind::absent;
            return empty && width_ > 1 ? Cut::empty : Cut::record;
        }
        // Something behind a closing quote: the next record begins on the next line.
        auto* const line = static_cast<char*>(std::memchr(at, dialect_.new_line, static_cast<std::size_t>(end - at)));
        if (line == nullptr && !at_end) {
            return Cut::incomplete;
        }
        reason_ = fmt::format("field {} has text behind its closing quote", pieces_.size());
        at = line == nullptr ? end : line + 1;
        return Cut::unreadable;
    }
}

bool CsvReader::cut_quoted(char*& at, char* end) {
    Piece piece{Field::Kind::text, at + 1, 0, false, true};
    char* c = at + 1;
    for (;;) {
        if (dialect_.escape) {
            c = std::find_if(c, end, [&](char one) { return one == '"' || one == *dialect_.escape; });
        } else {
            c = static_cast<char*>(std::memchr(c, '"', static_cast<std::size_t>(end - c)));
            c = c == nullptr ? end : c;
        }
        if (c == end) {
            return false;
        }
        const bool doubled = *c == '"' && c + 1 != end && c[1] == '"';
        if (*c == '"' && !doubled) {
            piece.size = static_cast<std::size_t>(c - piece.begin);
            at = c + 1;
            pieces_.push_back(piece);
            return true;
        }
        piece.escaped = true;
        if (c + 1 == end) {
            return false;
        }
        c += 2;
    }
}

void CsvReader::cut_plain(char*& at, const char* end) {
    Piece piece{Field::Kind::text, at, 0, false, false};
    char* c = at;
    for (; c != end && *c != dialect_.delimiter && *c != dialect_.new_line; ++c) {
        if (dialect_.escape && *c == *dialect_.escape && c + 1 != end && c[1] != dialect_.new_line) {
            piece.escaped = true;
            ++c;
        }
    }
    at = c;
    // What stands before a line break may be its other half.
    if (c != piece.begin && c[-1] == '\r' && (c == end || *c == '\n')) {
        --c;
    }
    while (c != piece.begin && is_blank(c[-1]) && c[-1] != dialect_.delimiter) {
        --c;
    }
    piece.size = static_cast<std::size_t>(c - piece.begin);
    const std::string_view text(piece.begin, piece.size);
    if (text.empty()) {
        piece.kind = Field::Kind::absent;
    } else if (text == "\\N") {
        piece.kind = Field::Kind::null;
        piece.escaped = false;
    }
    pieces_.push_back(piece);
}

std::size_t CsvReader::unescape(Piece& piece) const {
    char* out = piece.begin;
    const char* const end = piece.begin + piece.size;
    for (const char* c = piece.begin; c != end; ++c) {
        const bool pair =
            c + 1 != end && ((piece.quoted && *c == '"' && c[1] == '"') || (dialect_.escape && *c == *dialect_.escape));
        c += pair ? 1 : 0;
        *out++ = *c;
    }
    return static_cast<std::size_t>(out - piece.begin);
}

bool CsvReader::take_header() {
    std::vector<std::string> fields;
    for (const Piece& piece : pieces_) {
        fields.emplace_back(piece.begin, piece.size);
    }
    const auto named = header_columns(fields, columns_);
    if (named) {
        take_positions(*named);
    }
    return named.has_value();
}

void CsvReader::deliver(std::size_t size) {
    // One field for each column is fine too where tuples would have more.
    const bool whole = pieces_.size() == places_.size();
    if (!whole && pieces_.size() != width_) {
        sink_.unreadable(fmt::format("{} fields where {} are expected", pieces_.size(), width_));
        return;
    }
    std::size_t at = 0;
    for (const Place& place : places_) {
        if (whole || place.width == 1) {
            const Piece& piece = pieces_[at++];
            fields_[place.column] = {piece.kind, {piece.begin, piece.size}};
        } else {
            std::string& text = tuples_[place.column];
            text.clear();
            append_tuple(plain_type(columns_[place.column].type), at, text);
            fields_[place.column] = {Field::Kind::text, text};
        }
    }
    sink_.record(fields_, size);
}

/// Writes the members of a tuple, which are fields of their own, as one text. An empty field is an empty text there.
void CsvReader::append_tuple(const schema::Type& tuple, std::size_t& at, std::string& text) const {
    text += '(';
    for (const schema::Type& member : tuple.arguments()) {
        text += &member == tuple.arguments().data() ? "" : ",";
        if (member.kind() == schema::Kind::tuple) {
            append_tuple(member, at, text);
            continue;
        }
        const Piece& piece = pieces_[at++];
        if (piece.kind == Field::Kind::null) {
            text += "NULL";
        } else {
            append_quoted(text, {piece.begin, piece.size});
        }
    }
    text += ')';
}

}  // namespace tinybird_cdk::local::ingest
