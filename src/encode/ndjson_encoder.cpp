// SPDX-License-Identifier: Apache-2.0
#include "encode/ndjson_encoder.hpp"

#include "encode/escape.hpp"
#include "encode/json_document.hpp"

namespace tinybird_cdk::encode {

namespace {

/// Text is copied in pieces, so that the room for the worst case stays small for long values.
constexpr std::size_t piece = 16 * 1024;

}  // namespace

NdjsonEncoder::NdjsonEncoder(const std::vector<OutputColumn>& columns, bool /*header*/, Output& output)
    : output_(output) {
    for (const OutputColumn& column : columns) {
        std::string key = keys_.empty() ? "{\"" : ",\"";
        append_json_escaped(key, column.name);
        keys_.push_back(key + "\":");
    }
}

void NdjsonEncoder::quoted(std::string_view text) {
    output_.put('"');
    while (!text.empty()) {
        const std::string_view part = text.substr(0, piece);
        output_.advance_to(copy_json_escaped(output_.reserve(6 * part.size() + 16), part));
        text.remove_prefix(part.size());
    }
    output_.put('"');
}

void NdjsonEncoder::json_value(std::size_t column, std::string_view document) {
    scratch_.clear();
    append_on_one_line(scratch_, document);
    bare(column, scratch_);
}

}  // namespace tinybird_cdk::encode
