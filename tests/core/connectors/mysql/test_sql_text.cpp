// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/mysql/sql_text.hpp"

namespace tinybird_cdk::mysql {
namespace {

TEST(TestMysqlSqlText, OneStatementIsTaken) {
    EXPECT_EQ(single_statement("SELECT 1"), "SELECT 1");
    EXPECT_EQ(single_statement("SELECT 1;"), "SELECT 1");
    EXPECT_EQ(single_statement("SELECT 1 ; -- one\n # two\n /* three */ ;"), "SELECT 1 ");
    EXPECT_EQ(single_statement("SELECT ';', \";\", `;` /* ; */ -- ;"), "SELECT ';', \";\", `;` /* ; */ -- ;");
    EXPECT_EQ(single_statement("SELECT 'it''s;', 'a\\';b', \"c\\\";d\";"), "SELECT 'it''s;', 'a\\';b', \"c\\\";d\"");
    EXPECT_EQ(single_statement("SELECT `a\\`;"), "SELECT `a\\`") << "no escapes in identifiers";
    EXPECT_EQ(single_statement("SELECT 1--1; # a minus of a minus"), "SELECT 1--1");
}

TEST(TestMysqlSqlText, MoreThanOneIsRefused) {
    for (const char* const sql : {"SELECT 1; SELECT 2", "SELECT 1;/*! SELECT 2 */", "SELECT 1;/*M! SELECT 2 */",
                                  "SELECT 1 -- ;\n; SELECT 2", "SELECT 1; --2"}) {
        EXPECT_THROW(single_statement(sql), errors::InvalidArgument) << sql;
    }
    EXPECT_THROW(single_statement(""), errors::InvalidArgument);
    EXPECT_THROW(single_statement(" ; # nothing"), errors::InvalidArgument);
    EXPECT_THROW(single_statement(std::string_view("SELECT '\0'", 10)), errors::InvalidArgument);
}

TEST(TestMysqlSqlText, NamesAndTextAreQuoted) {
    EXPECT_EQ(quoted_identifier("a"), "`a`");
    EXPECT_EQ(quoted_identifier("a`b\"c\\"), "`a``b\"c\\`");
    EXPECT_THROW(quoted_identifier(std::string_view("a\0b", 3)), errors::InvalidArgument);
    EXPECT_EQ(quoted_literal("it's \\"), "'it\\'s \\\\'");
    EXPECT_EQ(quoted_literal(std::string_view("\0", 1)), "'\\0'");
}

}  // namespace
}  // namespace tinybird_cdk::mysql
