// SPDX-License-Identifier: Apache-2.0
#include "core/json.hpp"

#include "core/utf8.hpp"

namespace tinybird_cdk::core {

namespace {

void append_escape(std::string& out, char c) {
    constexpr std::string_view hex = "0123456789abcdef";
    switch (c) {
        case '"':
        case '\\':
            out += '\\';
            out += c;
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += hex[static_cast<unsigned char>(c) >> 4U];
            out += hex[static_cast<unsigned char>(c) & 15U];
    }
}

/// Escapes text that is UTF-8; whole runs between escapes are copied at once.
void append_escaped(std::string& out, std::string_view text) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"' || text[i] == '\\' || static_cast<unsigned char>(text[i]) < 0x20U) {
            out += text.substr(begin, i - begin);
            append_escape(out, text[i]);
            begin = i + 1;
        }
    }
    out += text.substr(begin);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    while (true) {
        const std::size_t bad = first_invalid_utf8(text);
        append_escaped(out, text.substr(0, bad));
        if (bad == std::string_view::npos) {
            break;
        }
        out += "\xEF\xBF\xBD";
        text.remove_prefix(bad + 1);
    }
    out += '"';
}

std::string json_string(std::string_view text) {
    std::string result;
    result.reserve(text.size() + 2);
    append_json_string(result, text);
    return result;
}

}  // namespace tinybird_cdk::core
