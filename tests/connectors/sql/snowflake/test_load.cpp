// SPDX-License-Identifier: Apache-2.0
// Loads from Snowflake into Tinybird, without a bucket: what is in the data source afterwards. fakesnow keeps six
// digits of a second and whole numbers of 64 bits in tables: more is selected without a table.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "account.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::HasSubstr;
using testing::Namespace;
using testing::snowflake_environment;
using testing::Target;

class TestSnowflakeLoad : public ::testing::TestWithParam<Format> {
protected:
    TestSnowflakeLoad() {
        options.format = GetParam();
        options.on_quarantine = tinybird::OnQuarantine::fail;
        options.verify = true;
    }

    Namespace data;
    Environment environment = snowflake_environment();
    std::unique_ptr<SqlConnector> connector = sql_connector_for("snowflake", environment);
    LoadOptions options;
};

INSTANTIATE_TEST_SUITE_P(Formats, TestSnowflakeLoad, ::testing::Values(Format::csv, Format::ndjson, Format::parquet),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestSnowflakeLoad, EachTypeArrivesAsItLeft) {
    data.execute(
        "CREATE TABLE {s}.T AS SELECT -9007199254740993 AS I, 12.50::NUMBER(10,2) AS N, 0.1::FLOAT AS F, TRUE AS B, "
        "'a\"b\\nc' AS S, NULL::VARCHAR AS Z, '' AS E, X'00ff' AS Y, '2024-02-29'::DATE AS D, '2024-01-31 "
        "12:34:56.789012'::TIMESTAMP_NTZ AS M, '1969-12-31 23:59:59.000001+00'::TIMESTAMP_TZ AS L, "
        "PARSE_JSON('{\"a\":[1,null]}') AS J, NULL::TIMESTAMP_NTZ AS ZM, NULL::NUMBER(10,2) AS ZN");
    const schema::Schema schema = connector->suggest_schema(data.table("T"));
    Target target(schema);
    const LoadResult result = connector->append(connector->ingest_query(schema), target.name(), options);
    EXPECT_EQ(result.rows, 1U);
    const auto text = [&](const std::string& column) { return target.text("toString(" + column + ")"); };
    EXPECT_EQ(text("I"), "-9007199254740993");
    EXPECT_EQ(text("N"), "12.5");
    EXPECT_EQ(text("F"), "0.1");
    EXPECT_EQ(text("B"), "true");
    EXPECT_EQ(text("S"), "a\"b\nc");
    EXPECT_EQ(target.text("isNull(Z)"), "1");
    EXPECT_EQ(text("E"), "");
    EXPECT_EQ(target.text("isNull(E)"), "0");
    EXPECT_EQ(text("D"), "2024-02-29");
    EXPECT_EQ(text("M"), "2024-01-31 12:34:56.789012000");
    EXPECT_EQ(text("L"), "1969-12-31 23:59:59.000001000");
    EXPECT_EQ(text("J"), "{\"a\":[1,null]}");
    EXPECT_EQ(target.text("isNull(ZM)"), "1");
    EXPECT_EQ(target.text("isNull(ZN)"), "1");
}

TEST_P(TestSnowflakeLoad, ThirtyEightDigitsArrive) {
    schema::Schema schema;
    schema.table = "T";
    schema.columns = {{.name = "I", .type = schema::Nullable(schema::Int128())}};
    Target target(schema);
    connector->append(
        "SELECT TO_DECIMAL('99999999999999999999999999999999999999', 38, 0) AS I UNION ALL SELECT "
        "TO_DECIMAL('-99999999999999999999999999999999999999', 38, 0)",
        target.name(), options);
    EXPECT_EQ(target.text("concat(toString(max(I)), ' ', toString(min(I)))"),
              "99999999999999999999999999999999999999 -99999999999999999999999999999999999999");
}

TEST_P(TestSnowflakeLoad, AYearThatNanosecondsDontHoldIsRefused) {
    data.execute("CREATE TABLE {s}.T AS SELECT '9999-12-31 00:00:00'::TIMESTAMP_NTZ AS M");
    Target target(connector->suggest_schema(data.table("T")));
    EXPECT_THROW(connector->append(data.sql("SELECT M FROM {s}.T"), target.name(), options), errors::Error);
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestSnowflakeLoad, AppendAddsAndReplaceReplaces) {
    data.execute("CREATE TABLE {s}.T AS SELECT SEQ4() + 1 AS N FROM TABLE(GENERATOR(ROWCOUNT => 20000))");
    const schema::Schema schema = connector->suggest_schema(data.table("T"));
    Target target(schema);
    connector->append(connector->ingest_query(schema), target.name(), options);
    connector->append(connector->ingest_query(schema), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(count()), ' ', toString(sum(N)))"), "40000 400020000");
    connector->replace(data.sql("SELECT N FROM {s}.T WHERE N < 4;"), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(count()), ' ', toString(sum(N)))"), "3 6");
}

TEST_P(TestSnowflakeLoad, AnEmptyResultAppendsNothing) {
    data.execute("CREATE TABLE {s}.T (N INT NOT NULL)");
    const schema::Schema schema = connector->suggest_schema(data.table("T"));
    Target target(schema);
    EXPECT_EQ(connector->append(connector->ingest_query(schema), target.name(), options).rows, 0U);
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestSnowflakeLoad, ALoadHasALimitOfRows) {
    data.execute("CREATE TABLE {s}.T AS SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 6000))");
    const schema::Schema schema = connector->suggest_schema(data.table("T"));
    Target target(schema);
    options.row_limit = 5500;
    EXPECT_EQ(connector->append(connector->ingest_query(schema), target.name(), options).rows, 5500U);
    EXPECT_EQ(target.text("count()"), "5500");
}

/// One around the query need not heed the order of what is inside.
TEST_P(TestSnowflakeLoad, ALimitStandsBesideTheOrderOfTheQuery) {
    data.execute(
        "CREATE TABLE {s}.T AS SELECT SEQ4() AS N, '12:34:56'::TIME AS T FROM TABLE(GENERATOR(ROWCOUNT => 100))");
    const schema::Schema schema = connector->suggest_schema(data.table("T"));
    Target target(schema);
    options.row_limit = 3;
    const auto rows = [&](const std::string& query) {
        connector->replace(query, target.name(), options);
        return target.text("arrayStringConcat(arraySort(groupArray(toString(N))), ' ')");
    };
    const std::string query = data.sql("SELECT N, T FROM {s}.T ORDER BY N DESC");
    EXPECT_EQ(rows(query + "; -- a comment"), "97 98 99");
    EXPECT_EQ(rows(query + " LIMIT 2 -- a comment"), "98 99");
    if (testing::emulator_url()) {
        // T is converted around it.
        const Value::List asked = testing::queries_with(query + "\nLIMIT 3\n) LIMIT 0");
        EXPECT_EQ(asked.size(), 1U);
        EXPECT_EQ(testing::queries_with(query + "\nLIMIT 3").size(), 2U);
    }
}

TEST_P(TestSnowflakeLoad, AQueryThatFailsHasALinkToIt) {
    data.execute("CREATE TABLE {s}.T AS SELECT 'no number' AS S, 1 AS N");
    Target target(connector->suggest_schema(data.table("T")));
    try {
        connector->append(data.sql("SELECT S::INT AS N FROM {s}.T"), target.name(), options);
        FAIL() << "the query fails";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("no number"));
        EXPECT_THAT(error.hint(), HasSubstr("/#/compute/history/queries/"));
    }
}

TEST_P(TestSnowflakeLoad, AYearThatNanosecondsDoNotHoldIsRefusedData) {
    data.execute("CREATE TABLE {s}.T AS SELECT '2263-01-01'::TIMESTAMP_NTZ AS M");
    Target target(connector->suggest_schema(data.table("T")));
    try {
        connector->append(data.sql("SELECT M FROM {s}.T"), target.name(), options);
        FAIL() << "the year is behind 2262";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("2263-01-01"));
        EXPECT_THAT(error.what(), HasSubstr("::TIMESTAMP_NTZ(6)"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
    }
}

/// The driver gives an end then and no failure.
TEST_P(TestSnowflakeLoad, AResultThatEndsEarlyIsNoLoad) {
    if (!testing::emulator_url()) {
        GTEST_SKIP() << "on a real account: it can't be told to end a result early";
    }
    data.execute("CREATE TABLE {s}.T AS SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 20000))");
    Target target(connector->suggest_schema(data.table("T")));
    try {
        connector->append(data.sql("SELECT N /* ends early */ FROM {s}.T"), target.name(), options);
        FAIL() << "rows are missing";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("of its 20000 rows"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
    }
    EXPECT_EQ(target.text("count()"), "0");
    options.row_limit = 3000;
    EXPECT_EQ(connector->append(data.sql("SELECT N FROM {s}.T"), target.name(), options).rows, 3000U);
}

/// A user may have a limit of rows for every result.
TEST_P(TestSnowflakeLoad, AllRowsComeWhateverTheUserHas) {
    if (!testing::emulator_url()) {
        GTEST_SKIP() << "on a real account: a user whose ROWS_PER_RESULTSET is set is the emulator's";
    }
    data.execute("CREATE TABLE {s}.T AS SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 2000))");
    Target target(connector->suggest_schema(data.table("T")));
    const auto european = sql_connector_for("snowflake", environment.with("SF_USER", "EUROPEAN"));
    EXPECT_EQ(european->append(data.sql("SELECT N FROM {s}.T"), target.name(), options).rows, 2000U);
    EXPECT_EQ(target.text("count()"), "2000");
}

TEST_P(TestSnowflakeLoad, ADryRunNeverRunsTheWholeQuery) {
    if (!testing::emulator_url()) {
        GTEST_SKIP() << "on a real account: its history of queries is late";
    }
    data.execute("CREATE TABLE {s}.T AS SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 3000))");
    Target target(connector->suggest_schema(data.table("T")));
    options.verify = false;
    const std::string query = data.sql("SELECT N /* looked at */ FROM {s}.T");
    const LoadPreview preview = connector->preview_append(query, target.name(), options);
    EXPECT_EQ(preview.sampled_rows, 1000U);
    ASSERT_EQ(preview.columns.size(), 1U);
    const Value::List asked = testing::queries_with(query);
    ASSERT_FALSE(asked.empty());
    for (const Value& one : asked) {
        const std::string text = one.at("text").to_text();
        EXPECT_TRUE(text.starts_with("EXPLAIN") || text.ends_with("LIMIT 0") || text.ends_with("LIMIT 1000")) << text;
    }
    EXPECT_EQ(target.text("count()"), "0");
}

/// The driver holds several parts of a result. Those of the emulator have kilobytes where the service's have megabytes.
TEST_P(TestSnowflakeLoad, PartsOfAResultAreSmall) {
    if (!testing::emulator_url()) {
        GTEST_SKIP() << "on a real account: it does not tell how large its parts were";
    }
    data.execute(
        "CREATE TABLE {s}.T AS SELECT SEQ4() AS N, REPEAT('x', 100) AS S FROM TABLE(GENERATOR(ROWCOUNT => 9000))");
    Target target(connector->suggest_schema(data.table("T")));
    const std::string query = data.sql("SELECT N, S /* in parts */ FROM {s}.T");
    EXPECT_EQ(connector->append(query, target.name(), options).rows, 9000U);
    const Value::List asked = testing::queries_with(query);
    ASSERT_FALSE(asked.empty());
    int largest = 0;
    for (const Value& one : asked) {
        largest = std::max(largest, std::stoi(one.at("largest_part").to_text()));
    }
    constexpr int kilobyte = 1024;
    EXPECT_GT(largest, 24 * kilobyte);
    EXPECT_LE(largest, 48 * kilobyte);
}

/// Their URLs are good for six hours, and a slow load asks for the last ones later.
TEST_P(TestSnowflakeLoad, PartsThatHaveExpiredAskForTheStage) {
    if (!testing::emulator_url()) {
        GTEST_SKIP() << "on a real account: parts expire after six hours";
    }
    data.execute("CREATE TABLE {s}.T AS SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 2000))");
    Target target(connector->suggest_schema(data.table("T")));
    try {
        connector->append(data.sql("SELECT N /* parts have expired */ FROM {s}.T"), target.name(), options);
        FAIL() << "its rows are not there any more";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("failed to get a chunk"));
        EXPECT_THAT(error.what(), HasSubstr("SF_STAGE"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
    }
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestSnowflakeLoad, TheQuerySaysWhoAsked) {
    if (!testing::emulator_url()) {
        GTEST_SKIP() << "on a real account: its history of queries is late";
    }
    data.execute("CREATE TABLE {s}.T AS SELECT 1 AS N");
    const schema::Schema schema = connector->suggest_schema(data.table("T"));
    Target target(schema);
    const auto tagged = sql_connector_for("snowflake", environment.with("TB_CDK_TAG", "nightly of " + data.name()));
    tagged->append(connector->ingest_query(schema), target.name(), options);
    std::vector<std::string> tags;
    for (const Value& query : testing::queries_with("SELECT \"N\"\nFROM")) {
        tags.push_back(query.at("tag").to_text());
    }
    EXPECT_THAT(tags, ::testing::Contains("nightly of " + data.name()));
}

}  // namespace
}  // namespace tinybird_cdk
