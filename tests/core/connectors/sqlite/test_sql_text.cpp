// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/sql_text.hpp"

#include <span>
#include <string_view>

#include <gtest/gtest.h>

#include "connectors/sqlite/base64.hpp"

namespace tinybird_cdk::sqlite {
namespace {

TEST(TestSqlText, IdentifiersKeepAnyText) {
    EXPECT_EQ(quoted_identifier("plain"), R"("plain")");
    EXPECT_EQ(quoted_identifier("select"), R"("select")");
    EXPECT_EQ(quoted_identifier(R"(a "b" c)"), R"("a ""b"" c")");
    EXPECT_EQ(quoted_identifier("naïve it's"), "\"naïve it's\"");
    EXPECT_EQ(quoted_identifier(""), R"("")");
}

TEST(TestSqlText, TextsDoubleTheirSingleQuotes) {
    EXPECT_EQ(quoted_text("it's \"so\""), "'it''s \"so\"'");
}

TEST(TestSqlText, PositionsCountLinesAndCharacters) {
    constexpr std::string_view sql = "SELECT 'é€',\n  nope";
    EXPECT_EQ(position_of(sql, 0), (Position{1, 1}));
    EXPECT_EQ(position_of(sql, sql.find(',')), (Position{1, 12}));
    EXPECT_EQ(position_of(sql, sql.find("nope")), (Position{2, 3}));
    EXPECT_EQ(position_of(sql, 1000), (Position{2, 7}));
    EXPECT_EQ(position_of("", 0), (Position{1, 1}));
}

// The vectors of RFC 4648, section 10.
TEST(TestSqlText, Base64) {
    const auto of = [](std::string_view text) { return base64(std::as_bytes(std::span(text))); };
    EXPECT_EQ(of(""), "");
    EXPECT_EQ(of("f"), "Zg==");
    EXPECT_EQ(of("fo"), "Zm8=");
    EXPECT_EQ(of("foo"), "Zm9v");
    EXPECT_EQ(of("foob"), "Zm9vYg==");
    EXPECT_EQ(of("fooba"), "Zm9vYmE=");
    EXPECT_EQ(of("foobar"), "Zm9vYmFy");
    EXPECT_EQ(of(std::string_view("\xFF\x00\xFE", 3)), "/wD+");
}

}  // namespace
}  // namespace tinybird_cdk::sqlite
