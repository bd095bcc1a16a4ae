// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tinybird_cdk::core {
namespace {

using ::testing::ElementsAre;

std::string base64(std::string_view text) {
    return base64_encode(std::as_bytes(std::span(text.data(), text.size())));
}

TEST(TestText, LowersAsciiOnly) {
    EXPECT_EQ(to_lower("AbZ09_É"), "abz09_É");
    EXPECT_EQ(to_lower(""), "");
}

TEST(TestText, TrimsAtBothEnds) {
    EXPECT_EQ(trim(" \t\r\n a b \v\f"), "a b");
    EXPECT_EQ(trim("a"), "a");
    EXPECT_EQ(trim(" \n "), "");
    EXPECT_EQ(trim(""), "");
}

TEST(TestText, ComparesIgnoringCase) {
    EXPECT_TRUE(equal_ignoring_case("Retry-After", "retry-AFTER"));
    EXPECT_FALSE(equal_ignoring_case("a", "ab"));
    EXPECT_FALSE(equal_ignoring_case("[", "{"));  // these differ in the bit that makes the case of letters
    EXPECT_TRUE(starts_with_ignoring_case("HTTPS://x", "https://"));
    EXPECT_FALSE(starts_with_ignoring_case("http", "https"));
    EXPECT_TRUE(starts_with_ignoring_case("", ""));
}

TEST(TestText, SplitsIntoOnePartMoreThanSeparators) {
    EXPECT_THAT(split("a,b", ','), ElementsAre("a", "b"));
    EXPECT_THAT(split("", ','), ElementsAre(""));
    EXPECT_THAT(split(",a,,", ','), ElementsAre("", "a", "", ""));
}

TEST(TestText, EncodesAllButTheUnreservedCharacters) {
    // RFC 3986 §2.3
    const std::string unreserved = "ABCXYZabcxyz0189-._~";
    EXPECT_EQ(url_encode(unreserved), unreserved);
    EXPECT_EQ(url_encode(" !\"#$%&'()*+,/:;<=>?@[\\]^`{|}"),
              "%20%21%22%23%24%25%26%27%28%29%2A%2B%2C%2F%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E%60%7B%7C%7D");
    EXPECT_EQ(url_encode("é€"), "%C3%A9%E2%82%AC");
    EXPECT_EQ(url_encode(std::string_view("\0\xFF", 2)), "%00%FF");
}

TEST(TestText, DecodesWhatItEncodes) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
        all += static_cast<char>(byte);
    }
    EXPECT_EQ(url_decode(url_encode(all)), all);
}

TEST(TestText, DecodesFormsAndPathsDifferently) {
    EXPECT_EQ(url_decode("a+b%2b%2B"), "a+b++");
    EXPECT_EQ(url_decode("a+b%2b%2B", true), "a b++");
}

TEST(TestText, RefusesMalformedEscapes) {
    for (const std::string_view text : {"%", "%4", "a%4", "%4G", "%G4", "%%41", "% 41", "%+1"}) {
        EXPECT_EQ(url_decode(text), std::nullopt) << text;
    }
}

TEST(TestText, EncodesBase64AsInRfc4648) {
    // RFC 4648 §10
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("foob"), "Zm9vYg==");
    EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64("\xFB\xEF\xFF"), "++//");
}

}  // namespace
}  // namespace tinybird_cdk::core
