// SPDX-License-Identifier: Apache-2.0
#include "connectors/adbc/sql_text.hpp"

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::any_adbc {
namespace {

TEST(TestAdbcSqlText, StatementsCanBeEmbedded) {
    EXPECT_EQ(embeddable("SELECT 1"), "SELECT 1\n");
    EXPECT_EQ(embeddable("SELECT 1 ; ;\n"), "SELECT 1\n");
    EXPECT_EQ(embeddable("SELECT 1 -- one"), "SELECT 1 -- one\n");
    EXPECT_EQ(embeddable(" ;"), "\n");
}

TEST(TestAdbcSqlText, WhatWritesIsNoLoad) {
    for (const char* const query :
         {"DELETE FROM t", " -- a\n/* b */ insert into t SELECT 1", "(drop table t)", "SELECT 1; SELECT 2",
          "replace into t", "SELECT id FROM t;;drop table t", "SELECT 'a;' ; SELECT \"b;\""}) {
        EXPECT_THROW(refuse_writes(query), errors::InvalidArgument) << query;
    }
    // Where one dialect has a text or a comment, another one may have a second statement.
    for (const char* const query :
         {"SELECT 1 ; ; -- b; c", "SELECT 'it\\'s; SELECT'", "SELECT `a; b`", "SELECT $$a; b$$", "SELECT 1 # a; b",
          "SELECT 1 // a; b", "SELECT \"a;\" FROM deleted", "PRAGMA user_version = 7", "WITH a AS (SELECT 1) SELECT 2",
          "", "SHOW TABLES", "SELECT '''a; b'''"}) {
        EXPECT_NO_THROW(refuse_writes(query)) << query;
    }
}

TEST(TestAdbcSqlText, NamesAreQuotedAsTheDatabaseQuotesThem) {
    EXPECT_EQ(quoted_identifier("a \"b\" `c`", "PostgreSQL"), "\"a \"\"b\"\" `c`\"");
    EXPECT_EQ(quoted_identifier("a \"b\" `c`", ""), "\"a \"\"b\"\" `c`\"");
    EXPECT_EQ(quoted_identifier("a \"b\" `c`", "MySQL"), "`a \"b\" ``c```");
    EXPECT_EQ(quoted_identifier("a", "Google BigQuery"), "`a`");
}

}  // namespace
}  // namespace tinybird_cdk::any_adbc
