// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <tinybird_cdk/row_writer.hpp>

#include "connectors/postgresql/codec.hpp"

namespace tinybird_cdk::postgresql::testing {

/// Keeps what a writer gives out.
class TextSink final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        text += full.view();
        return Buffer(wanted);
    }
    std::string text;
};

/// "50 4f" as two bytes.
inline std::string bytes_of(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); ++i) {
        if (hex[i] != ' ') {
            bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
            ++i;
        }
    }
    return bytes;
}

/// The version of the server that the bytes in the tests are from.
inline constexpr int server_version = 150020;

inline Decoder decoder_of(oid::Oid type) {
    return scalar_decoder(type, server_version);
}
inline Decoder array_decoder_of(oid::Oid element_type) {
    return array_decoder(element_type, element_type, server_version);
}

/// The JSON of one value, bound for a column of this type ("" for unknown).
inline std::string written(const Decoder& decoder, const std::string& bytes, const char* target = "Nullable(String)") {
    TextSink sink;
    RowWriterOptions options;
    options.format = Format::ndjson;
    RowWriter writer(
        {{"v", std::string_view(target).empty() ? std::nullopt : std::optional(schema::Type::parse(target)), true}},
        options, sink);
    std::string scratch;
    writer.begin_row();
    decoder(bytes, writer, scratch);
    writer.end_row();
    writer.finish();
    constexpr std::size_t key = 5;  // {"v":
    return sink.text.substr(key, sink.text.size() - key - 2);
}

}  // namespace tinybird_cdk::postgresql::testing
