// SPDX-License-Identifier: Apache-2.0
//
// Incremental loads from DuckDB files, which one process at a time writes to.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "connectors/sql/duckdb/duckdb_file.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using testing::DuckdbFile;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Target;

schema::Schema ids_and_times() {
    schema::Schema schema;
    schema.columns = {{"id", "", schema::Nullable(schema::Int64()), "", "", ""},
                      {"seen", "", schema::Nullable(schema::DateTime64(6, "UTC")), "", "", ""},
                      {"local", "", schema::Nullable(schema::DateTime64(9)), "", "", ""},
                      {"day", "", schema::Nullable(schema::Date32()), "", "", ""}};
    return schema;
}

class TestDuckdbIncremental : public ::testing::Test {
protected:
    TestDuckdbIncremental() {
        file.execute("CREATE TABLE t(id BIGINT, seen TIMESTAMPTZ, local TIMESTAMP, day DATE)");
        options.on_quarantine = tinybird::OnQuarantine::fail;
    }
    LoadResult append(const std::string& column, const Lag& lag = {}, const std::string& columns = "*") {
        options.incremental = {.column = column, .lag = lag};
        return connector->append("SELECT " + columns + " FROM t; -- all; of them", target.name(), options);
    }
    LoadResult replace(const std::string& column, const Lag& lag = {}) {
        options.incremental = {.column = column, .lag = lag};
        return connector->replace("FROM t", target.name(), options);
    }
    std::string ids() { return target.text("arraySort(groupArray(id))"); }

    DuckdbFile file;
    std::unique_ptr<SqlConnector> connector = file.connector();
    Target target{ids_and_times()};
    LoadOptions options;
};

TEST_F(TestDuckdbIncremental, NumbersGoToTheEnd) {
    EXPECT_EQ(append("id").rows, 0U);
    file.execute("INSERT INTO t(id) VALUES (1), (2)");
    const LoadResult first = append("id");
    EXPECT_EQ(first.rows, 2U);
    EXPECT_FALSE(first.incremental->range.from);
    EXPECT_EQ(append("id").rows, 0U);
    file.execute("INSERT INTO t(id) VALUES (3), (9007199254740993)");
    EXPECT_EQ(append("id").rows, 2U);
    EXPECT_EQ(ids(), "[1,2,3,9007199254740993]");
    file.execute("INSERT INTO t(id) SELECT 9007199254741000 + i FROM range(10) r(i)");
    EXPECT_EQ(append("id", Lag(4)).rows, 6U);
}

TEST_F(TestDuckdbIncremental, InstantsAreInUtcWhateverTheWritersZone) {
    file.execute(
        "INSERT INTO t(id, seen) VALUES (1, '2024-01-01 00:00:00.000001+09'), (2, '2023-12-31 15:00:00.000002+00')");
    EXPECT_EQ(append("seen").rows, 2U);
    file.execute(
        "INSERT INTO t(id, seen) VALUES (3, '2024-01-01 00:00:00.000002+09'), (4, '2024-01-01 00:00:00.000003+09'), "
        "(5, now() + INTERVAL 1 MINUTE), (6, 'infinity')");
    const LoadResult second = append("seen");
    EXPECT_EQ(second.incremental->range.from, "2023-12-31 15:00:00.000002");
    EXPECT_EQ(second.rows, 1U) << "one is as old as what is there, one is in the future";
    EXPECT_EQ(ids(), "[1,2,4]");
    file.execute("DELETE FROM t WHERE id = 6");
    EXPECT_EQ(replace("seen", Lag(std::chrono::hours(1))).incremental->replace_condition,
              "`seen` >= toDateTime64('2023-12-31 14:00:00.000003', 6, 'UTC')");
}

TEST_F(TestDuckdbIncremental, LocalTimesAndDaysOfEachPrecision) {
    file.execute(
        "INSERT INTO t(id, local, day) SELECT i, TIMESTAMP '2024-01-01' + INTERVAL (i) HOUR, DATE '2024-01-01' + "
        "i::INT "
        "FROM range(5) r(i)");
    file.execute(
        "INSERT INTO t(id, local, day) VALUES (7, localtimestamp - INTERVAL 1 HOUR, current_date - 1), (8, "
        "localtimestamp "
        "+ INTERVAL 1 HOUR, current_date)");
    EXPECT_EQ(append("day").rows, 6U);
    EXPECT_EQ(append("day").rows, 0U);
    EXPECT_EQ(ids(), "[0,1,2,3,4,7]");
    for (const char* const precision : {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}) {
        const std::string columns = "id, seen, local::" + std::string(precision) + " AS local, day";
        Target other(ids_and_times());
        options.incremental = {.column = "local", .lag = {}};
        for (const std::uint64_t rows : {6U, 0U}) {
            EXPECT_EQ(connector->append("SELECT " + columns + " FROM t", other.name(), options).rows, rows)
                << precision;
        }
    }
}

TEST_F(TestDuckdbIncremental, ReplaceCorrectsLateRowsWithoutDoublingThem) {
    file.execute(
        "INSERT INTO t(id, seen) SELECT i, TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (i) DAY FROM range(10) "
        "r(i)");
    EXPECT_EQ(replace("seen", Lag(std::chrono::hours(72))).rows, 10U);
    file.execute("INSERT INTO t(id, seen) VALUES (20, '2024-01-08 12:00:00+00'), (21, '2024-01-12 00:00:00+00')");
    file.execute("UPDATE t SET id = 100 WHERE id IN (0, 9)");
    EXPECT_EQ(replace("seen", Lag(std::chrono::hours(72))).rows, 6U);
    EXPECT_EQ(ids(), "[0,1,2,3,4,5,6,7,8,20,21,100]") << "the first is out of the window";
}

TEST_F(TestDuckdbIncremental, WhatPeopleShouldKnowIsSaid) {
    file.execute("INSERT INTO t(id) VALUES (1), (1), (NULL)");
    EXPECT_THAT(append("id").incremental->remarks,
                ElementsAre(HasSubstr("several rows have id = 1"), HasSubstr("1 rows have no id")));
}

TEST_F(TestDuckdbIncremental, OfOtherFilesNothingIsKnown) {
    file.execute("COPY (SELECT range AS id FROM range(5)) TO '" + file.path().string() + ".csv' (HEADER)");
    connector = sql_connector_for("duckdb", testing::tinybird_environment().with("DUCKDB_DATABASE", ":memory:"));
    const std::string query = "SELECT id FROM '" + file.path().string() + ".csv'";
    options.incremental = {.column = "id", .lag = {}};
    EXPECT_THROW(connector->append(query, target.name(), options), errors::InvalidArgument);
    options.incremental->lag = Lag(0);
    EXPECT_EQ(connector->append(query, target.name(), options).rows, 5U);
}

TEST_F(TestDuckdbIncremental, WhatWouldSkipRowsIsRefused) {
    file.execute("INSERT INTO t(id, seen) VALUES (1, '2024-01-01 00:00:00+00')");
    EXPECT_THROW(append("nothing"), errors::InvalidArgument);
    EXPECT_THROW(append("seen", {}, "id, seen::VARCHAR AS seen, local, day"), errors::InvalidArgument);
    EXPECT_THROW(append("id", {}, "id::DOUBLE AS id, seen, local, day"), errors::InvalidArgument);
    EXPECT_THROW(append("seen", Lag(4)), errors::InvalidArgument);
    EXPECT_EQ(target.text("count()"), "0");
}

}  // namespace
}  // namespace tinybird_cdk
