// SPDX-License-Identifier: Apache-2.0
//
// What the connector tells of a DuckDB file, and what it refuses.
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/record_batches.hpp>
#include <tinybird_cdk/registry.hpp>

#include "connectors/sql/duckdb/duckdb_file.hpp"

namespace tinybird_cdk {
namespace {

using testing::DuckdbFile;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TestDuckdbSource : public ::testing::Test {
protected:
    TestDuckdbSource() {
        file.execute(
            "CREATE TABLE t(\"select\" INTEGER NOT NULL, b VARCHAR, \"it's \"\"odd\"\"\" DOUBLE, PRIMARY KEY "
            "(\"select\"))");
        file.execute("INSERT INTO t SELECT i, 'b' || i, i / 2 FROM range(20) r(i)");
        file.execute("CREATE VIEW v AS SELECT b FROM t");
        file.execute("CREATE SCHEMA \"other one\"");
        file.execute("CREATE TABLE \"other one\".u AS SELECT 1 AS x");
        connector = sql_connector_for("duckdb", file.environment());
    }
    DuckdbFile file;
    std::unique_ptr<SqlConnector> connector;
};

TEST_F(TestDuckdbSource, ListsSchemasAndTables) {
    std::vector<std::string> schemas;
    for (const ScopeItem& item : connector->list_scope()) {
        schemas.push_back(item.value);
    }
    EXPECT_THAT(schemas, ElementsAre("main", "other one"));
    const auto tables = connector->list_scope({{"schema", "main"}});
    ASSERT_EQ(tables.size(), 2U);
    EXPECT_EQ(tables[0].value, "t");
    EXPECT_EQ(tables[0].kind, "table");
    EXPECT_EQ(tables[0].rows, 20U);
    EXPECT_EQ(tables[1].value, "v");
    EXPECT_EQ(tables[1].kind, "view");
    EXPECT_EQ(tables[1].rows, std::nullopt);
}

TEST_F(TestDuckdbSource, SuggestsASchema) {
    const schema::Schema schema = connector->suggest_schema({{"schema", "main"}, {"table", "T"}});
    EXPECT_EQ(schema.table, "t");
    EXPECT_THAT(schema.sorting_key, ElementsAre("select"));
    EXPECT_EQ(schema.columns.at(0).type, schema::Int32());
    EXPECT_EQ(schema.columns.at(0).source_type, "INTEGER");
    EXPECT_EQ(schema.columns.at(1).type, schema::Nullable(schema::String()));
    EXPECT_EQ(schema.columns.at(2).name, "it's \"odd\"");
    EXPECT_EQ(connector->suggest_schema({{"schema", "other one"}, {"table", "u"}}).columns.size(), 1U);
    EXPECT_THROW(connector->suggest_schema({{"schema", "main"}, {"table", "none"}}), errors::InvalidArgument);
}

TEST_F(TestDuckdbSource, QueriesAndSamples) {
    const schema::Schema schema = connector->suggest_schema({{"schema", "main"}, {"table", "t"}});
    EXPECT_EQ(connector->ingest_query(schema, {"it's \"odd\"", "select"}),
              "SELECT \"it's \"\"odd\"\"\", \"select\" FROM \"main\".\"t\"");
    const ResultSet sample = connector->sample(schema, {}, 3);
    ASSERT_EQ(sample.size(), 3U);
    EXPECT_EQ(sample[2].at(0), (Value::Record::value_type{"select", Value(std::int64_t{2})}));
    EXPECT_EQ(sample[1].at(2).second, Value(0.5));
    EXPECT_EQ(connector->query_db_scalar("SELECT 170141183460469231731687303715884105727::HUGEINT").to_text(),
              "170141183460469231731687303715884105727");
    EXPECT_EQ(connector->query_db_scalar("SELECT 'infinity'::DATE").to_text(), "infinity");
    EXPECT_EQ(connector->query_db_scalar("SELECT '2024-01-01 00:00:00+02'::TIMESTAMPTZ::VARCHAR").to_text(),
              "2023-12-31 22:00:00+00");
}

TEST_F(TestDuckdbSource, CantWrite) {
    try {
        connector->query_db("DELETE FROM t");
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("read-only mode"));
    }
    EXPECT_EQ(connector->query_db_scalar("SELECT count(*) FROM t").to_text(), "20");
    const std::string other = file.path().string() + ".other";
    EXPECT_THROW(connector->query_db("COPY t TO '" + other + "'"), errors::InvalidArgument);
    EXPECT_THROW(connector->query_db("ATTACH '" + other + "'"), errors::InvalidArgument);
    EXPECT_THROW(connector->query_db("COPY\xc2\xa0t TO '" + other + "'"), errors::InvalidArgument);
    EXPECT_THROW(connector->query_db("EXPLAIN ANALYZE COPY t TO '" + other + "'"), errors::InvalidArgument);
    EXPECT_THROW(connector->query_db("SELECT 1; COPY t TO '" + other + "'"), errors::InvalidArgument);
    EXPECT_THROW(connector->query_db("COPY t TO '" + other + "'; SELECT 1"), errors::InvalidArgument);
    EXPECT_THROW(connector->query_db("SELECT 1; COPY t TO '" + other + "'; SELECT 2"), errors::InvalidArgument);
    EXPECT_FALSE(std::filesystem::exists(other));
}

/// libduckdb runs them all and gives the rows of the last one.
TEST_F(TestDuckdbSource, StatementsBeforeTheQueryAreRun) {
    EXPECT_EQ(connector->query_db_scalar("SET VARIABLE seven = 7; SELECT 6 * getvariable('seven');").to_text(), "42");
}

/// DuckDB would take what stands before it.
TEST_F(TestDuckdbSource, ANulIsRefused) {
    EXPECT_THROW(connector->query_db(std::string("SELECT 1\0 + 1", 13)), errors::InvalidArgument);
}

TEST_F(TestDuckdbSource, MemoryReadsFiles) {
    const auto memory = sql_connector_for("duckdb", Environment::of({{"DUCKDB_DATABASE", ":memory:"}}));
    EXPECT_EQ(memory->query_db_scalar("SELECT 6 * 7").to_text(), "42");
}

TEST(TestDuckdbConnection, AMissingFileIsNotMade) {
    const auto connector = sql_connector_for("duckdb", Environment::of({{"DUCKDB_DATABASE", "/no/such/file.duckdb"}}));
    try {
        connector->query_db("SELECT 1");
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("/no/such/file.duckdb"));
    }
}

TEST(TestDuckdbConnection, NeedsADatabaseAndALibrary) {
    EXPECT_THROW(sql_connector_for("duckdb", Environment::of({})), errors::MissingConfiguration);
    EXPECT_THROW(sql_connector_for("duckdb", Environment::of({{"DUCKDB_DATABASE", ""}})), errors::MissingConfiguration);
    const auto connector = sql_connector_for(
        "duckdb", Environment::of({{"DUCKDB_DATABASE", ":memory:"}, {"DUCKDB_LIBRARY", "/no/such/libduckdb.so"}}));
    try {
        connector->query_db("SELECT 1");
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::MissingDriverError& error) {
        EXPECT_THAT(error.what(), HasSubstr("/no/such/libduckdb.so"));
        EXPECT_THAT(error.hint(), HasSubstr("DUCKDB_LIBRARY"));
    }
}

// The query gives its first row never: only the source itself can end it.
TEST(TestDuckdbConnection, AStopEndsAQueryThatHasNoRowYet) {
    adbc::Source source;
    source.driver = DUCKDB_OF_CHECKOUT;
    source.entrypoint = "duckdb_adbc_init";
    source.name = "DuckDB";
    source.database = {{"path", ":memory:"}};
    std::stop_source stop;
    const auto batches =
        adbc::query_batches(source, Environment::of({}),
                            "SELECT count(*) FROM range(10000000) a(i), range(10000000) b(j) WHERE hash(i, j) = 7",
                            std::nullopt, stop.get_token());
    std::jthread stopper([&] { stop.request_stop(); });
    EXPECT_THROW(
        {
            ArrowStream stream = batches->open();
            // Stopped while it runs, or before: the first batch then says so.
            while (!stream.next().empty()) {
            }
        },
        errors::InterruptedError);
}

// One of several threads may report that it was interrupted, and not why.
TEST(TestDuckdbConnection, AVagueFailureIsExplained) {
    adbc::Source source;
    source.driver = DUCKDB_OF_CHECKOUT;
    source.entrypoint = "duckdb_adbc_init";
    source.name = "DuckDB";
    source.database = {{"path", ":memory:"}, {"threads", "3"}};
    const auto failure = [&] {
        try {
            const auto batches = adbc::query_batches(
                source, Environment::of({}),
                "SELECT CASE WHEN i = 100000 THEN error(current_setting('threads') || ' threads') ELSE i END FROM "
                "range(200000) r(i)",
                std::nullopt, {});
            ArrowStream stream = batches->open();
            while (!stream.next().empty()) {
            }
        } catch (const errors::ExternalDatasourceError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    EXPECT_THAT(failure(), HasSubstr("3 threads"));
    source.vague_failure = "3 threads";
    source.one_thread = {"SET threads = 1"};
    EXPECT_THAT(failure(), HasSubstr("1 threads"));
}

TEST_F(TestDuckdbSource, AStatementEndsWithItsTime) {
    connector->set_source_limits({.statement_timeout = std::chrono::milliseconds(300)});
    for (const char* const endless :
         {"SELECT count(*) FROM range(10000000) a(i), range(10000000) b(j) WHERE hash(i, j) = 7",
          "SELECT i FROM range(10000000) a(i), range(10000000) b(j) WHERE hash(i, j) % 1000000 = 7"}) {
        try {
            connector->query_db(endless);
            ADD_FAILURE() << "nothing was thrown";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("the statement ran longer than its time-out of 0.3 s"));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
        }
    }
    EXPECT_EQ(connector->query_db("SELECT * FROM t").size(), 20U);
}

TEST_F(TestDuckdbSource, WhatAFileHasNotIsRefused) {
    EXPECT_THROW(connector->set_source_limits({.lock_timeout = std::chrono::seconds(1)}), errors::InvalidArgument);
    EXPECT_THROW(connector->set_source_limits({.replica = true}), errors::InvalidArgument);
    EXPECT_EQ(connector->query_db("SELECT * FROM t").size(), 20U) << "what is refused changes nothing";
}

}  // namespace
}  // namespace tinybird_cdk
