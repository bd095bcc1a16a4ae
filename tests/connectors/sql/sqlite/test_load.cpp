// SPDX-License-Identifier: Apache-2.0
//
// Loads from SQLite files into Tinybird: what is in the data source afterwards, however the load went.
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "connectors/sql/sqlite/sqlite_file.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::HasSubstr;
using testing::SqliteFile;
using testing::Target;

schema::Schema days_and_amounts() {
    schema::Schema schema;
    schema.table = "sales";
    schema.columns = {{"day", "", schema::Date32(), "", "", ""}, {"amount", "", schema::Int64(), "", "", ""}};
    schema.sorting_key = {"day"};
    return schema;
}

class TestSqliteLoad : public ::testing::TestWithParam<Format> {
protected:
    TestSqliteLoad() {
        file.execute(
            "CREATE TABLE sales(day DATE NOT NULL, amount INT NOT NULL); "
            "INSERT INTO sales VALUES ('2024-01-01', 1), ('2024-01-02', 20), ('2024-01-03', 300)");
        options.format = GetParam();
        options.on_quarantine = tinybird::OnQuarantine::fail;
        options.verify = true;
    }

    [[nodiscard]] std::string total() { return target.text("sum(amount)"); }

    static constexpr const char* everything = "SELECT day, amount FROM sales";
    SqliteFile file;
    std::unique_ptr<SqlConnector> connector =
        sql_connector_for("sqlite", file.environment(testing::tinybird_environment()));
    Target target{days_and_amounts()};
    LoadOptions options;
};

INSTANTIATE_TEST_SUITE_P(Formats, TestSqliteLoad, ::testing::Values(Format::csv, Format::ndjson, Format::parquet),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestSqliteLoad, AppendAddsAndReplaceReplaces) {
    const LoadResult first = connector->append(everything, target.name(), options);
    EXPECT_EQ(first.rows, 3U);
    EXPECT_GT(first.bytes, 0U);
    EXPECT_EQ(total(), "321");
    connector->append(everything, target.name(), options);
    EXPECT_EQ(total(), "642");
    connector->replace(everything, target.name(), options);
    EXPECT_EQ(total(), "321");
    connector->replace(everything, target.name(), options);
    EXPECT_EQ(total(), "321");
}

TEST_P(TestSqliteLoad, ReplaceConditionTouchesItsRowsOnly) {
    connector->append(everything, target.name(), options);
    file.execute("UPDATE sales SET amount = amount + 4000");
    options.replace_condition = "day = '2024-01-02'";
    connector->replace("SELECT * FROM sales WHERE day = '2024-01-02'", target.name(), options);
    EXPECT_EQ(total(), "4321");
}

TEST_P(TestSqliteLoad, VerifiedLoadsSayWhatWasCompared) {
    const LoadResult result = connector->replace("SELECT amount, day FROM sales", target.name(), options);
    ASSERT_TRUE(result.verification);
    EXPECT_EQ(result.verification->rows, 3U);
    EXPECT_THAT(result.verification->proved, ::testing::ElementsAre("amount", "day"));
    EXPECT_THAT(result.verification->counted_only, ::testing::IsEmpty());
    options.verify = false;
    EXPECT_FALSE(connector->append(everything, target.name(), options).verification);
}

// Tinybird takes rows that the condition does not select, and leaves them out.
TEST_P(TestSqliteLoad, WhatIsNotThereIsNotProved) {
    connector->append(everything, target.name(), options);
    options.replace_condition = "day = '2024-01-02'";
    try {
        connector->replace("SELECT * FROM sales WHERE amount > 10", target.name(), options);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::NotProvedError& error) {
        EXPECT_THAT(error.what(), HasSubstr("2 rows were sent, 1 are there"));
        EXPECT_THAT(error.what(), HasSubstr("column \"amount\": the checksums of its values differ"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
    }
}

TEST_P(TestSqliteLoad, RowsThatDontMatchTheConditionAreMissed) {
    options.verify = false;
    connector->append(everything, target.name(), options);
    options.replace_condition = "day = '2024-01-02'";
    try {
        connector->replace("SELECT * FROM sales WHERE amount > 10", target.name(), options);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::NotProvedError& error) {
        EXPECT_THAT(error.what(),
                    HasSubstr("2 rows were sent to \"" + target.name() +
                              "\" to replace those where day = '2024-01-02', and 1 of its rows are such now"));
    }
}

// Rows of equal keys become one there, so fewer rows say nothing.
TEST_P(TestSqliteLoad, RowsThatAreMergedAreNotMissed) {
    options.verify = false;
    schema::Schema schema = days_and_amounts();
    schema.engine = "ReplacingMergeTree";
    schema.sorting_key = {"day"};
    const Target merged(schema);
    file.execute("INSERT INTO sales VALUES ('2024-01-02', 21)");
    options.replace_condition = "day = '2024-01-02'";
    connector->replace("SELECT * FROM sales WHERE day = '2024-01-02'", merged.name(), options);
}

// As many rows, but other values: an append by somebody else between the two looks.
TEST_P(TestSqliteLoad, RowsOfOthersAreSeen) {
    options.on_progress = [&, done = false](const Progress&) mutable {
        if (!std::exchange(done, true)) {
            LoadOptions plain;
            connector->append("SELECT '2024-02-02' AS day, 7 AS amount", target.name(), plain);
        }
    };
    auto other = sql_connector_for("sqlite", file.environment(testing::tinybird_environment()));
    EXPECT_THROW(other->append(everything, target.name(), options), errors::NotProvedError);
    EXPECT_EQ(total(), "328");
}

TEST_P(TestSqliteLoad, RowLimitTakesTheFirstRows) {
    options.row_limit = 2;
    EXPECT_EQ(connector->append("SELECT day, amount FROM sales ORDER BY amount DESC", target.name(), options).rows, 2U);
    EXPECT_EQ(total(), "320");
}

TEST_P(TestSqliteLoad, ColumnsGoByTheirNames) {
    connector->append("SELECT amount, day FROM sales", target.name(), options);
    EXPECT_EQ(target.text("max(amount)", "WHERE day = '2024-01-03'"), "300");
}

TEST_P(TestSqliteLoad, ReplaceByNothingEmpties) {
    connector->append(everything, target.name(), options);
    connector->replace("SELECT day, amount FROM sales WHERE amount < 0", target.name(), options);
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestSqliteLoad, BadQueryLeavesTheRowsAlone) {
    connector->append(everything, target.name(), options);
    try {
        connector->replace("SELECT day, amont FROM sales", target.name(), options);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("no such column: amont"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
    }
    EXPECT_THROW(connector->replace("DELETE FROM sales", target.name(), options), errors::InvalidArgument);
    EXPECT_EQ(total(), "321");
}

// The 100,000th row fails, when much of the body is already sent.
TEST_P(TestSqliteLoad, AQueryThatFailsOnItsWayLeavesTheRowsAlone) {
    connector->append(everything, target.name(), options);
    const std::string fails_late =
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 200000) "
        "SELECT '2024-01-01' AS day, CASE x WHEN 100000 THEN abs(-9223372036854775807 - 1) ELSE x END AS amount FROM n";
    try {
        connector->replace(fails_late, target.name(), options);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("integer overflow"));
    }
    EXPECT_EQ(total(), "321");
    EXPECT_THROW(connector->append(fails_late, target.name(), options), errors::ExternalDatasourceError);
    EXPECT_EQ(total(), "321");
}

TEST_P(TestSqliteLoad, StoppingLeavesTheRowsAlone) {
    connector->append(everything, target.name(), options);
    std::stop_source stop;
    options.stop = stop.get_token();
    options.on_progress = [&stop](const Progress&) { stop.request_stop(); };
    // Never ends by itself.
    EXPECT_THROW(connector->replace("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
                                    "SELECT '2024-01-01' AS day, x AS amount FROM n",
                                    target.name(), options),
                 errors::InterruptedError);
    EXPECT_EQ(total(), "321");
}

TEST_P(TestSqliteLoad, ColumnsWithoutAPlaceAreRefused) {
    EXPECT_THROW(connector->append("SELECT day, amount, 1 AS more FROM sales", target.name(), options),
                 errors::SchemaMismatchError);
    EXPECT_THROW(connector->append("SELECT day FROM sales", target.name(), options), errors::SchemaMismatchError);
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestSqliteLoad, UnknownDataSourceIsAnError) {
    EXPECT_THROW(connector->append(everything, "sqlite_test_no_such_data_source", options), errors::Error);
}

TEST_P(TestSqliteLoad, AMillionRowsArriveOnce) {
    connector->replace(
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 1000000) "
        "SELECT '2024-01-01' AS day, x AS amount FROM n",
        target.name(), options);
    EXPECT_EQ(total(), "500000500000");
    EXPECT_EQ(target.text("uniqExact(amount)"), "1000000");
}

TEST(TestSqliteNames, EqualNamesAreFineInCsvAndRefusedInNdjson) {
    const SqliteFile file;
    const auto connector = sql_connector_for("sqlite", file.environment(testing::tinybird_environment()));
    Target target(days_and_amounts());
    LoadOptions options;
    options.format = Format::ndjson;
    EXPECT_THROW(connector->append("SELECT 1 AS a, 2 AS a", target.name(), options), errors::SchemaMismatchError);
    options.format = Format::csv;
    connector->append("SELECT '2024-01-01' AS a, 2 AS a", target.name(), options);
    EXPECT_EQ(target.text("sum(amount)"), "2");
}

TEST(TestSqliteNames, OddNamesArrive) {
    SqliteFile file;
    file.execute(
        "CREATE TABLE \"it's \"\"odd\"\"\"(\"select\" INT, naïve TEXT); INSERT INTO \"it's \"\"odd\"\"\" VALUES (1, "
        "'x')");
    const auto connector = sql_connector_for("sqlite", file.environment(testing::tinybird_environment()));
    const schema::Schema suggested = connector->suggest_schema({{"table", "it's \"odd\""}});
    // Names that ClickHouse takes and the query gives by AS.
    schema::Schema schema = suggested;
    schema.columns[1].name = "plain";
    Target target(schema);
    connector->append("SELECT \"select\", naïve AS plain FROM \"it's \"\"odd\"\"\"", target.name());
    EXPECT_EQ(target.text("concat(toString(`select`), plain)"), "1x");
}

}  // namespace
}  // namespace tinybird_cdk
