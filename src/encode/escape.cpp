// SPDX-License-Identifier: Apache-2.0
#include "encode/escape.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/utf8.hpp"

namespace tinybird_cdk::encode {

namespace {

constexpr std::size_t step = 16;

/// What stands for a byte inside a JSON string; empty: the byte itself.
struct Escape {
    std::array<char, 6> text{};
    std::uint8_t size = 0;
};

constexpr std::array<Escape, 256> make_json_escapes() {
    std::array<Escape, 256> table{};
    constexpr std::string_view hex = "0123456789abcdef";
    for (std::size_t c = 0; c < 0x20; ++c) {
        table.at(c) = {{'\\', 'u', '0', '0', hex[c >> 4U], hex[c & 15U]}, 6};
    }
    table.at('\n') = {{'\\', 'n'}, 2};
    table.at('\r') = {{'\\', 'r'}, 2};
    table.at('\t') = {{'\\', 't'}, 2};
    table.at('\b') = {{'\\', 'b'}, 2};
    table.at('\f') = {{'\\', 'f'}, 2};
    table.at('"') = {{'\\', '"'}, 2};
    table.at('\\') = {{'\\', '\\'}, 2};
    return table;
}

constexpr std::array<Escape, 256> json_escapes = make_json_escapes();

char* put_json(char* out, char c) noexcept {
    const Escape& escape = json_escapes[static_cast<unsigned char>(c)];
    if (escape.size == 0) {
        *out = c;
        return out + 1;
    }
    std::memcpy(out, escape.text.data(), escape.text.size());
    return out + escape.size;
}

#if defined(__SSE2__)

/// One bit for each of 16 bytes that needs an escape.
template <bool Json>
unsigned special_bytes(__m128i bytes) noexcept {
    __m128i found = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    if constexpr (Json) {
        found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        // Unsigned bytes up to 0x1F: those that stay when the smaller of both is taken.
        found = _mm_or_si128(found, _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes));
    }
    return static_cast<unsigned>(_mm_movemask_epi8(found));
}

/// Copies 16 bytes at a time. A whole block is stored before it is known to be clean; only the clean part counts.
template <bool Json, class Put>
char* copy_escaping(char* out, std::string_view text, Put put) noexcept {
    const char* in = text.data();
    const char* const end = in + text.size();
    while (static_cast<std::size_t>(end - in) >= step) {
        __m128i bytes;
        std::memcpy(&bytes, in, step);
        std::memcpy(out, &bytes, step);
        const unsigned special = special_bytes<Json>(bytes);
        if (special == 0) {
            in += step;
            out += step;
            continue;
        }
        const auto clean = static_cast<std::size_t>(std::countr_zero(special));
        in += clean;
        out = put(out + clean, *in++);
    }
    while (in != end) {
        out = put(out, *in++);
    }
    return out;
}

#else

template <bool Json, class Put>
char* copy_escaping(char* out, std::string_view text, Put put) noexcept {
    for (const char c : text) {
        out = put(out, c);
    }
    return out;
}

#endif

}  // namespace

char* copy_doubling_quotes(char* out, std::string_view text) noexcept {
    return copy_escaping<false>(out, text, [](char* to, char c) noexcept {
        *to++ = c;
        if (c == '"') {
            *to++ = c;
        }
        return to;
    });
}

char* copy_json_escaped(char* out, std::string_view text) noexcept {
    return copy_escaping<true>(out, text, put_json);
}

namespace {

/// Appends text in pieces between those characters that `put` writes in another way.
template <class Special, class Put>
void append_escaping(std::string& out, std::string_view text, Special special, Put put) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (special(text[i])) {
            out.append(text, begin, i - begin);
            put(text[i]);
            begin = i + 1;
        }
    }
    out.append(text, begin);
}

}  // namespace

void append_clickhouse_escaped(std::string& out, std::string_view text) {
    append_escaping(
        out, text, [](char c) { return c == '\'' || c == '\\' || (c >= '\0' && c < ' '); },
        [&out](char c) {
            switch (c) {
                case '\n':
                    out += "\\n";
                    break;
                case '\r':
                    out += "\\r";
                    break;
                case '\t':
                    out += "\\t";
                    break;
                case '\0':
                    out += "\\0";
                    break;
                case '\'':
                case '\\':
                    out += '\\';
                    [[fallthrough]];
                default:
                    out += c;
            }
        });
}

void append_doubling_quotes(std::string& out, std::string_view text) {
    append_escaping(
        out, text, [](char c) { return c == '"'; }, [&out](char) { out += "\"\""; });
}

void append_json_escaped(std::string& out, std::string_view text) {
    append_escaping(
        out, text, [](char c) { return json_escapes[static_cast<unsigned char>(c)].size != 0; },
        [&out](char c) {
            const Escape& escape = json_escapes[static_cast<unsigned char>(c)];
            out.append(escape.text.data(), escape.size);
        });
}

std::string with_valid_utf8(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::size_t valid = core::first_invalid_utf8(text);
        result += text.substr(0, valid);
        if (valid == std::string_view::npos) {
            break;
        }
        result += "\xEF\xBF\xBD";
        text.remove_prefix(valid + 1);
    }
    return result;
}

}  // namespace tinybird_cdk::encode
