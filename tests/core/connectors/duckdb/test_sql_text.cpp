// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/sql_text.hpp"

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::duckdb {
namespace {

TEST(TestDuckdbSqlText, OneStatementIsCutOut) {
    for (const std::string_view statement :
         {"SELECT 1", "SELECT ';', \"a;b\", 'it''s;' -- one; two\n, 2", "SELECT /* ; /* ; */ ; */ 1",
          "SELECT $$ ; ' $$, $tag$ ; $$ ; $tag$", "SELECT E'\\';', 'a\\'", "SELECT a$1 FROM t", "SELECT $1"}) {
        EXPECT_EQ(single_statement(statement), statement);
        for (const char* const end : {";", " ; ;\n", "; -- done; really", ";/* ; */"}) {
            const std::string text = std::string(statement) + "\n" + end;
            const std::string_view found = single_statement(text);
            EXPECT_EQ(found.substr(0, statement.size()), statement) << text;
            EXPECT_EQ(found.find_first_not_of(" \n", statement.size()), std::string_view::npos) << text;
        }
    }
}

TEST(TestDuckdbSqlText, NoneOrSeveralAreRefused) {
    for (const char* const text :
         {"", " ; ", "-- SELECT 1", "SELECT 1; SELECT 2", "SELECT 'a'; -- b\n x", "SELECT 'a'; -- b\r x"}) {
        EXPECT_THROW(single_statement(text), errors::InvalidArgument) << text;
    }
}

TEST(TestDuckdbSqlText, StatementsThatWriteFilesAreKnown) {
    for (const char* const text :
         {"COPY t TO 'x.csv'", " -- copy\n/* x */ ;copy(SELECT 1) TO 'x'", "export database 'x'", "Attach 'x.duckdb'",
          "explain /* x */ analyze copy t TO 'x'", "PREPARE p AS COPY t TO 'x'; EXECUTE p",
          "EXPLAIN (ANALYZE, FORMAT json) COPY t TO 'x'", "\xef\xbb\xbf\xc2\xa0 COPY\xe3\x80\x80t TO 'x'"}) {
        EXPECT_TRUE(writes_files(text)) << text;
    }
    for (const char* const text : {"", "SELECT 1", "FROM copy", "copying", "-- COPY t TO 'x'\nSELECT 1", "'copy'",
                                   "EXPLAIN SELECT copy FROM t", "(SELECT 1) UNION SELECT copy", "EXPLAIN", "("}) {
        EXPECT_FALSE(writes_files(text)) << text;
    }
}

}  // namespace
}  // namespace tinybird_cdk::duckdb
