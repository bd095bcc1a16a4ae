// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/sql_text.hpp>

#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "connectors/bigquery/sql_text.hpp"
#include "connectors/duckdb/sql_text.hpp"
#include "connectors/mysql/sql_text.hpp"
#include "connectors/postgresql/sql_text.hpp"
#include "connectors/redshift/sql_text.hpp"
#include "connectors/snowflake/sql_text.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::ElementsAre;

/// What one dialect makes of texts. Those of the last list end in one way in this dialect and in others elsewhere.
struct DialectCase {
    const char* name;
    SqlDialect dialect;
    std::vector<std::string> whole;     ///< no semicolon in it ends a statement
    std::vector<std::string> unclosed;  ///< what is put behind it belongs to its last token
    /// What stands before the first semicolon that ends a statement, and what from there on.
    struct Cut {
        std::string before;
        std::string after;
        bool several = true;
    };
    std::vector<Cut> cut;
};

std::vector<DialectCase> dialect_cases() {
    const std::string nbsp = "\xc2\xa0";
    return {
        {"standard",
         {},
         {"SELECT ';', 'it''s;', \"a;\"\"b\"", "SELECT 1 -- ;\n + 1", "SELECT /* ; */ 1", "SELECT '\\'",
          "SELECT a / b"},
         {"SELECT '", "SELECT 'it''", "SELECT \"a", "SELECT 1 /* ", "SELECT 1 /*/"},
         {{"SELECT $$", "; $$"}, {"SELECT 1 # ", "; 2"}, {"SELECT `", "; `"}, {"/* /* */ ", "; */"}}},
        {"PostgreSQL",
         postgresql::dialect,
         {"SELECT E'\\';'", "SELECT e'a'';\\';'", "SELECT $$;$$", "SELECT $a$;$$;$b$;$a$", "SELECT $é_1$;$é_1$",
          "SELECT /* ; /* ; */ ; */ 1", "SELECT a$b$, a$$b FROM t", "SELECT $1", "SELECT U&'\\', B'1', '\\'",
          "SELECT $a$ $b$a$"},
         {"SELECT $$;$", "SELECT $a$;$b$", "SELECT /* /* */ ", "SELECT E'\\", "SELECT E'\\'"},
         {{"SELECT 1E'\\'", "; '"},
          {"SELECT fE'\\'", "; '"},
          {"SELECT a$$b", "; SELECT a$$b"},
          {"SELECT $1$", "; SELECT $1$"},
          {"SELECT 1", "; -- done\rSELECT 2"},
          {"SELECT 1", "; -- done\nSELECT 2"},
          {"SELECT 1", ";" + nbsp},
          {"SELECT 1 ", "; -- one\r /* two /* 2 */ ; */ ; \f\v\t", false}}},
        {"Redshift",
         redshift::dialect,
         {"SELECT $$;--$$", "SELECT 'it\\';--'", "SELECT 'it''s;'", "SELECT \"\\\", \";\"", "SELECT $a$;$$;$a$",
          "SELECT /* /* ; */ ; */ 1", "SELECT a$$b"},
         {"SELECT '\\'", "SELECT 'a\\", "SELECT $$;--$"},
         {{"SELECT E'\\\\'", "; '"}, {"SELECT 1", "; -- done\rSELECT 2"}, {"SELECT 1", "; -- done;", false}}},
        {"MySQL",
         mysql::dialect,
         {"SELECT 'a\\';b', \"c\\\";d\", 'it''s;', \"\"\";\"", "SELECT `a\\`, `;```", "SELECT 1 # ;\n + 1",
          "SELECT 1 -- ;\n + 1", "SELECT 1--1", "SELECT 1 --\t;\n", "SELECT 1 /*! + ';' */", "SELECT 1 # ;\r + ;"},
         {"SELECT `", "SELECT '\\'", "SELECT \"\\\"", "SELECT 1 /*!"},
         {{"SELECT 1--", "; x"},
          {"SELECT 1", ";/*! SELECT 2 */"},
          {"SELECT 1", ";/*M! SELECT 2 */"},
          {"SELECT 1", "; --2"},
          {"SELECT 1", "; --", false},
          {"SELECT 1", "; # a\rb", false},
          {"/* /* */ ", "; */"},
          {"SELECT $$", "; $$"}}},
        {"Snowflake",
         snowflake::dialect,
         {"SELECT $$;'$$", "SELECT 'it\\'s; ''x;'", "SELECT \"a\\\", \"a;\"\"b\"", "SELECT 1 // ;'\n", "SELECT 4 / 2",
          "SELECT a$$b, $1"},
         {"SELECT $$;$", "SELECT 'a\\'"},
         {{"SELECT a$$b", "; SELECT c$$d"},
          {"SELECT $a$", "; $a$"},
          {"SELECT /* /* */ 1", "; */"},
          {"SELECT 1", "; // done\n; -- it is\n" + nbsp, false}}},
        {"BigQuery",
         bigquery::dialect,
         {"SELECT '''a;'b''', \"\"\"a;\"\"b\"\"\"", "SELECT r'\\';', b\"\\\";\", rb'''\\''';'''", "SELECT `a\\`;`",
          "SELECT 1 # ;\n", "SELECT ';', '', \"\"", "SELECT 'a'\"\"\";\"\"\""},
         {"SELECT '''a;''", "SELECT \"\"\"", "SELECT `a\\`", "SELECT r'\\'"},
         {{"SELECT $$", "; $$"},
          {"/* /* */ ", "; */"},
          {"SELECT 1", "; # done\rSELECT 2"},
          {"SELECT 1", "; # done;\n" + nbsp, false}}},
        {"DuckDB",
         duckdb::dialect,
         {"SELECT E'\\';', 'a\\'", "SELECT $$ ; ' $$, $tag$ ; $$ ; $tag$", "SELECT a$1, $1 FROM t", "SELECT a$$b",
          "SELECT /* ; /* ; */ ; */ 1", "SELECT a" + nbsp + "$$;$$"},
         {"SELECT $$;$", "SELECT /* /* */"},
         {{"SELECT 1", "; -- done\rSELECT 2"},
          {"SELECT a$$b", "; SELECT a$$b"},
          {"SELECT 1", ";" + nbsp + "\xef\xbb\xbf\xe2\x80\x8b-- done", false},
          {"SELECT 1", "; é"}}},
    };
}

TEST(TestSqlText, SemicolonsInTextsNamesAndCommentsEndNothing) {
    for (const DialectCase& one : dialect_cases()) {
        for (const std::string& text : one.whole) {
            SCOPED_TRACE(std::string(one.name) + ": " + text);
            EXPECT_EQ(sql_outline(text, one.dialect).first, text);
            for (const char* const end : {"\n;", "\n; /* done; */ ;;\n", "\n;-- done;"}) {
                const std::string ended = text + end;
                const SqlOutline outline = sql_outline(ended, one.dialect);
                EXPECT_EQ(outline.first, text + "\n") << ended;
                EXPECT_FALSE(outline.second) << ended;
            }
            const std::string several = text + "\n; more; and more";
            EXPECT_EQ(sql_outline(several, one.dialect).first, text + "\n");
            EXPECT_EQ(sql_outline(several, one.dialect).second, several.find("more; and"));
            EXPECT_EQ(sql_outline(several + " ; -- end", one.dialect).meaningful, several);
        }
    }
}

TEST(TestSqlText, WhatIsNotClosedReachesToTheEnd) {
    for (const DialectCase& one : dialect_cases()) {
        for (const std::string& text : one.unclosed) {
            SCOPED_TRACE(std::string(one.name) + ": " + text);
            for (const std::string& all : {text, text + ";", text + "; SELECT 2"}) {
                EXPECT_EQ(sql_outline(all, one.dialect).first, all);
                EXPECT_FALSE(sql_outline(all, one.dialect).second) << all;
            }
        }
    }
}

TEST(TestSqlText, DialectsDiffer) {
    for (const DialectCase& one : dialect_cases()) {
        for (const DialectCase::Cut& cut : one.cut) {
            const std::string text = cut.before + cut.after;
            SCOPED_TRACE(std::string(one.name) + ": " + text);
            const SqlOutline outline = sql_outline(text, one.dialect);
            EXPECT_EQ(outline.first, cut.before);
            EXPECT_EQ(outline.second.has_value(), cut.several);
        }
    }
}

TEST(TestSqlText, ThereMayBeNoStatement) {
    for (const DialectCase& one : dialect_cases()) {
        for (const std::string text :
             {"", " \t\r\n\f\v", "-- SELECT 1", "/* SELECT 1 */", "/*", " ; ;", "; -- nothing\n;"}) {
            SCOPED_TRACE(std::string(one.name) + ": " + text);
            const SqlOutline outline = sql_outline(text, one.dialect);
            EXPECT_EQ(outline.meaningful, "");
            EXPECT_FALSE(outline.second);
            EXPECT_EQ(first_sql_word(text, one.dialect, ";"), "");
        }
        const SqlOutline late = sql_outline("; SELECT 1", one.dialect);
        EXPECT_EQ(late.first, "") << one.name;
        EXPECT_EQ(late.second, 2U) << one.name;
    }
}

TEST(TestSqlText, TheMeaningfulPartHasNoEnd) {
    const auto meaningful = [](std::string_view text) { return sql_outline(text, bigquery::dialect).meaningful; };
    EXPECT_EQ(meaningful("-- a\nSELECT 1 /* b */ ; # c\n ; "), "-- a\nSELECT 1");
    EXPECT_EQ(meaningful("SELECT 1; SELECT 2; -- c"), "SELECT 1; SELECT 2");
    EXPECT_EQ(meaningful("SELECT ';--'"), "SELECT ';--'");
    EXPECT_EQ(meaningful("SELECT ';-- "), "SELECT ';-- ");
}

TEST(TestSqlText, TheFirstWordIsFoundBehindComments) {
    EXPECT_EQ(first_sql_word("/* a */ -- b\n insert into t", {}), "INSERT");
    EXPECT_EQ(first_sql_word("( (-- c\nselect(1)))", {}, "("), "SELECT");
    EXPECT_EQ(first_sql_word("(select 1)", {}), "");
    EXPECT_EQ(first_sql_word(";copy", {}, ";"), "COPY");
    EXPECT_EQ(first_sql_word("'copy' t", {}, "'"), "") << "only single characters can be skipped";
    EXPECT_EQ(first_sql_word("selected_é$1 x", {}), "SELECTED_é$1");
    EXPECT_EQ(first_sql_word("/*! copy */ select", mysql::dialect), "");
    EXPECT_EQ(first_sql_word("\xef\xbb\xbf"
                             "copy\xc2\xa0t",
                             duckdb::dialect),
              "COPY");
}

std::vector<std::string> tokens(std::string_view sql, const SqlDialect& dialect) {
    constexpr std::array<const char*, 5> names{"blank", "comment", "quoted", "word", "other"};
    std::vector<std::string> result;
    for (std::size_t at = 0; at < sql.size();) {
        const SqlToken token = sql_token(sql, at, dialect);
        result.push_back(std::string(names.at(static_cast<std::size_t>(token.kind))) + " " + std::string(token.text));
        at += token.text.size();
    }
    return result;
}

TEST(TestSqlText, TokensAreTold) {
    EXPECT_THAT(tokens("a1 ->> \t'x''y'--c\n/*d*/\"e\"", {}),
                ElementsAre("word a1", "blank  ", "other -", "other >", "other >", "blank  \t", "quoted 'x''y'",
                            "comment --c", "blank \n", "comment /*d*/", "quoted \"e\""));
    EXPECT_THAT(tokens("E'\\''$a$;$a$x$$", postgresql::dialect),
                ElementsAre("quoted E'\\''", "quoted $a$;$a$", "word x$$"));
    EXPECT_THAT(tokens("/*!1*/`a`", mysql::dialect), ElementsAre("other /*!1*/", "quoted `a`"));
    EXPECT_THAT(tokens("r'''a'''''", bigquery::dialect), ElementsAre("word r", "quoted '''a'''", "quoted ''"));
}

/// Each text lies alone in memory of its own size, so that sanitisers see a byte that is read beyond it.
TEST(TestSqlText, TokensOfAnyTextCoverItExactly) {
    constexpr std::array<std::string_view, 34> pieces{
        "'",  "\"",   "`",        "'''",      "\"\"\"", "\\", "$",  "$$",  "$a$",  "$1$", "E'", "e",
        "--", "-- ",  "#",        "//",       "/",      "/*", "*/", "/*!", "/*M!", ";",   "\n", "\r",
        " ",  "\xc2", "\xc2\xa0", "\xef\xbb", "é",      "a",  "1",  "(",   "->>",  "\x7f"};
    const std::vector<DialectCase> cases = dialect_cases();
    std::mt19937 random(20261130);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same texts each time
    for (int round = 0; round < 5000; ++round) {
        std::string text;
        for (std::size_t left = random() % 12; left > 0; --left) {
            text += random() % 8 == 0 ? std::string(1, static_cast<char>(random() % 256))
                                      : std::string(pieces.at(random() % pieces.size()));
        }
        const auto memory = std::make_unique<char[]>(text.size());
        text.copy(memory.get(), text.size());
        const std::string_view sql(memory.get(), text.size());
        for (const DialectCase& one : cases) {
            std::string together;
            while (together.size() < sql.size()) {
                const SqlToken token = sql_token(sql, together.size(), one.dialect);
                ASSERT_EQ(token.text.data(), sql.data() + together.size()) << one.name << ": " << text;
                ASSERT_FALSE(token.text.empty()) << one.name << ": " << text;
                together += token.text;
            }
            ASSERT_EQ(together, text) << one.name;
            const SqlOutline outline = sql_outline(sql, one.dialect);
            ASSERT_TRUE(sql.starts_with(outline.first) && sql.starts_with(outline.meaningful))
                << one.name << ": " << text;
            // Cut once, there is nothing more to cut.
            ASSERT_EQ(sql_outline(outline.first, one.dialect).first, outline.first) << one.name << ": " << text;
            ASSERT_EQ(sql_outline(outline.first, one.dialect).second, std::nullopt) << one.name << ": " << text;
            // But for two dashes that are a comment when nothing follows them any more.
            if (!one.dialect.dashes_need_blank) {
                ASSERT_EQ(sql_outline(outline.meaningful, one.dialect).meaningful, outline.meaningful)
                    << one.name << ": " << text;
            }
            ASSERT_EQ(first_sql_word(sql, one.dialect, "(;").find('('), std::string::npos) << one.name << ": " << text;
        }
    }
}

}  // namespace
}  // namespace tinybird_cdk
