// SPDX-License-Identifier: Apache-2.0
//
// One export of a query, below the load: what is sent to the server, what it sees, and how it ends.
#include <chrono>
#include <fstream>
#include <functional>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/mysql/query_rows.hpp"
#include "connectors/sql/mysql/server.hpp"

namespace tinybird_cdk::mysql {
namespace {

using ::testing::HasSubstr;
using tinybird_cdk::testing::MysqlDatabase;

class TextSink final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        text += full.view();
        return Buffer(wanted);
    }
    std::string text;
};

/// Counts and forgets.
class CountingSink final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        bytes += full.view().size();
        if (full.capacity() >= wanted) {
            full.set(0, 0);
            return full;
        }
        return Buffer(wanted);
    }
    std::size_t bytes = 0;
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

void write(QueryRows& rows, BufferSink& sink, const std::stop_token& stop = {},
           const schema::Type& target = schema::String()) {
    std::vector<OutputColumn> columns;
    for (const ResultColumn& column : rows.columns()) {
        columns.push_back({column.name, schema::Nullable(target), column.valid_utf8});
    }
    RowWriterOptions options;
    options.block_bytes = 16 * 1024;
    RowWriter writer(columns, options, sink);
    rows.write(writer, stop);
    writer.finish();
}

std::size_t resident_kilobytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == "VmRSS:") {
            std::size_t kilobytes = 0;
            status >> kilobytes;
            return kilobytes;
        }
    }
    throw std::runtime_error("/proc/self/status has no VmRSS");
}

class TestMysqlExport : public ::testing::Test {
protected:
    [[nodiscard]] QueryRows rows_of(const std::string& query, std::optional<std::uint64_t> row_limit = std::nullopt,
                                    const std::stop_token& stop = {}) const {
        return {source.environment(), {.query = query, .format = Format::csv, .row_limit = row_limit, .stop = stop}};
    }
    static std::string csv(QueryRows& rows) {
        TextSink sink;
        write(rows, sink);
        return sink.text;
    }
    std::string csv(const std::string& query, std::optional<std::uint64_t> row_limit = std::nullopt) const {
        QueryRows rows = rows_of(query, row_limit);
        return csv(rows);
    }
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
    /// Sessions of others that use this test's database and fulfil a condition.
    [[nodiscard]] std::string sessions(const std::string& condition = "true") const {
        return "SELECT count(*) FROM information_schema.PROCESSLIST WHERE DB = '" + source.name() + "' AND ID <> " +
               own_session + " AND " + condition;
    }

    MysqlDatabase source;
    MysqlDatabase observer;
    std::string own_session = source.text("SELECT connection_id()");
};

TEST_F(TestMysqlExport, AnyQueryIsTaken) {
    EXPECT_EQ(csv("SELECT 1 AS a, 2 AS a, 'x'"), "1,2,\"x\"\n");
    EXPECT_EQ(csv("SELECT 1 -- one"), "1\n");
    EXPECT_EQ(csv("SELECT 1 ; # one"), "1\n");
    EXPECT_EQ(csv("VALUES (1), (2)", 1), "1\n");
    EXPECT_EQ(csv("WITH n AS (SELECT 7 AS i) SELECT i, ';' FROM n"), "7,\";\"\n");
    EXPECT_EQ(csv("SELECT 1 FROM dual WHERE false"), "");
    EXPECT_EQ(csv("SELECT NULL, ''"), ",\"\"\n");
    EXPECT_EQ(csv("SELECT 'a\\'b\";', \"c'd\""), "\"a'b\"\";\",\"c'd\"\n");
    EXPECT_EQ(csv("SHOW DATABASES LIKE '" + source.name() + "'"), "\"" + source.name() + "\"\n");
    EXPECT_EQ(csv("SELECT 1 UNION ALL SELECT 2 ORDER BY 1 DESC"), "2\n1\n");
}

TEST_F(TestMysqlExport, TheLimitIsOfTheWholeQuery) {
    EXPECT_EQ(csv("SELECT seq FROM seq_1_to_9 ORDER BY seq DESC", 2), "9\n8\n");
    EXPECT_EQ(csv("SELECT seq FROM seq_1_to_9 ORDER BY seq DESC LIMIT 5", 2), "9\n8\n");
    EXPECT_EQ(csv("SELECT seq FROM seq_1_to_9 ORDER BY seq LIMIT 2", 5), "1\n2\n");
    EXPECT_EQ(csv("SELECT count(*) FROM (SELECT seq FROM seq_1_to_9) AS s", 2), "9\n");
    EXPECT_EQ(csv("SELECT 1", 0), "");
    EXPECT_EQ(csv("SELECT 1", 18446744073709551615U), "1\n");
}

/// A limit of the server's own would cut every load in silence.
TEST_F(TestMysqlExport, TheServersLimitIsLifted) {
    observer.run("SET @before = @@GLOBAL.sql_select_limit; SET GLOBAL sql_select_limit = 3");
    const std::string text = csv("SELECT seq FROM seq_1_to_5");
    observer.run("SET GLOBAL sql_select_limit = @before");
    EXPECT_EQ(text, "1\n2\n3\n4\n5\n");
}

TEST_F(TestMysqlExport, WhatChangesDataIsRefusedByTheServer) {
    source.run("CREATE TABLE t (i int)");
    for (const char* const query : {"INSERT INTO t VALUES (1) RETURNING i", "/* now */ DELETE FROM t RETURNING i",
                                    "/*! INSERT INTO t VALUES (1) */"}) {
        try {
            csv(query);
            ADD_FAILURE() << query;
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_EQ(error.sqlstate(), "25006") << query << ": " << error.what();
            EXPECT_THAT(error.what(), HasSubstr("error 1792"));
        }
    }
    EXPECT_THROW(csv("CREATE TABLE t2 (i int)"), errors::Error);
    EXPECT_THROW(csv("DO 1"), errors::InvalidArgument);
    EXPECT_THROW(csv("SELECT ?"), errors::InvalidArgument);
    EXPECT_EQ(source.text("SELECT count(*) FROM t"), "0");
    EXPECT_EQ(source.text("SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = database()"), "1");
}

TEST_F(TestMysqlExport, DescriptionAndRowsAreOfOneSnapshot) {
    source.run("CREATE TABLE t ENGINE = InnoDB AS SELECT 1 AS i; CREATE TABLE u ENGINE = InnoDB AS SELECT 1 AS i");
    QueryRows rows = rows_of("SELECT * FROM t UNION ALL SELECT * FROM u");
    source.run("INSERT INTO t VALUES (2); INSERT INTO u VALUES (3)");
    EXPECT_EQ(csv(rows), "1\n1\n");
    EXPECT_EQ(csv(rows), "1\n2\n1\n3\n") << "a second one begins anew";
}

TEST_F(TestMysqlExport, ChangedColumnsAreRefused) {
    source.run("CREATE TABLE t ENGINE = InnoDB AS SELECT 1 AS i");
    QueryRows rows = rows_of("SELECT * FROM t");
    EXPECT_EQ(csv(rows), "1\n");
    source.run("ALTER TABLE t MODIFY i varchar(10)");
    EXPECT_THROW(csv(rows), errors::SchemaMismatchError);
}

/// Writers go on while the rows are read; what they do is not seen.
TEST_F(TestMysqlExport, ConcurrentWritesAreNotSeen) {
    source.run(
        "CREATE TABLE t (i int PRIMARY KEY, v int) ENGINE = InnoDB; "
        "INSERT INTO t SELECT seq, 1 FROM seq_1_to_200000");
    QueryRows rows = rows_of("SELECT v FROM t");
    std::stop_source stop;
    const std::jthread writer([&] {
        MysqlDatabase other;
        for (int i = 1; !stop.stop_requested(); ++i) {
            other.run("UPDATE " + source.name() + ".t SET v = 2 WHERE i % 1000 = " + std::to_string(i % 1000) +
                      "; INSERT INTO " + source.name() + ".t VALUES (" + std::to_string(1'000'000 + i) + ", 3)");
        }
    });
    wait_for("SELECT count(*) > 5 FROM " + source.name() + ".t WHERE v = 3", "1");
    const std::string text = csv(rows);
    stop.request_stop();
    EXPECT_EQ(text.size(), 400'000U);
    EXPECT_EQ(text.find_first_of("23"), std::string::npos);
}

TEST_F(TestMysqlExport, AStopEndsAQueryThatGivesNothingYet) {
    QueryRows rows = rows_of("SELECT sleep(3600)");
    TextSink sink;
    stop_when(sessions("STATE = 'User sleep'"),
              [&](const std::stop_token& stop) { EXPECT_THROW(write(rows, sink, stop), errors::InterruptedError); });
    wait_for(sessions(), "0");
}

TEST_F(TestMysqlExport, AStopEndsTheWaitForALock) {
    source.run("CREATE TABLE t (i int); LOCK TABLES t WRITE");
    stop_when(sessions("STATE LIKE 'Waiting for table metadata lock'"), [&](const std::stop_token& stop) {
        EXPECT_THROW(
            {
                QueryRows rows = rows_of("SELECT i FROM t", std::nullopt, stop);
                TextSink sink;
                write(rows, sink, stop);
            },
            errors::InterruptedError);
    });
    wait_for(sessions(), "0");
    source.run("UNLOCK TABLES");
}

/// A token that asked before there was a connection.
TEST_F(TestMysqlExport, AStopComesInTime) {
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(static_cast<void>(rows_of("SELECT 1", std::nullopt, stop.get_token())), errors::InterruptedError);
}

/// A server that computes would notice a closed connection only at its next row.
TEST_F(TestMysqlExport, AFailureOfTheTargetKillsTheQuery) {
    QueryRows rows = rows_of("SELECT if(seq < 50000, seq, sleep(3600)) FROM seq_1_to_50000");
    BrokenSink sink([&] { wait_for(sessions("INFO LIKE '%sleep(3600)%'"), "1"); });
    EXPECT_THROW(write(rows, sink), std::runtime_error);
    wait_for(sessions(), "0");
}

TEST_F(TestMysqlExport, ARefusedValueEndsTheQuery) {
    QueryRows rows = rows_of(
        "SELECT if(seq = 3, CAST('0000-00-00' AS date), CAST('2024-01-01' AS date)) FROM seq_1_to_1000000000000");
    TextSink sink;
    EXPECT_THROW(write(rows, sink, {}, schema::Date32()), errors::RefusedValueError);
    wait_for(sessions(), "0");
}

/// What the limit cuts off is not read to its end.
TEST_F(TestMysqlExport, ALimitedQueryEndsAtTheSource) {
    EXPECT_EQ(csv("SELECT seq FROM seq_1_to_1000000000000 LIMIT 100000000000", 2), "1\n2\n");
    wait_for(sessions(), "0");
}

TEST_F(TestMysqlExport, AServerThatGoesAwayIsWorthAnotherTry) {
    QueryRows rows = rows_of("SELECT sleep(3600)");
    const std::jthread administrator([&] {
        wait_for(sessions("STATE = 'User sleep'"), "1");
        observer.run("KILL " + observer.text("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '" +
                                             source.name() + "' AND STATE = 'User sleep'"));
    });
    TextSink sink;
    try {
        write(rows, sink);
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_TRUE(error.retryable()) << error.what();
    }
}

TEST_F(TestMysqlExport, ATimeoutOfTheServerIsWorthAnotherTry) {
    QueryRows rows =
        rows_of("SET STATEMENT max_statement_time = 0.05 FOR SELECT max(seq ^ 1) FROM seq_1_to_1000000000000");
    TextSink sink;
    try {
        write(rows, sink);
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("error 1969"));
        EXPECT_TRUE(error.retryable());
    }
}

TEST_F(TestMysqlExport, MemoryDoesNotGrowWithTheResult) {
    const auto read = [&](const std::string& sequence) {
        QueryRows rows = rows_of("SELECT seq, repeat('x', 100) FROM " + sequence);
        CountingSink sink;
        write(rows, sink);
        return sink.bytes;
    };
    read("seq_1_to_200000");
    const std::size_t before = resident_kilobytes();
    EXPECT_GT(read("seq_1_to_2000000"), 200'000'000U);
    constexpr std::size_t allowed_kilobytes = 64 * 1024;
    EXPECT_LT(resident_kilobytes(), before + allowed_kilobytes);
}

TEST_F(TestMysqlExport, ColumnsSayTheirTypes) {
    const QueryRows rows =
        rows_of("SELECT CAST(1 AS UNSIGNED) AS a, now(6) AS b, x'00' AS c, 'x' AS d, 1.5 AS e, NULL AS f");
    std::vector<std::string> types;
    for (const ResultColumn& column : rows.columns()) {
        EXPECT_FALSE(column.valid_utf8);
        types.push_back(column.source_type);
    }
    EXPECT_EQ(types,
              (std::vector<std::string>{"int unsigned", "datetime(6)", "varbinary", "varchar", "decimal", "null"}));
}

TEST_F(TestMysqlExport, EstimatesHarmNothing) {
    source.run("CREATE TABLE t ENGINE = InnoDB AS SELECT seq AS i FROM seq_1_to_1000; ANALYZE TABLE t");
    QueryRows rows = rows_of("SELECT * FROM t");
    EXPECT_EQ(rows.estimated_rows(), 1000U);
    EXPECT_EQ(csv(rows).substr(0, 6), "1\n2\n3\n");
    EXPECT_EQ(rows.estimated_rows(), std::nullopt);
    EXPECT_EQ(rows_of("SELECT * FROM t", 10).estimated_rows(), 10U);
    EXPECT_EQ(rows_of("SELECT * FROM t WHERE i > 5").estimated_rows(), std::nullopt);
    EXPECT_EQ(rows_of("SELECT * FROM t AS a JOIN t AS b").estimated_rows(), std::nullopt);
    QueryRows shown = rows_of("SHOW TABLES");
    EXPECT_EQ(shown.estimated_rows(), std::nullopt);
    EXPECT_EQ(csv(shown), "\"t\"\n");
}

/// The description of a table's columns says the same as the catalog.
TEST_F(TestMysqlExport, TypesOfColumnsAreThoseOfTheTable) {
    source.run(
        "CREATE TABLE t (a decimal(65,30), b decimal(10,0), c decimal(5,5), d decimal(12,3) unsigned, e bit(33), "
        "f datetime(6), g timestamp, h bigint unsigned, i year, j enum('x'), k uuid, l inet6, m json, n point, "
        "o varbinary(9), p tinyint(1), q float, r date, s set('y'), t text)");
    const schema::Schema table = source.connector()->suggest_schema({{"database", source.name()}, {"table", "t"}});
    const QueryRows rows = rows_of("SELECT * FROM t");
    ASSERT_EQ(rows.columns().size(), table.columns.size());
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        EXPECT_EQ(rows.columns()[i].type->to_string(), table.columns[i].type.with_nullable(false).to_string())
            << table.columns[i].source_type;
    }
}

}  // namespace
}  // namespace tinybird_cdk::mysql
