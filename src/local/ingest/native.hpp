// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Pieces of ClickHouse's Native format.
namespace tinybird_cdk::local::ingest {

inline void append_varint(std::string& out, std::uint64_t value) {
    constexpr std::uint64_t more = 0x80;
    while (value >= more) {
        out += static_cast<char>(value | more);
        value >>= 7U;
    }
    out += static_cast<char>(value);
}

inline void append_text(std::string& out, std::string_view text) {
    append_varint(out, text.size());
    out += text;
}

/// Numbers as they lie in memory: ClickHouse's formats are little-endian, as are all machines that it runs on here.
template <class T>
void append_values(std::string& out, const std::vector<T>& values) {
    if (!values.empty()) {
        out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    }
}

}  // namespace tinybird_cdk::local::ingest
