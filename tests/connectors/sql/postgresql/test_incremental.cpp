// SPDX-License-Identifier: Apache-2.0
//
// Incremental loads beside writers: no row is skipped, none comes twice.
#include <atomic>
#include <chrono>
#include <future>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "connectors/sql/postgresql/server.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::HasSubstr;
using testing::PostgresqlSchema;
using testing::Target;
using namespace std::chrono_literals;

schema::Schema ids_and_times() {
    schema::Schema schema;
    schema.columns = {{"id", "", schema::Int64(), "", "", ""},
                      {"at", "", schema::Nullable(schema::DateTime64(6)), "", "", ""},
                      {"note", "", schema::Nullable(schema::String()), "", "", ""}};
    return schema;
}

/// A session that writes, beside the one of the test's schema.
class Writer {
public:
    explicit Writer(const PostgresqlSchema& source) : connection_(PQconnectdb("")) {
        run("SET search_path = " + source.name() + "; SET TimeZone = 'Asia/Tokyo'");
    }
    ~Writer() { PQfinish(connection_); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void run(const std::string& sql) {
        PGresult* const result = PQexec(connection_, sql.c_str());
        const auto status = PQresultStatus(result);
        PQclear(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
            throw std::runtime_error(PQerrorMessage(connection_));
        }
    }

private:
    PGconn* connection_;
};

class TestPostgresqlIncremental : public ::testing::Test {
protected:
    TestPostgresqlIncremental() {
        source.run("CREATE TABLE t (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), note text)");
        options.on_quarantine = tinybird::OnQuarantine::fail;
    }

    LoadResult append(const std::string& column, const Lag& lag = {}) {
        options.incremental = {.column = column, .lag = lag};
        return connector->append("SELECT id, at, note FROM " + source.name() + ".t -- all\n;", target.name(), options);
    }
    LoadResult replace(const std::string& column, const Lag& lag = {}) {
        options.incremental = {.column = column, .lag = lag};
        return connector->replace("SELECT id, at, note FROM " + source.name() + ".t", target.name(), options);
    }
    /// Loads until all rows of the source are there.
    void append_the_rest(const std::string& column) {
        const auto end = std::chrono::steady_clock::now() + 20s;
        const std::string wanted = source.text("SELECT count(*) FROM t");
        while (target.text("count()") != wanted && std::chrono::steady_clock::now() < end) {
            append(column);
        }
    }
    /// Each row of the source is there once, as it is.
    void expect_all_rows_once() {
        EXPECT_EQ(target.text("count()"), source.text("SELECT count(*) FROM t"));
        EXPECT_EQ(target.text("uniqExact(id)"), source.text("SELECT count(*) FROM t"));
        EXPECT_EQ(target.text("ifNull(sum(id), 0)"), source.text("SELECT coalesce(sum(id), 0) FROM t"));
    }

    PostgresqlSchema source;
    std::unique_ptr<SqlConnector> connector = PostgresqlSchema::connector();
    Target target{ids_and_times()};
    LoadOptions options;
};

TEST_F(TestPostgresqlIncremental, OnlyNewRowsAreAppended) {
    source.run(
        "INSERT INTO t (at) SELECT timestamptz '2024-01-01 00:00+09' + n * interval '1 hour' FROM generate_series(1, "
        "100) n");
    const LoadResult first = append("at");
    EXPECT_EQ(first.rows, 100U);
    ASSERT_TRUE(first.incremental);
    EXPECT_FALSE(first.incremental->range.from);
    EXPECT_EQ(append("at").rows, 0U);
    // Another session, in another time zone, and with a microsecond more than the last.
    Writer(source).run("INSERT INTO t (at) SELECT max(at) + interval '1 microsecond' FROM t");
    const LoadResult second = append("at");
    EXPECT_EQ(second.rows, 1U);
    EXPECT_EQ(second.incremental->range.from, "2024-01-04 19:00:00.000000");
    expect_all_rows_once();
    EXPECT_EQ(append("id").rows, 0U);
    source.run("INSERT INTO t (at) VALUES ('2020-01-01')");
    EXPECT_EQ(append("id").rows, 1U);
    expect_all_rows_once();
}

// now() is the start of a transaction: one that began earlier may be committed later.
TEST_F(TestPostgresqlIncremental, RowsThatAreCommittedLateAreNotSkipped) {
    source.run("INSERT INTO t (at) VALUES (now() - interval '1 hour')");
    Writer slow(source);
    slow.run("BEGIN; INSERT INTO t (note) VALUES ('slow')");
    source.run("INSERT INTO t (note) VALUES ('quick')");
    // Beyond the margin, so that only the slow one can hold it back.
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (source.text("SELECT clock_timestamp() - max(at) > interval '1.1 seconds' FROM t") != "t") {
        ASSERT_LT(std::chrono::steady_clock::now(), end);
    }
    EXPECT_EQ(append("at").rows, 1U);  // not the quick one, for the slow one comes before it
    slow.run("COMMIT");
    append_the_rest("at");
    expect_all_rows_once();
}

TEST_F(TestPostgresqlIncremental, RowsThatSomebodyIsWritingAreWaitedFor) {
    Writer slow(source);
    slow.run("BEGIN; INSERT INTO t (note) VALUES ('slow')");
    source.run("INSERT INTO t (note) VALUES ('quick')");
    auto loaded = std::async(std::launch::async, [&] { return append("id").rows; });
    EXPECT_EQ(loaded.wait_for(500ms), std::future_status::timeout);
    slow.run("COMMIT");
    EXPECT_EQ(loaded.get(), 2U);
    expect_all_rows_once();
    EXPECT_EQ(append("id").rows, 0U);
}

TEST_F(TestPostgresqlIncremental, ThoseWhoWriteToAPartitionedTableAreWaitedFor) {
    source.run(
        "DROP TABLE t; CREATE TABLE t (id bigserial, at timestamptz DEFAULT now(), note text) PARTITION BY RANGE (id); "
        "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (1000); CREATE TABLE t2 PARTITION OF t FOR VALUES FROM "
        "(1000) TO (2000)");
    Writer slow(source);
    slow.run("BEGIN; INSERT INTO t (note) VALUES ('slow')");
    source.run("INSERT INTO t (note) VALUES ('quick')");
    auto loaded = std::async(std::launch::async, [&] { return append("id").rows; });
    EXPECT_EQ(loaded.wait_for(300ms), std::future_status::timeout);
    slow.run("COMMIT");
    EXPECT_EQ(loaded.get(), 2U);
}

// Whose numbers nobody sees yet.
TEST_F(TestPostgresqlIncremental, TheFirstRowsMayBeOnTheirWay) {
    EXPECT_EQ(append("id").rows, 0U);
    EXPECT_EQ(append("at").rows, 0U);
    Writer slow(source);
    slow.run("BEGIN; INSERT INTO t (note) VALUES ('slow')");
    const LoadResult nothing = append("id");
    EXPECT_EQ(nothing.rows, 0U);
    EXPECT_TRUE(nothing.incremental->range.empty);
    source.run("INSERT INTO t (note) VALUES ('quick')");
    slow.run("COMMIT");
    EXPECT_EQ(append("id").rows, 2U);
}

TEST_F(TestPostgresqlIncremental, WaitingEndsWhenAsked) {
    Writer slow(source);
    slow.run("BEGIN; INSERT INTO t (note) VALUES ('slow')");
    source.run("INSERT INTO t (note) VALUES ('quick')");
    std::stop_source stop;
    options.stop = stop.get_token();
    auto loaded = std::async(std::launch::async, [&] { return append("id").rows; });
    EXPECT_EQ(loaded.wait_for(200ms), std::future_status::timeout);
    stop.request_stop();
    EXPECT_THROW(loaded.get(), errors::InterruptedError);
}

// Its session is gone, and so is what is known of its beginning.
TEST_F(TestPostgresqlIncremental, APreparedTransactionIsNotOverlooked) {
    source.run("INSERT INTO t (at) VALUES ('2024-01-01')");
    Writer(source).run("BEGIN; INSERT INTO t (note) VALUES ('prepared'); PREPARE TRANSACTION '" + source.name() + "'");
    options.limits = SourceLimits{.lock_timeout = 100ms};
    for (const char* const column : {"at", "id"}) {
        try {
            append(column);
            ADD_FAILURE() << column;
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("prepared"));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
        }
    }
    source.run("COMMIT PREPARED '" + source.name() + "'");
    EXPECT_EQ(append("id").rows, 2U);
    expect_all_rows_once();
}

/// Writers in transactions of any length, and loads beside them.
void write_and_load(TestPostgresqlIncremental& /*fixture*/, const PostgresqlSchema& source,
                    const std::function<void()>& load) {
    std::atomic<bool> done = false;
    std::vector<std::thread> writers;
    for (unsigned seed = 1; seed <= 4; ++seed) {
        writers.emplace_back([&source, &done, seed] {
            Writer writer(source);
            std::mt19937 random(seed);
            while (!done) {
                writer.run("BEGIN");
                for (unsigned i = random() % 4; i > 0; --i) {
                    writer.run("INSERT INTO t (note) SELECT 'n' FROM generate_series(1, " +
                               std::to_string(random() % 20) + ")");
                    // The transaction stays open for a while, mostly between statements.
                    for (auto pause = random() % 300; pause > 0; --pause) {
                        writer.run("SELECT 1");
                    }
                }
                writer.run(random() % 5 == 0 ? "ROLLBACK" : "COMMIT");
            }
        });
    }
    const auto end = std::chrono::steady_clock::now() + 4s;
    while (std::chrono::steady_clock::now() < end) {
        load();
    }
    done = true;
    for (std::thread& writer : writers) {
        writer.join();
    }
}

TEST_F(TestPostgresqlIncremental, NothingIsLostOrDoubledBesideWritersByTime) {
    write_and_load(*this, source, [&] { append("at"); });
    append_the_rest("at");
    expect_all_rows_once();
}

TEST_F(TestPostgresqlIncremental, NothingIsLostOrDoubledBesideWritersByNumber) {
    write_and_load(*this, source, [&] { append("id"); });
    append_the_rest("id");
    expect_all_rows_once();
}

TEST_F(TestPostgresqlIncremental, ReplaceCorrectsLateRowsWithoutDoublingThem) {
    source.run(
        "INSERT INTO t (id, at, note) SELECT n, timestamp '2024-01-01' + n * interval '1 day', 'old' FROM "
        "generate_series(1, 10) n");
    const LoadResult first = replace("at", Lag(std::chrono::hours(72)));
    EXPECT_EQ(first.rows, 10U);
    EXPECT_EQ(first.incremental->replace_condition, "");
    source.run(
        "INSERT INTO t (id, at, note) VALUES (11, '2024-01-08 12:00+00', 'late'), (12, '2024-01-12+00', 'new'); "
        "UPDATE t SET note = 'changed' WHERE id IN (1, 10)");
    const LoadResult second = replace("at", Lag(std::chrono::hours(72)));
    EXPECT_EQ(second.incremental->replace_condition, "`at` >= toDateTime64('2024-01-08 00:00:00.000000', 6, 'UTC')");
    expect_all_rows_once();
    EXPECT_EQ(target.text("groupArray(id)", "WHERE note = 'changed'"), "[10]");  // the other is out of the window
    EXPECT_EQ(replace("id", Lag(3)).rows, 4U);
    expect_all_rows_once();
}

TEST_F(TestPostgresqlIncremental, LagLeavesRowsForTheNextLoad) {
    source.run("INSERT INTO t (at) SELECT now() - n * interval '1 minute' FROM generate_series(1, 10) n");
    EXPECT_EQ(append("at", Lag(330s)).rows, 5U);
    EXPECT_EQ(append("at").rows, 5U);
    expect_all_rows_once();
    source.run("INSERT INTO t (id) SELECT n FROM generate_series(101, 110) n");
    EXPECT_EQ(append("id", Lag(4)).rows, 6U);
    EXPECT_THROW(append("id", Lag(1min)), errors::InvalidArgument);
    EXPECT_THROW(append("at", Lag(4)), errors::InvalidArgument);
}

TEST_F(TestPostgresqlIncremental, WhatPeopleShouldKnowIsSaid) {
    source.run(
        "INSERT INTO t (at) SELECT NULL FROM generate_series(1, 1000); INSERT INTO t (at) VALUES ('2024-01-01'); "
        "ANALYZE t");
    const LoadResult result = append("at");
    EXPECT_EQ(result.rows, 1U);
    ASSERT_EQ(result.incremental->remarks.size(), 1U);
    EXPECT_THAT(result.incremental->remarks[0], HasSubstr("1000 rows have no at: they are never read"));

    source.run(
        "TRUNCATE t; INSERT INTO t (at) SELECT timestamp '2024-02-01' + n * interval '1 second' FROM "
        "generate_series(1, 150000) n; ANALYZE t");
    const LoadResult scanned = append("at");
    ASSERT_EQ(scanned.incremental->remarks.size(), 1U);
    EXPECT_THAT(scanned.incremental->remarks[0], HasSubstr("an index on at would help"));
    source.run("CREATE INDEX ON t (at); ANALYZE t");
    EXPECT_THAT(append("at").incremental->remarks, ::testing::IsEmpty());

    source.run("CREATE TABLE plain (\"Odd id\" int, at timestamptz, note text); INSERT INTO plain VALUES (1), (2)");
    schema::Schema schema = ids_and_times();
    schema.columns[0].name = "Odd id";
    Target plain(schema);
    options.incremental = {.column = "Odd id", .lag = {}};
    EXPECT_THAT(
        connector->append("SELECT * FROM " + source.name() + ".plain", plain.name(), options).incremental->remarks,
        ::testing::ElementsAre(HasSubstr("Odd id gets its numbers from no sequence")));
    EXPECT_THAT(append("id").incremental->remarks, ::testing::IsEmpty());
}

TEST_F(TestPostgresqlIncremental, WhatWouldSkipRowsIsRefused) {
    source.run("INSERT INTO t (at) VALUES ('2024-01-01')");
    EXPECT_THROW(append("note"), errors::InvalidArgument);
    EXPECT_THROW(append("nothing"), errors::InvalidArgument);
    options.row_limit = 5;
    EXPECT_THROW(append("at"), errors::InvalidArgument);
    options.row_limit.reset();
    options.replace_condition = "id > 1";
    EXPECT_THROW(replace("at"), errors::InvalidArgument);
    options.replace_condition.clear();
    options.incremental = {.column = "at", .lag = {}};
    EXPECT_THROW(
        connector->append("SELECT id, at::text AS at, note FROM " + source.name() + ".t", target.name(), options),
        errors::InvalidArgument);
    EXPECT_EQ(target.text("count()"), "0");
}

// Local times are those of the sessions' default zone.
TEST_F(TestPostgresqlIncremental, TimesWithoutAZoneAndDays) {
    source.run(
        "CREATE TABLE days (id int, at timestamp, day date); "
        "INSERT INTO days SELECT n, timestamp '2024-01-01 10:00' + n * interval '1 day', date '2024-01-01' + n FROM "
        "generate_series(1, 5) n; "
        "INSERT INTO days VALUES (6, localtimestamp + interval '1 hour', current_date)");
    schema::Schema schema;
    schema.columns = {{"id", "", schema::Int32(), "", "", ""},
                      {"at", "", schema::DateTime64(6), "", "", ""},
                      {"day", "", schema::Date32(), "", "", ""}};
    const std::string query = "SELECT id, at, day FROM " + source.name() + ".days";
    for (const char* column : {"at", "day"}) {
        Target days(schema);
        options.incremental = {.column = column, .lag = {}};
        EXPECT_EQ(connector->append(query, days.name(), options).rows, 5U) << column;  // the last one is not over yet
        EXPECT_EQ(connector->append(query, days.name(), options).rows, 0U) << column;
        EXPECT_EQ(days.text("groupArray(id)"), "[1,2,3,4,5]");
    }
}

// Clocks that will be turned back soon: a local time that has been may come again.
TEST_F(TestPostgresqlIncremental, TheHourThatComesTwiceIsLeftUntilItIsOver) {
    source.run(
        "CREATE TABLE turns (id int, at timestamp); "
        "CREATE TABLE back AS SELECT to_timestamp((floor(extract(epoch FROM now()) / 900) + 2) * 900) AT TIME ZONE "
        "'UTC' "
        "AS back; INSERT INTO turns SELECT 1, back - interval '1 microsecond' FROM back; "
        "INSERT INTO turns SELECT 2, back FROM back");
    // An hour ahead of UTC until that quarter of an hour; a rule counts days from 0 and has local time.
    const std::string zone = source.text(
        "SELECT 'NIL0ONE-1,' || extract(doy FROM t - interval '20 days') - 1 || '/0,' || extract(doy FROM t) - 1 || "
        "'/' "
        "|| to_char(t, 'HH24:MI:SS') FROM (SELECT back + interval '1 hour' AS t FROM back) AS s");
    const auto far =
        sql_connector_for("postgresql", testing::tinybird_environment().with("PGOPTIONS", "-c TimeZone=" + zone));
    ASSERT_EQ(far->query_db_scalar("SELECT count(*) FROM " + source.name() + ".turns WHERE at < now() AT TIME ZONE '" +
                                   zone + "'")
                  .to_text(),
              "2");
    schema::Schema schema;
    schema.columns = {{"id", "", schema::Int32(), "", "", ""}, {"at", "", schema::DateTime64(6), "", "", ""}};
    Target turns(schema);
    options.incremental = {.column = "at", .lag = {}};
    far->append("SELECT * FROM " + source.name() + ".turns", turns.name(), options);
    EXPECT_EQ(turns.text("groupArray(id)"), "[1]");
}

}  // namespace
}  // namespace tinybird_cdk
