// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace tinybird_cdk::core {
namespace {

constexpr std::size_t npos = std::string_view::npos;

/// Encodes by the bit patterns of RFC 3629 §3, without looking whether the code point may be encoded, so that
/// overlong forms and surrogates come out too.
std::string encode(std::uint32_t code, std::size_t length) {
    if (length == 1) {
        return std::string(1, static_cast<char>(code));
    }
    std::string text(length, '\0');
    for (std::size_t i = length; i-- > 1; code >>= 6U) {
        text[i] = static_cast<char>(0x80U | (code & 0x3FU));
    }
    const std::uint32_t marks = (0xFF00U >> length) & 0xFFU;
    text[0] = static_cast<char>(static_cast<unsigned char>(marks | code));
    return text;
}

std::size_t shortest_length(std::uint32_t code) {
    return code < 0x80U ? 1 : code < 0x800U ? 2 : code < 0x10000U ? 3 : 4;
}

bool is_scalar_value(std::uint32_t code) {
    return code <= 0x10FFFFU && (code < 0xD800U || code > 0xDFFFU);
}

TEST(TestUtf8, TakesExactlyTheShortestFormsOfScalarValues) {
    for (std::size_t length = 1; length <= 4; ++length) {
        // All values that this length has bits for: 7, 11, 16 and 21.
        const std::uint32_t count = length == 1 ? 0x80U : 1U << (5U * static_cast<unsigned>(length) + 1U);
        for (std::uint32_t code = 0; code < count; ++code) {
            const std::string text = encode(code, length);
            const bool valid = shortest_length(code) == length && is_scalar_value(code);
            ASSERT_EQ(utf8_sequence_length(text), valid ? length : 0) << std::hex << code << " in " << length;
            ASSERT_EQ(first_invalid_utf8(text), valid ? npos : 0) << std::hex << code << " in " << length;
        }
    }
}

TEST(TestUtf8, RefusesLeadBytesThatNeverAre) {
    for (const unsigned lead : {0x80U, 0xBFU, 0xC0U, 0xC1U, 0xF5U, 0xF8U, 0xFCU, 0xFEU, 0xFFU}) {
        const std::string text = std::string(1, static_cast<char>(lead)) + "\x80\x80\x80\x80\x80";
        EXPECT_EQ(utf8_sequence_length(text), 0U) << lead;
    }
}

TEST(TestUtf8, FindsThePositionOfTheFirstBadSequence) {
    const std::vector<std::pair<std::string, std::size_t>> cases{
        {"", npos},
        {"abc", npos},
        {std::string(1, '\0'), npos},
        {"a\xFF", 1},
        {"aé\x80", 3},
        {"\xE2\x82", 0},      // the euro sign cut off
        {"ab\xE2\x82z", 2},   // … and followed by something else
        {"12345678\xC3", 8},  // behind one whole word of ASCII
        {"1234567\xC3\xA9\xC3", 9},
        {"\xF0\x9F\x98\x80\xED\xA0\x80", 4},  // a surrogate
    };
    for (const auto& [text, position] : cases) {
        EXPECT_EQ(first_invalid_utf8(text), position) << text;
    }
}

TEST(TestUtf8, FindsABadByteAtEachPlaceOfALongText) {
    for (const std::string& unit : {std::string("a"), std::string("é"), std::string("€"), std::string("😀")}) {
        std::string text;
        while (text.size() < 64) {
            text += unit;
        }
        EXPECT_EQ(first_invalid_utf8(text), npos);
        for (std::size_t i = 0; i < text.size(); ++i) {
            std::string broken = text;
            broken[i] = '\xFF';
            EXPECT_EQ(first_invalid_utf8(broken), i - i % unit.size()) << unit << i;
            // Any cut but one between characters leaves a broken one at the end.
            EXPECT_EQ(first_invalid_utf8(std::string_view(text).substr(0, i)),
                      i % unit.size() == 0 ? npos : i - i % unit.size());
        }
    }
}

}  // namespace
}  // namespace tinybird_cdk::core
