// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgresql/sql_text.hpp"

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::postgresql {
namespace {

TEST(TestPostgresqlSqlText, TheSemicolonAtTheEndIsCut) {
    EXPECT_EQ(single_statement("SELECT 1"), "SELECT 1");
    EXPECT_EQ(single_statement("SELECT 1;"), "SELECT 1");
    EXPECT_EQ(single_statement("SELECT 1 ; -- done\n ; /* really */ "), "SELECT 1 ");
    EXPECT_EQ(single_statement("SELECT 1 -- done"), "SELECT 1 -- done");
}

TEST(TestPostgresqlSqlText, SemicolonsInsideTokensDoNotCount) {
    for (const std::string_view sql :
         {"SELECT ';'", "SELECT ';'';'", "SELECT \";\"", "SELECT E'\\';'", "SELECT $$;$$", "SELECT $a$;$$;$a$",
          "SELECT /* ; /* ; */ ; */ 1", "SELECT 1 -- ;\n + 1", "SELECT a$b$ FROM t"}) {
        EXPECT_EQ(single_statement(sql), sql);
    }
}

TEST(TestPostgresqlSqlText, SeveralStatementsAreRefused) {
    EXPECT_THROW(single_statement("SELECT 1; SELECT 2"), errors::InvalidArgument);
    EXPECT_THROW(single_statement("SELECT '\\'; DROP TABLE t"), errors::InvalidArgument);
    EXPECT_THROW(single_statement(""), errors::InvalidArgument);
    EXPECT_THROW(single_statement(" ; -- nothing\n"), errors::InvalidArgument);
    // A carriage return ends a comment, too.
    EXPECT_THROW(single_statement("SELECT 1; -- done\rSELECT 2"), errors::InvalidArgument);
}

/// libpq would send what stands before it.
TEST(TestPostgresqlSqlText, ANulIsRefused) {
    EXPECT_THROW(single_statement(std::string_view("SELECT 1\0 + 1", 13)), errors::InvalidArgument);
}

TEST(TestPostgresqlSqlText, StatementsThatChangeDataAreKnown) {
    EXPECT_TRUE(changes_data("INSERT INTO t VALUES (1) RETURNING id"));
    EXPECT_TRUE(changes_data("/* fast */ -- and short\n delete FROM t RETURNING id"));
    EXPECT_FALSE(changes_data("SELECT 'UPDATE'"));
    EXPECT_FALSE(changes_data("updates"));
    EXPECT_FALSE(changes_data(""));
}

TEST(TestPostgresqlSqlText, IdentifiersAreQuoted) {
    EXPECT_EQ(quoted_identifier("plain"), "\"plain\"");
    EXPECT_EQ(quoted_identifier("a\"b"), "\"a\"\"b\"");
}

TEST(TestPostgresqlSqlText, PlacesCountCharacters) {
    EXPECT_EQ(place_in("SELECT x", 8), "line 1, column 8");
    EXPECT_EQ(place_in("SELECT 'é',\n x", 14), "line 2, column 2");
}

}  // namespace
}  // namespace tinybird_cdk::postgresql
