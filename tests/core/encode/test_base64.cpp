// SPDX-License-Identifier: Apache-2.0
#include "encode/base64.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace tinybird_cdk::encode {
namespace {

std::string encoded(std::span<const std::byte> bytes) {
    std::string text(base64_length(bytes.size()), '!');
    EXPECT_EQ(write_base64(text.data(), bytes), text.data() + text.size());
    return text;
}

std::string encoded(std::string_view text) {
    return encoded(std::as_bytes(std::span(text.data(), text.size())));
}

TEST(Base64, WritesTheVectorsOfTheRfc) {
    // RFC 4648 §10
    EXPECT_EQ(encoded(""), "");
    EXPECT_EQ(encoded("f"), "Zg==");
    EXPECT_EQ(encoded("fo"), "Zm8=");
    EXPECT_EQ(encoded("foo"), "Zm9v");
    EXPECT_EQ(encoded("foob"), "Zm9vYg==");
    EXPECT_EQ(encoded("fooba"), "Zm9vYmE=");
    EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
    EXPECT_EQ(encoded("\xFB\xFF\xBF"), "+/+/");
}

TEST(Base64, KeepsEveryByteOfAnyLength) {
    std::mt19937 random(1);
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t length = 0; length < 300; ++length) {
        std::vector<std::byte> bytes(length);
        for (std::byte& byte : bytes) {
            byte = static_cast<std::byte>(random());
        }
        // Read back bit by bit.
        std::vector<std::byte> decoded;
        std::uint32_t bits = 0;
        int held = 0;
        for (const char c : encoded(bytes)) {
            if (c == '=') {
                continue;
            }
            const std::size_t value = alphabet.find(c);
            ASSERT_NE(value, std::string_view::npos);
            bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFU;
            held += 6;
            if (held >= 8) {
                held -= 8;
                decoded.push_back(static_cast<std::byte>(bits >> static_cast<unsigned>(held)));
            }
        }
        ASSERT_EQ(decoded, bytes) << length;
    }
}

}  // namespace
}  // namespace tinybird_cdk::encode
