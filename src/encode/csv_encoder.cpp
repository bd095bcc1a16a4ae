// SPDX-License-Identifier: Apache-2.0
#include "encode/csv_encoder.hpp"

#include "encode/base64.hpp"
#include "encode/escape.hpp"

namespace tinybird_cdk::encode {

namespace {

/// Text is copied in pieces, so that the room for the worst case stays small for long values.
constexpr std::size_t piece = 8 * 1024;
constexpr std::size_t room_around = 32;

}  // namespace

CsvEncoder::CsvEncoder(const std::vector<OutputColumn>& columns, bool header, Output& output)
    : output_(output), single_(columns.size() == 1) {
    if (header) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            string(i, columns[i].name);
        }
        output_.put('\n');
    }
}

void CsvEncoder::string(std::size_t column, std::string_view text) {
    if (text.size() > piece) [[unlikely]] {
        output_.expect(text.size());
    }
    std::string_view part = text.substr(0, piece);
    char* out = separated(column, 2 * part.size() + room_around);
    *out++ = '"';
    out = copy_doubling_quotes(out, part);
    while (part.size() < text.size()) {
        text.remove_prefix(part.size());
        part = text.substr(0, piece);
        output_.advance_to(out);
        out = copy_doubling_quotes(output_.reserve(2 * part.size() + room_around), part);
    }
    *out++ = '"';
    output_.advance_to(out);
}

void CsvEncoder::base64(std::size_t column, std::span<const std::byte> bytes) {
    // Quoted like any text, so that no bytes are not NULL.
    char* out = separated(column, base64_length(bytes.size()) + 2);
    *out++ = '"';
    out = write_base64(out, bytes);
    *out++ = '"';
    output_.advance_to(out);
}

}  // namespace tinybird_cdk::encode
