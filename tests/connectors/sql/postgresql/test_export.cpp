// SPDX-License-Identifier: Apache-2.0
//
// One export of a query, below the load: what is sent to the server, what it sees, and how it ends.
#include <chrono>
#include <functional>
#include <limits>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/postgresql/copy_rows.hpp"
#include "connectors/sql/postgresql/server.hpp"

namespace tinybird_cdk::postgresql {
namespace {

using ::testing::HasSubstr;
using tinybird_cdk::testing::PostgresqlSchema;

class TextSink final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        text += full.view();
        return Buffer(wanted);
    }
    std::string text;
};

/// A target that breaks, after something has happened.
class BrokenSink final : public BufferSink {
public:
    explicit BrokenSink(std::function<void()> first) : first_(std::move(first)) {}
    Buffer exchange(Buffer /*full*/, std::size_t /*wanted*/) override {
        first_();
        throw std::runtime_error("the target is gone");
    }

private:
    std::function<void()> first_;
};

void write(CopyRows& rows, BufferSink& sink, const std::stop_token& stop = {}) {
    std::vector<OutputColumn> columns;
    for (const ResultColumn& column : rows.columns()) {
        columns.push_back({column.name, schema::Nullable(schema::String()), column.valid_utf8});
    }
    RowWriterOptions options;
    options.block_bytes = 16 * 1024;
    RowWriter writer(columns, options, sink);
    rows.write(writer, stop);
    writer.finish();
}

std::string csv(CopyRows& rows) {
    TextSink sink;
    write(rows, sink);
    return sink.text;
}

std::string csv(const std::string& query, std::optional<std::uint64_t> row_limit = std::nullopt) {
    CopyRows rows(Environment::process(), query, row_limit, {});
    return csv(rows);
}

class TestPostgresqlExport : public ::testing::Test {
protected:
    /// Asks the server until the answer is this one.
    void wait_for(const std::string& sql, const std::string& answer) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        std::string last;
        while ((last = observer.text(sql)) != answer && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::yield();
        }
        ASSERT_EQ(last, answer) << sql;
    }
    /// Runs a block whose token asks to stop as soon as one session is seen to be that far.
    void stop_when(const std::string& sql, const std::function<void(const std::stop_token&)>& block) {
        std::stop_source stop;
        const std::jthread user([&] {
            wait_for(sql, "1");
            stop.request_stop();
        });
        block(stop.get_token());
    }
    /// Statements that hold the name of this test's schema and run in other sessions.
    [[nodiscard]] std::string running(const std::string& condition = "true") const {
        return "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%" + source.name() +
               "%' AND pid <> pg_backend_pid() AND " + condition;
    }
    /// A query that is told apart from all others by a comment.
    [[nodiscard]] std::string marked(const std::string& query) const { return query + " /* " + source.name() + " */"; }

    PostgresqlSchema source;
    PostgresqlSchema observer;
};

TEST_F(TestPostgresqlExport, AnyQueryIsTaken) {
    EXPECT_EQ(csv("SELECT 1 AS a, 2 AS a, 'x'"), "1,2,\"x\"\n");
    EXPECT_EQ(csv("SELECT 1 -- one"), "1\n");
    EXPECT_EQ(csv("SELECT point(1, 2) ; -- cast at the source"), "\"(1,2)\"\n");
    EXPECT_EQ(csv("VALUES (1), (2)", 1), "1\n");
    EXPECT_EQ(csv("WITH n AS (SELECT 7 AS i) SELECT i, ROW(i, 'a') FROM n"), "7,\"(7,a)\"\n");
    EXPECT_EQ(csv("SELECT 1 WHERE false"), "");
    EXPECT_EQ(csv("SELECT NULL, ''"), ",\"\"\n");
    source.run("CREATE TABLE t (\"select\" int, \"?\" int[]); INSERT INTO t VALUES (1, '{}')");
    EXPECT_EQ(csv("TABLE " + source.name() + ".t"), "1,\"[]\"\n");
    EXPECT_EQ(csv("SELECT t FROM " + source.name() + ".t", 10), "\"(1,{})\"\n");
}

TEST_F(TestPostgresqlExport, TheLimitIsOfTheWholeQuery) {
    EXPECT_EQ(csv("SELECT i FROM generate_series(1, 9) AS i ORDER BY i DESC LIMIT 5", 2), "9\n8\n");
    EXPECT_EQ(csv("SELECT 1", 0), "");
    EXPECT_EQ(csv("SELECT 1", std::numeric_limits<std::uint64_t>::max()), "1\n");
}

TEST_F(TestPostgresqlExport, WhatChangesDataIsRefusedByTheServer) {
    source.run("CREATE TABLE t (i int, p point)");
    const std::string table = source.name() + ".t";
    for (const std::string& query :
         {"INSERT INTO " + table + " VALUES (1) RETURNING i", "/* now */ DELETE FROM " + table + " RETURNING i, p",
          "SELECT i FROM " + table + " FOR UPDATE"}) {
        for (const auto& limit : {std::optional<std::uint64_t>(), std::optional<std::uint64_t>(5)}) {
            try {
                csv(query, limit);
                ADD_FAILURE() << query;
            } catch (const errors::ExternalDatasourceError& error) {
                EXPECT_EQ(error.sqlstate(), "25006") << query << ": " << error.what();
                EXPECT_THAT(error.what(), HasSubstr("in a read-only transaction"));
            }
        }
    }
    EXPECT_THROW(csv("CREATE TABLE " + table + "2 (i int)"), errors::InvalidArgument);
    EXPECT_THROW(csv("SELECT FROM " + table), errors::InvalidArgument);
}

/// The statement that is sent begins otherwise than the user's query.
TEST_F(TestPostgresqlExport, PlacesAreThoseOfTheUsersQuery) {
    const auto message = [](const std::string& query) {
        try {
            csv(query, 5);
        } catch (const errors::ExternalDatasourceError& error) {
            return std::string(error.what());
        }
        return std::string("nothing was thrown");
    };
    EXPECT_THAT(message("SELECT 'é',\n  nope"), HasSubstr("at line 2, column 3 of the query"));
    // Found only when it runs.
    EXPECT_THAT(message("SELECT 'é',\n  point(1, 2), $1::text"), HasSubstr("at line 2, column 16 of the query"));
    EXPECT_THAT(message("SELECT 1 FROM"), HasSubstr("at line 1, column 14 of the query"));
}

TEST_F(TestPostgresqlExport, DescriptionAndRowsAreOfOneSnapshot) {
    source.run("CREATE TABLE t AS SELECT 1 AS i");
    CopyRows rows(Environment::process(), "SELECT * FROM " + source.name() + ".t", std::nullopt, {});
    source.run("INSERT INTO t VALUES (2)");
    EXPECT_EQ(csv(rows), "1\n");
    EXPECT_EQ(csv(rows), "1\n2\n") << "a second one begins anew";
    source.run("ALTER TABLE t ALTER i TYPE text");
    EXPECT_THROW(csv(rows), errors::SchemaMismatchError);
}

TEST_F(TestPostgresqlExport, EstimatesHarmNothing) {
    source.run("CREATE TABLE t AS SELECT generate_series(1, 1000) AS i; ANALYZE t");
    const std::string query = "SELECT * FROM " + source.name() + ".t";
    EXPECT_EQ(CopyRows(Environment::process(), query, std::nullopt, {}).estimated_rows(), 1000U);
    EXPECT_EQ(CopyRows(Environment::process(), query, 10, {}).estimated_rows(), 10U);
    CopyRows failing(Environment::process(), "SELECT 1 / 0", std::nullopt, {});
    EXPECT_EQ(failing.estimated_rows(), std::nullopt);
    try {
        csv(failing);
        FAIL() << "a division by zero worked";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "22012") << "the transaction goes on after the estimate";
    }
}

TEST_F(TestPostgresqlExport, AStopEndsAQueryThatGivesNothingYet) {
    CopyRows rows(Environment::process(), marked("SELECT pg_sleep(3600)"), std::nullopt, {});
    TextSink sink;
    stop_when(running("wait_event = 'PgSleep'"),
              [&](const std::stop_token& stop) { EXPECT_THROW(write(rows, sink, stop), errors::InterruptedError); });
    wait_for(running(), "0");
}

TEST_F(TestPostgresqlExport, AStopEndsTheWaitForALock) {
    source.run("CREATE TABLE t (i int)");
    source.run("BEGIN; LOCK TABLE t");
    stop_when(running("wait_event_type = 'Lock'"), [&](const std::stop_token& stop) {
        EXPECT_THROW(CopyRows(Environment::process(), "SELECT i FROM " + source.name() + ".t", std::nullopt, stop),
                     errors::InterruptedError);
    });
    wait_for(running(), "0");
    source.run("ROLLBACK");
}

/// A server that computes would notice a closed connection only at its next row.
TEST_F(TestPostgresqlExport, AFailureOfTheTargetCancelsTheQuery) {
    const std::string slow = marked(
        "SELECT CASE WHEN i < 50000 THEN i::text ELSE pg_sleep(3600)::text END "
        "FROM generate_series(1, 50000) AS i");
    CopyRows rows(Environment::process(), slow, std::nullopt, {});
    BrokenSink sink([&] { wait_for(running("wait_event = 'PgSleep'"), "1"); });
    EXPECT_THROW(write(rows, sink), std::runtime_error);
    wait_for(running(), "0");
}

TEST_F(TestPostgresqlExport, AServerThatGoesAwayIsWorthAnotherTry) {
    CopyRows rows(Environment::process(), marked("SELECT pg_sleep(3600)"), std::nullopt, {});
    const std::jthread administrator([&] {
        wait_for(running("wait_event = 'PgSleep'"), "1");
        observer.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%" + source.name() +
                     "%' AND wait_event = 'PgSleep'");
    });
    TextSink sink;
    try {
        write(rows, sink);
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "57P01");
        EXPECT_TRUE(error.retryable());
    }
}

TEST_F(TestPostgresqlExport, ATimeoutOfTheServerIsWorthAnotherTry) {
    const Environment environment = Environment::process().with("PGOPTIONS", "-c statement_timeout=50");
    CopyRows rows(environment, "SELECT pg_sleep(3600)", std::nullopt, {});
    TextSink sink;
    try {
        write(rows, sink);
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "57014");
        EXPECT_TRUE(error.retryable());
    }
}

/// "char" is a byte, which need not be UTF-8.
TEST_F(TestPostgresqlExport, BytesAreNotTakenForText) {
    source.run("CREATE TABLE t (c \"char\", cs \"char\"[], v text)");
    const CopyRows rows(Environment::process(), "SELECT * FROM " + source.name() + ".t", std::nullopt, {});
    EXPECT_FALSE(rows.columns().at(0).valid_utf8);
    EXPECT_FALSE(rows.columns().at(1).valid_utf8);
    EXPECT_TRUE(rows.columns().at(2).valid_utf8);
    EXPECT_THROW(csv("SELECT (-61)::\"char\""), errors::RefusedValueError);
}

}  // namespace
}  // namespace tinybird_cdk::postgresql
