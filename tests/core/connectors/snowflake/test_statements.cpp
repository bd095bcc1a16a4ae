// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <future>
#include <regex>
#include <stop_token>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/snowflake/column.hpp"
#include "connectors/snowflake/copy_sql.hpp"
#include "connectors/snowflake/failure.hpp"
#include "connectors/snowflake/read_sql.hpp"
#include "connectors/snowflake/sql_text.hpp"
#include "connectors/snowflake/type_map.hpp"
#include "connectors/snowflake/wait_unless_stopped.hpp"

namespace tinybird_cdk::snowflake {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string suggested(const char* type, bool nullable = false) {
    return suggest_type(column_of("C", type, nullable)).type.to_string();
}

TEST(TestSnowflakeTypes, WholeNumbersGetTheSmallestTypeThatHoldsTheirDigits) {
    EXPECT_EQ(suggested("NUMBER(1,0)"), "Int8");
    EXPECT_EQ(suggested("NUMBER(2,0)"), "Int8");
    EXPECT_EQ(suggested("NUMBER(3,0)"), "Int16");
    EXPECT_EQ(suggested("NUMBER(4,0)"), "Int16");
    EXPECT_EQ(suggested("NUMBER(5,0)"), "Int32");
    EXPECT_EQ(suggested("NUMBER(9,0)"), "Int32");
    EXPECT_EQ(suggested("NUMBER(10,0)"), "Int64");
    EXPECT_EQ(suggested("NUMBER(18,0)"), "Int64");
    EXPECT_EQ(suggested("NUMBER(19,0)"), "Int128");
    EXPECT_EQ(suggested("NUMBER(38,0)", true), "Nullable(Int128)");
}

TEST(TestSnowflakeTypes, TheOthersHoldEverythingToo) {
    EXPECT_EQ(suggested("NUMBER(38,10)"), "Decimal(38, 10)");
    EXPECT_EQ(suggested("NUMBER(38,37)"), "Decimal(38, 37)");
    EXPECT_EQ(suggested("FLOAT"), "Float64");
    EXPECT_EQ(suggested("TIMESTAMP_NTZ(9)"), "DateTime64(9)");
    EXPECT_EQ(suggested("TIMESTAMP_NTZ(0)"), "DateTime64(0)");
    EXPECT_EQ(suggested("TIMESTAMP_LTZ(3)"), "DateTime64(3, 'UTC')");
    EXPECT_EQ(suggested("TIMESTAMP_TZ(6)", true), "Nullable(DateTime64(6, 'UTC'))");
    EXPECT_EQ(suggested("VECTOR(FLOAT, 256)"), "String");
    EXPECT_EQ(suggested("ARRAY(NUMBER(38,0))"), "String");
    EXPECT_EQ(suggested("INTERVAL DAY(9) TO SECOND(9)"), "String");
    EXPECT_EQ(suggested("FILE"), "String");
}

TEST(TestSnowflakeStatements, OnlyQueriesAreQueries) {
    EXPECT_EQ(kind_of(" -- a comment\n/* another */ // one more\n((select 1))"), StatementKind::query);
    EXPECT_EQ(kind_of("WITH a AS (SELECT 1) SELECT * FROM a"), StatementKind::query);
    EXPECT_EQ(kind_of("show tables"), StatementKind::show);
    EXPECT_EQ(kind_of("DESC TABLE t"), StatementKind::show);
    EXPECT_EQ(kind_of("SHOW TABLES LIKE '->>' -- ->>"), StatementKind::show);
    for (const char* const statement : {"SHOW TABLES ->> DELETE FROM t", "SELECT 1->>DROP TABLE t", "DELETE FROM t",
                                        "SELECTED", "CALL p()", "", "-- SELECT", "/* SELECT"}) {
        EXPECT_EQ(kind_of(statement), StatementKind::other) << statement;
    }
}

TEST(TestSnowflakeStatements, NamesAndTextsAreQuoted) {
    EXPECT_EQ(path("D", "s \"x\"", "T"), "\"D\".\"s \"\"x\"\"\".\"T\"");
    EXPECT_EQ(literal("it's a \\"), "'it''s a \\\\'");
    EXPECT_EQ(columns_only("SELECT 1 -- end;"), "SELECT * FROM (\nSELECT 1 -- end;\n) LIMIT 0");
}

TEST(TestSnowflakeStatements, OneStatementStandsInAnother) {
    EXPECT_EQ(single_statement("SELECT 1; -- done"), "SELECT 1");
    EXPECT_EQ(single_statement("SELECT 1 /* a; */ ;\n; // b; c\n /* d */ ;"), "SELECT 1 /* a; */ ");
    EXPECT_EQ(single_statement("SELECT ';' || $$a;'b$$ || 'it\\'s; ''x;' AS \"a;\"\"b\""),
              "SELECT ';' || $$a;'b$$ || 'it\\'s; ''x;' AS \"a;\"\"b\"");
    EXPECT_EQ(single_statement("SELECT 4 / 2 - 1;"), "SELECT 4 / 2 - 1");
    EXPECT_EQ(single_statement("SELECT 'no end; "), "SELECT 'no end; ");
    EXPECT_THROW(single_statement("SELECT 1; DELETE FROM t"), errors::InvalidArgument);
    EXPECT_THROW(single_statement("SELECT 1; -- a\nSELECT 2"), errors::InvalidArgument);
    EXPECT_EQ(readable("SELECT 1 AS C; -- done", {column_of("C", "VARCHAR", true)}), "SELECT 1 AS C");
}

/// The driver counts in units of Arrow, which has four.
TEST(TestSnowflakeStatements, MomentsThatTheDriverWouldChangeAreConverted) {
    const auto read = [](const char* type) { return readable("Q", {column_of("C", type, true)}); };
    for (const char* const type : {"TIMESTAMP_NTZ(0)", "TIMESTAMP_NTZ(3)", "TIMESTAMP_LTZ(6)", "TIMESTAMP_TZ(9)",
                                   "TIMESTAMP_TZ(0)", "TIMESTAMP_TZ(6)", "NUMBER(38,0)", "VARCHAR(10)"}) {
        EXPECT_EQ(read(type), "Q") << type;
    }
    EXPECT_THAT(read("TIMESTAMP_NTZ(4)"), HasSubstr("\"C\"::TIMESTAMP_NTZ(6) AS \"C\""));
    EXPECT_THAT(read("TIMESTAMP_LTZ(1)"), HasSubstr("\"C\"::TIMESTAMP_LTZ(3)"));
    EXPECT_THAT(read("TIMESTAMP_TZ(3)"), HasSubstr("\"C\"::TIMESTAMP_TZ(6)"));
    EXPECT_THAT(read("TIMESTAMP_TZ(7)"), HasSubstr("\"C\"::TIMESTAMP_TZ(9)"));
    EXPECT_THAT(read("TIME(3)"), HasSubstr("TO_VARCHAR(\"C\", 'HH24:MI:SS.FF3')"));
    EXPECT_THAT(read("VARIANT"), HasSubstr("TO_JSON(\"C\")"));
    EXPECT_THAT(read("GEOGRAPHY"), HasSubstr("ST_ASWKT(\"C\")"));
    EXPECT_EQ(readable("Q;", {column_of("C", "VARCHAR", true)}), "Q");
}

/// The driver gives bare numbers of months or nanoseconds.
TEST(TestSnowflakeStatements, IntervalsAreReadAsText) {
    for (const char* const type : {"INTERVAL YEAR(9) TO MONTH", "INTERVAL DAY", "UUID", "PERIOD(DATE)"}) {
        const std::vector<Column> columns{column_of("C", type, true)};
        EXPECT_EQ(readable("Q", columns), "SELECT (\"C\")::VARCHAR AS \"C\" FROM (\nQ\n)") << type;
        EXPECT_EQ(not_unloadable(columns, Format::csv), "") << type;
        EXPECT_THAT(in_our_notation("Q", columns, {{.name = "C", .target = {}}}, Format::ndjson),
                    HasSubstr("'C', (\"C\")::VARCHAR"))
            << type;
    }
}

TEST(TestSnowflakeStatements, WhatTheKitDoesNotKnowIsNotRead) {
    try {
        readable("Q", {column_of("C", "FILE", true)});
        FAIL() << "nobody knows what the driver gives";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("\"C\" is of type FILE"));
        EXPECT_THAT(error.hint(), HasSubstr("::VARCHAR"));
    }
}

/// With nine digits the driver refuses the year too, so no policy helps.
TEST(TestSnowflakeStatements, AYearThatNanosecondsDoNotHoldNeedsFewerDigits) {
    const auto hint = [](const char* type) {
        const std::string sql =
            in_our_notation("Q", {column_of("C", type, true)}, {{.name = "C", .target = {}}}, Format::csv);
        return meaning_of(std::regex_replace(sql, std::regex("''"), "'"))->hint;
    };
    EXPECT_THAT(hint("TIMESTAMP_NTZ(9)"), HasSubstr("::TIMESTAMP_NTZ(6)"));
    EXPECT_THAT(hint("TIMESTAMP_NTZ(6)"), Not(HasSubstr("::TIMESTAMP_NTZ(6)")));
    EXPECT_THAT(hint("DATE"), HasSubstr("date_range"));
}

TEST(TestSnowflakeStatements, ColumnsAreWrittenUnderTheNameOfTheirPlace) {
    const std::vector<Column> columns{column_of("A", "NUMBER(38,0)", true), column_of("B", "BINARY", true)};
    const std::vector<OutputColumn> outputs{{.name = "a", .target = {}}, {.name = "b's", .target = {}}};
    EXPECT_EQ(in_our_notation("Q", columns, outputs, Format::csv),
              "SELECT IFNULL(TO_VARCHAR(\"A\"), '\\\\N') AS \"a\", IFNULL('\"' || REPLACE(BASE64_ENCODE(\"B\"), "
              "'\"', '\"\"') || '\"', '\\\\N') AS \"b's\" FROM (\nQ\n)");
    EXPECT_EQ(in_our_notation("Q", columns, outputs, Format::ndjson),
              "SELECT OBJECT_CONSTRUCT_KEEP_NULL('a', TO_VARCHAR(\"A\"), 'b''s', BASE64_ENCODE(\"B\")) FROM (\nQ\n)");
}

TEST(TestSnowflakeStatements, TextIsQuotedUnderAnyCollation) {
    EXPECT_THAT(in_our_notation("Q", {column_of("C", "VARCHAR(10)", true)}, {{.name = "C", .target = {}}}, Format::csv),
                HasSubstr("REPLACE(COLLATE(\"C\", 'utf8'), '\"', '\"\"')"));
}

/// Else they would depend on casts in the query.
TEST(TestSnowflakeStatements, NumbersHaveATypeOfTheirOwnInParquet) {
    const auto written = [](const char* type, bool nullable) {
        const schema::Type target = schema::Float64().with_nullable(nullable);
        return in_our_notation("Q", {column_of("C", type, true)}, {{.name = "C", .target = target}}, Format::parquet);
    };
    EXPECT_EQ(written("FLOAT", true), "SELECT (\"C\")::DOUBLE AS \"C\" FROM (\nQ\n)");
    EXPECT_EQ(written("NUMBER(10,2)", true), "SELECT (\"C\")::NUMBER(10, 2) AS \"C\" FROM (\nQ\n)");
    EXPECT_THAT(written("FLOAT", false), HasSubstr("\"C\", NULL))::DOUBLE AS \"C\""));
}

/// Whole numbers are NUMBER(38,0) to Snowflake, whatever is in them.
TEST(TestSnowflakeStatements, NumbersAreComparedWithWhatTheirTargetHolds) {
    const auto written = [](const char* type, const schema::Type& target, Format format = Format::parquet) {
        return in_our_notation("Q", {column_of("C", type, true)}, {{.name = "C", .target = schema::Nullable(target)}},
                               format);
    };
    for (const Format format : {Format::csv, Format::ndjson, Format::parquet}) {
        EXPECT_THAT(written("NUMBER(38,0)", schema::Int64(), format),
                    HasSubstr("\"C\" < -9223372036854775808 OR \"C\" > 9223372036854775807"));
        EXPECT_THAT(written("NUMBER(18,0)", schema::Int64(), format), Not(HasSubstr("<")));
    }
    EXPECT_THAT(written("NUMBER(3,0)", schema::UInt64()), HasSubstr("\"C\" < 0 OR \"C\" > 18446744073709551615"));
    EXPECT_THAT(written("NUMBER(5,0)", schema::Decimal(6, 2)), HasSubstr("\"C\" <= -10000 OR \"C\" >= 10000"));
    EXPECT_THAT(written("NUMBER(10,2)", schema::Decimal(4, 2)), HasSubstr("\"C\" <= -100 OR \"C\" >= 100"));
    EXPECT_THAT(written("NUMBER(10,2)", schema::Decimal(3, 3)), HasSubstr("\"C\" <= -1 OR \"C\" >= 1"));
    EXPECT_THAT(written("NUMBER(10,4)", schema::Decimal(10, 2)), HasSubstr("IFF(\"C\" <> \"C\"::NUMBER(38,2), "));
    EXPECT_THAT(written("NUMBER(10,4)", schema::Decimal(4, 2)),
                HasSubstr("\"C\" <= -100 OR \"C\" >= 100 OR \"C\" <> \"C\"::NUMBER(38,2)"));
    EXPECT_THAT(written("NUMBER(38,0)", schema::Int128()), Not(HasSubstr("<")));
    EXPECT_THAT(written("NUMBER(10,2)", schema::Decimal(38, 4)), Not(HasSubstr("<")));
    const auto meaning = meaning_of(
        "Numeric value 'column \"C\": the value 300 is none of the numbers of UInt8, and its place in the "
        "data source can't hold it' is not recognized");
    ASSERT_TRUE(meaning.has_value());
    EXPECT_EQ(meaning->exit_code, errors::ExitCode::data_refused);
    EXPECT_THAT(meaning->hint, HasSubstr("number_range"));
}

TEST(TestSnowflakeStatements, NumbersAreTextInNdjsonUnlessTheyAreFloats) {
    const auto written = [](const char* type, const schema::Type& target) {
        return in_our_notation("Q", {column_of("C", type, true)}, {{.name = "C", .target = schema::Nullable(target)}},
                               Format::ndjson);
    };
    EXPECT_THAT(written("NUMBER(2,0)", schema::Int8()), HasSubstr("'C', TO_VARCHAR(\"C\")"));
    EXPECT_THAT(written("NUMBER(2,0)", schema::Float64()), HasSubstr("'C', \"C\""));
}

TEST(TestSnowflakeStatements, NullIsRefusedWhereTheTargetTakesNone) {
    const auto written = [](const schema::Type& target) {
        return in_our_notation("Q", {column_of("C", "NUMBER(18,0)", false)}, {{.name = "C", .target = target}},
                               Format::csv);
    };
    EXPECT_EQ(written(schema::Nullable(schema::Int64())),
              "SELECT IFNULL(TO_VARCHAR(\"C\"), '\\\\N') AS \"C\" FROM (\nQ\n)");
    EXPECT_THAT(written(schema::Int64()), HasSubstr("\"C\" IS NULL"));
    const auto meaning =
        meaning_of("Numeric value 'column \"C\" has NULL, and its place in the data source takes none'");
    ASSERT_TRUE(meaning.has_value());
    EXPECT_EQ(meaning->exit_code, errors::ExitCode::data_refused);
}

TEST(TestSnowflakeStatements, MomentsAreWrittenInUtcWithTheirDigits) {
    const auto written = [](const char* type) {
        return in_our_notation("Q", {column_of("C", type, true)}, {{.name = "C", .target = {}}}, Format::csv);
    };
    EXPECT_THAT(written("TIMESTAMP_TZ(3)"), HasSubstr("TO_VARCHAR(CONVERT_TIMEZONE('UTC', \"C\")::TIMESTAMP_NTZ, "
                                                      "'YYYY-MM-DD HH24:MI:SS.FF3')"));
    EXPECT_THAT(written("TIMESTAMP_NTZ(9)"), HasSubstr("\"C\" > TIMESTAMP_NTZ_FROM_PARTS(2262, 4, 11, 23, 47, 16)"));
    EXPECT_THAT(written("TIMESTAMP_NTZ(6)"), HasSubstr("\"C\" >= DATE_FROM_PARTS(2300, 1, 1)"));
    EXPECT_THAT(written("DATE"), HasSubstr("\"C\" < DATE_FROM_PARTS(1900, 1, 1)"));
    // What a text is depends on the account's formats.
    for (const char* const type : {"DATE", "TIMESTAMP_NTZ(6)", "TIMESTAMP_LTZ(9)"}) {
        EXPECT_THAT(written(type), Not(HasSubstr("'::"))) << type;
    }
}

TEST(TestSnowflakeStatements, WhatSnowflakeWouldCutIsNotUnloaded) {
    EXPECT_EQ(not_unloadable({column_of("C", "NUMBER(38,0)", true)}, Format::csv), "");
    EXPECT_THAT(not_unloadable({column_of("C", "FLOAT", true)}, Format::csv), HasSubstr("\"C\""));
    EXPECT_THAT(not_unloadable({column_of("C", "FILE", true)}, Format::ndjson), HasSubstr("FILE"));
    EXPECT_EQ(not_unloadable({column_of("C", "FLOAT", true)}, Format::parquet), "");
    EXPECT_THAT(not_unloadable({column_of("C", "FILE", true)}, Format::parquet), HasSubstr("FILE"));
}

TEST(TestSnowflakeStatements, CopiesSayEverythingThatASessionMayHaveOtherwise) {
    const std::string csv = copy_statement("S/dir/", Format::csv, "Q");
    EXPECT_THAT(csv, HasSubstr("COPY INTO @S/dir/part_ FROM (\nQ\n) FILE_FORMAT = (TYPE = CSV COMPRESSION = NONE"));
    EXPECT_THAT(csv, HasSubstr("FIELD_OPTIONALLY_ENCLOSED_BY = NONE ESCAPE = NONE ESCAPE_UNENCLOSED_FIELD = NONE"));
    EXPECT_THAT(csv, HasSubstr(R"(NULL_IF = ('\\N') EMPTY_FIELD_AS_NULL = FALSE)"));
    EXPECT_THAT(csv, HasSubstr("HEADER = FALSE"));
    EXPECT_THAT(copy_statement("S/dir/", Format::ndjson, "Q"), HasSubstr("TYPE = JSON COMPRESSION = GZIP"));
    const std::string parquet = copy_statement("S/dir/", Format::parquet, "Q");
    EXPECT_THAT(parquet, HasSubstr("(TYPE = PARQUET COMPRESSION = SNAPPY) HEADER = TRUE"));
    EXPECT_THAT(parquet, HasSubstr("MAX_FILE_SIZE = 536870912"));
}

/// The driver may wait for many minutes for a service that does not answer.
TEST(TestSnowflakeWaiting, WorkThatDoesNotEndIsLeftAfterAStop) {
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(wait_unless_stopped([released] { released.wait(); }, stop.get_token(), std::chrono::milliseconds(0)),
                 errors::InterruptedError);
    release.set_value();
    EXPECT_EQ(wait_unless_stopped([] { return 1; }, {}, std::chrono::milliseconds(0)), 1);
    EXPECT_EQ(wait_unless_stopped([] { return 2; }, stop.get_token(), std::chrono::hours(1)), 2);
    EXPECT_THROW(wait_unless_stopped([] { throw errors::InvalidArgument("no"); }, {}, std::chrono::milliseconds(0)),
                 errors::InvalidArgument);
}

}  // namespace
}  // namespace tinybird_cdk::snowflake
