// SPDX-License-Identifier: Apache-2.0
#include "encode/csv_encoder.hpp"

#include <algorithm>

#include "encode/escape.hpp"

namespace tinybird_cdk::encode {

namespace {

/// Text is copied in pieces, so that the room for the worst case stays small for long values.
constexpr std::size_t piece = 64 * 1024;

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

void CsvEncoder::quoted(std::string_view text) {
    output_.put('"');
    while (!text.empty()) {
        const std::string_view part = text.substr(0, piece);
        output_.advance_to(copy_doubling_quotes(output_.reserve(2 * part.size() + 16), part));
        text.remove_prefix(part.size());
    }
    output_.put('"');
}

}  // namespace tinybird_cdk::encode
