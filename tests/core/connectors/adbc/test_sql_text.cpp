// SPDX-License-Identifier: Apache-2.0
#include "connectors/adbc/sql_text.hpp"

#include <gtest/gtest.h>

namespace tinybird_cdk::any_adbc {
namespace {

TEST(TestAdbcSqlText, StatementsCanBeEmbedded) {
    EXPECT_EQ(embeddable("SELECT 1"), "SELECT 1\n");
    EXPECT_EQ(embeddable("SELECT 1 ; ;\n"), "SELECT 1\n");
    EXPECT_EQ(embeddable("SELECT 1 -- one"), "SELECT 1 -- one\n");
    EXPECT_EQ(embeddable(" ;"), "\n");
}

TEST(TestAdbcSqlText, NamesAreQuotedAsTheDatabaseQuotesThem) {
    EXPECT_EQ(quoted_identifier("a \"b\" `c`", "PostgreSQL"), "\"a \"\"b\"\" `c`\"");
    EXPECT_EQ(quoted_identifier("a \"b\" `c`", ""), "\"a \"\"b\"\" `c`\"");
    EXPECT_EQ(quoted_identifier("a \"b\" `c`", "MySQL"), "`a \"b\" ``c```");
    EXPECT_EQ(quoted_identifier("a", "Google BigQuery"), "`a`");
}

}  // namespace
}  // namespace tinybird_cdk::any_adbc
