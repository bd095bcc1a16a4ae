// SPDX-License-Identifier: Apache-2.0
#include "encode/ndjson_encoder.hpp"

#include <algorithm>
#include <utility>

#include "encode/base64.hpp"
#include "encode/escape.hpp"
#include "encode/json_document.hpp"

namespace tinybird_cdk::encode {

namespace {

/// Text is copied in pieces, so that the room for the worst case stays small for long values.
constexpr std::size_t piece = 3 * 1024;
constexpr std::size_t room_around = 32;

}  // namespace

NdjsonEncoder::NdjsonEncoder(const std::vector<OutputColumn>& columns, Output& output) : output_(output) {
    for (const OutputColumn& column : columns) {
        std::string text = keys_.empty() ? "{\"" : ",\"";
        append_json_escaped(text, with_valid_utf8(column.name));
        text += "\":";
        const std::size_t size = text.size();
        text.resize(std::max(size, short_key), ' ');
        keys_.push_back({size, std::move(text)});
    }
}

void NdjsonEncoder::string(std::size_t column, std::string_view text) {
    if (text.size() > piece) [[unlikely]] {
        output_.expect(text.size());
    }
    std::string_view part = text.substr(0, piece);
    char* out = keyed(column, 6 * part.size() + room_around);
    *out++ = '"';
    out = copy_json_escaped(out, part);
    while (part.size() < text.size()) {
        text.remove_prefix(part.size());
        part = text.substr(0, piece);
        output_.advance_to(out);
        out = copy_json_escaped(output_.reserve(6 * part.size() + room_around), part);
    }
    *out++ = '"';
    output_.advance_to(out);
}

void NdjsonEncoder::base64(std::size_t column, std::span<const std::byte> bytes) {
    char* out = keyed(column, base64_length(bytes.size()) + 2);
    *out++ = '"';
    out = write_base64(out, bytes);
    *out++ = '"';
    output_.advance_to(out);
}

void NdjsonEncoder::json_value(std::size_t column, std::string_view document) {
    scratch_.clear();
    append_on_one_line(scratch_, document);
    bare(column, scratch_);
}

}  // namespace tinybird_cdk::encode
