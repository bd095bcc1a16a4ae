// SPDX-License-Identifier: Apache-2.0
#include "encode/escape.hpp"

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tinybird_cdk::encode {
namespace {

/// The text in a block of its own, at this distance from the block's begin, and not a byte more behind it: a sanitiser
/// sees each read past the end.
class Placed {
public:
    Placed(std::string_view text, std::size_t distance) : block_(distance + text.size()), size_(text.size()) {
        std::copy(text.begin(), text.end(), block_.begin() + static_cast<std::ptrdiff_t>(distance));
        block_.shrink_to_fit();
    }
    [[nodiscard]] std::string_view view() const { return {block_.data() + block_.size() - size_, size_}; }

private:
    std::vector<char> block_;
    std::size_t size_;
};

std::string quotes_doubled(std::string_view text) {
    std::vector<char> out(2 * text.size() + 16);
    return {out.data(), copy_doubling_quotes(out.data(), text)};
}

std::string json_escaped(std::string_view text) {
    std::vector<char> out(6 * text.size() + 16);
    return {out.data(), copy_json_escaped(out.data(), text)};
}

std::string plainly_doubled(std::string_view text) {
    std::string result;
    for (const char c : text) {
        result += c == '"' ? std::string("\"\"") : std::string(1, c);
    }
    return result;
}

TEST(Escapes, OfOneCharacterAtAnyPlaceAndDistance) {
    for (std::size_t length = 0; length <= 100; ++length) {
        for (const char odd : {'"', '\\', '\n', '\0', '\x1f', '\x7f', 'x'}) {
            for (std::size_t place = 0; place < std::max<std::size_t>(length, 1); ++place) {
                std::string text(length, 'a');
                if (length > 0) {
                    text[place] = odd;
                }
                const Placed placed(text, (length + place) % 17);
                ASSERT_EQ(quotes_doubled(placed.view()), plainly_doubled(text));
                ASSERT_EQ('"' + json_escaped(placed.view()) + '"', nlohmann::json(text).dump());
            }
        }
    }
}

TEST(Escapes, OfRandomTextAreReadBackUnchanged) {
    std::mt19937 random(2);
    const std::vector<std::string> pieces{"\"",        "\\",   "\n", "\r", "\t",  std::string(1, '\0'),
                                          "\x01",      "\x1f", "é",  "東", "😀",   "a",
                                          "bcdefghij", " ",    "'",  "/",  "\x7f"};
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::size_t i = random() % 40; i > 0; --i) {
            text += pieces[random() % pieces.size()];
        }
        const Placed placed(text, random() % 33);
        ASSERT_EQ(nlohmann::json::parse('"' + json_escaped(placed.view()) + '"').get<std::string>(), text);
        ASSERT_EQ(quotes_doubled(placed.view()), plainly_doubled(text));
        std::string appended = ">";
        append_json_escaped(appended, text);
        ASSERT_EQ(appended, ">" + json_escaped(text));
        appended = ">";
        append_doubling_quotes(appended, text);
        ASSERT_EQ(appended, ">" + plainly_doubled(text));
    }
}

TEST(Escapes, OfTheWorstCaseFitTheRoom) {
    const std::string text(1000, '\x01');
    EXPECT_EQ(json_escaped(text).size(), 6000U);
    EXPECT_EQ(quotes_doubled(std::string(1000, '"')).size(), 2000U);
}

TEST(ClickHouseEscapes, AreThoseOfItsStringLiterals) {
    std::string out;
    append_clickhouse_escaped(out, std::string_view("it's \\ \"x\"\n\r\t\0\b é", 18));
    EXPECT_EQ(out, "it\\'s \\\\ \"x\"\\n\\r\\t\\0\b é");
}

TEST(MendedUtf8, PutsOneReplacementForEachBadByte) {
    EXPECT_EQ(with_valid_utf8("plain é"), "plain é");
    EXPECT_EQ(with_valid_utf8("a\xFF\xFE"
                              "b"),
              "a\uFFFD\uFFFDb");
    EXPECT_EQ(with_valid_utf8("\xE6\x9D"), "\uFFFD\uFFFD");
    EXPECT_EQ(with_valid_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(with_valid_utf8(""), "");
}

}  // namespace
}  // namespace tinybird_cdk::encode
