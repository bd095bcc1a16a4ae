// SPDX-License-Identifier: Apache-2.0
//
// Incremental loads from SQLite, where each value has a kind and a notation of its own.
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

schema::Schema ids_and_times() {
    schema::Schema schema;
    schema.columns = {{"id", "", schema::Int64(), "", "", ""},
                      {"at", "", schema::Nullable(schema::DateTime64(3)), "", "", ""},
                      {"day", "", schema::Nullable(schema::Date32()), "", "", ""}};
    return schema;
}

class TestSqliteIncremental : public ::testing::Test {
protected:
    TestSqliteIncremental() {
        file.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, at, day DATE)");
        options.on_quarantine = tinybird::OnQuarantine::fail;
    }
    LoadResult append(const std::string& column, const Lag& lag = {}) {
        options.incremental = {.column = column, .lag = lag};
        return connector->append("SELECT id, at, day FROM t; -- all", target.name(), options);
    }
    LoadResult replace(const std::string& column, const Lag& lag = {}) {
        options.incremental = {.column = column, .lag = lag};
        return connector->replace("SELECT id, at, day FROM t", target.name(), options);
    }
    std::string ids() { return target.text("arraySort(groupArray(id))"); }

    SqliteFile file;
    std::unique_ptr<SqlConnector> connector =
        sql_connector_for("sqlite", file.environment(testing::tinybird_environment()));
    Target target{ids_and_times()};
    LoadOptions options;
};

TEST_F(TestSqliteIncremental, NumbersGoToTheEnd) {
    file.execute("INSERT INTO t(id) VALUES (1), (2)");
    EXPECT_EQ(append("id").rows, 2U);
    EXPECT_EQ(append("id").rows, 0U);
    file.execute("INSERT INTO t(id) VALUES (3), (9007199254740993)");
    EXPECT_EQ(append("id").rows, 2U);
    EXPECT_EQ(ids(), "[1,2,3,9007199254740993]");
}

TEST_F(TestSqliteIncremental, TheColumnMayHaveTheNameThatADatafileGivesIt) {
    schema::Schema schema;
    schema.columns = {{"the_id", "", schema::Int64(), "", "", ""}};
    Target mended(schema);
    file.execute("INSERT INTO t(id) VALUES (1), (2)");
    options.incremental = {.column = "the id", .lag = {}};
    const std::string query = "SELECT id AS \"the id\" FROM t";
    EXPECT_EQ(connector->append(query, mended.name(), options).rows, 2U);
    file.execute("INSERT INTO t(id) VALUES (3)");
    EXPECT_EQ(connector->append(query, mended.name(), options).rows, 1U);
    EXPECT_EQ(connector->replace(query, mended.name(), options).rows, 1U);
    EXPECT_EQ(mended.text("arraySort(groupArray(the_id))"), "[1,2,3]");
}

// The same moments in different notations neither come twice nor are skipped.
TEST_F(TestSqliteIncremental, TimesCompareWhateverTheirNotation) {
    file.execute(
        "INSERT INTO t VALUES (1, '2024-01-01', NULL), (2, '2024-01-01T10:00:00', NULL), (3, '2024-01-01 10:00:00.5', "
        "NULL)");
    EXPECT_EQ(append("at").rows, 3U);
    file.execute(
        "INSERT INTO t VALUES (4, '2024-01-01 10:00:00.500', NULL), (5, '2024-01-01 10:00:00.501', NULL), (6, "
        "'2024-01-02', NULL)");
    EXPECT_EQ(append("at").rows, 2U);  // 4 is as old as what is there already
    EXPECT_EQ(ids(), "[1,2,3,5,6]");
    // Midnight is the beginning of the day, with or without its time.
    file.execute("INSERT INTO t VALUES (7, '2024-01-02T00:00:00.000', NULL), (8, '2024-01-02 00:00:00', NULL)");
    EXPECT_EQ(append("at").rows, 0U);
    EXPECT_EQ(replace("at").rows, 3U);
    EXPECT_EQ(ids(), "[1,2,3,5,6,7,8]");
    EXPECT_EQ(replace("at", Lag(std::chrono::hours(24))).rows, 8U);
    EXPECT_EQ(ids(), "[1,2,3,4,5,6,7,8]");
}

TEST_F(TestSqliteIncremental, TheSecondAndTheDayThatAreNotOverAreLeft) {
    file.execute(
        "INSERT INTO t VALUES (1, datetime('now', '-1 minute'), date('now', '-1 day')), "
        "(2, datetime('now', '+1 minute'), date('now'))");
    EXPECT_EQ(append("at").rows, 1U);
    EXPECT_EQ(target.text("count()"), "1");
    Target days(ids_and_times());
    options.incremental = {.column = "day", .lag = {}};
    EXPECT_EQ(connector->append("SELECT id, at, day FROM t", days.name(), options).rows, 1U);
}

TEST_F(TestSqliteIncremental, ValuesOfOtherKindsAreRefusedAndNullsAreNamed) {
    file.execute("INSERT INTO t(id, at) VALUES (1, '2024-01-01'), (2, NULL), (3, NULL)");
    const LoadResult result = append("at");
    EXPECT_EQ(result.rows, 1U);
    EXPECT_THAT(result.incremental->remarks, ::testing::ElementsAre(HasSubstr("2 rows have no at")));
    file.execute("INSERT INTO t(id, at) VALUES (4, 1704067200)");
    try {
        append("at");
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("1 values of \"at\" are of the kind integer"));
    }
    EXPECT_EQ(ids(), "[1]");
}

TEST_F(TestSqliteIncremental, EqualValuesAtTheEndAreNamed) {
    file.execute("CREATE TABLE e(id INTEGER, at, day); INSERT INTO e(id) VALUES (1), (1)");
    options.incremental = {.column = "id", .lag = {}};
    const LoadResult result = connector->append("SELECT id, at, day FROM e", target.name(), options);
    EXPECT_EQ(result.rows, 2U);
    EXPECT_THAT(result.incremental->remarks, ::testing::ElementsAre(HasSubstr("several rows have id = 1")));
}

TEST_F(TestSqliteIncremental, ATimeOutEndsTheLookAtTheColumnToo) {
    options.incremental = {.column = "id", .lag = {}};
    options.limits = SourceLimits{.statement_timeout = std::chrono::milliseconds(200)};
    try {
        connector->append(
            "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id, NULL AS at, NULL AS day FROM "
            "n",
            target.name(), options);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("ran longer than the time-out of 200 ms"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
    }
    EXPECT_EQ(target.text("count()"), "0");
}

}  // namespace
}  // namespace tinybird_cdk
