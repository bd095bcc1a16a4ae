// SPDX-License-Identifier: Apache-2.0
//
// Incremental loads beside writers: no row is skipped, none comes twice.
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "connectors/sql/mysql/server.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::MysqlDatabase;
using testing::Target;
using namespace std::chrono_literals;

schema::Schema ids_and_times() {
    schema::Schema schema;
    schema.columns = {{"id", "", schema::Int64(), "", "", ""},
                      {"at", "", schema::Nullable(schema::DateTime64(6)), "", "", ""},
                      {"note", "", schema::Nullable(schema::String()), "", "", ""}};
    return schema;
}

/// A session that writes, beside the one of the test's database.
class Writer {
public:
    explicit Writer(const MysqlDatabase& source) : session_(mysql_init(nullptr)) {
        mysql_optionsv(session_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
        mysql_real_connect(session_, std::getenv("MYSQL_HOST"), std::getenv("MYSQL_USER"), std::getenv("MYSQL_PWD"),
                           source.name().c_str(), static_cast<unsigned int>(std::atoi(std::getenv("MYSQL_TCP_PORT"))),
                           nullptr, 0);
        run("SET time_zone = '+09:00'");
    }
    ~Writer() { mysql_close(session_); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void run(const std::string& sql) {
        if (!try_to_run(sql)) {
            throw std::runtime_error(mysql_error(session_));
        }
    }
    bool try_to_run(const std::string& sql) {
        const bool done = mysql_real_query(session_, sql.data(), static_cast<unsigned long>(sql.size())) == 0;
        mysql_free_result(mysql_store_result(session_));
        return done;
    }
    [[nodiscard]] std::string id() const { return std::to_string(mysql_thread_id(session_)); }

private:
    MYSQL* session_;
};

class TestMysqlIncremental : public ::testing::Test {
protected:
    TestMysqlIncremental() {
        source.run(
            "CREATE TABLE t (id bigint AUTO_INCREMENT PRIMARY KEY, at timestamp(6) NULL DEFAULT now(6) ON UPDATE "
            "now(6), note text, KEY (at))");
        options.on_quarantine = tinybird::OnQuarantine::fail;
    }

    LoadResult append(const std::string& column, const Lag& lag = {}) {
        options.incremental = {.column = column, .lag = lag};
        return connector->append("SELECT id, at, note FROM t -- all\n;", target.name(), options);
    }
    LoadResult replace(const std::string& column, const Lag& lag = {}) {
        options.incremental = {.column = column, .lag = lag};
        return connector->replace("SELECT id, at, note FROM t", target.name(), options);
    }
    /// Loads until all rows of the source are there.
    void append_the_rest(const std::string& column) {
        const auto end = std::chrono::steady_clock::now() + 30s;
        const std::string wanted = source.text("SELECT count(*) FROM t");
        while (target.text("uniqExact(id)") != wanted && std::chrono::steady_clock::now() < end) {
            append(column);
        }
    }
    /// Each row of the source is there once, as it is.
    void expect_all_rows_once() {
        EXPECT_EQ(target.text("count()"), source.text("SELECT count(*) FROM t"));
        EXPECT_EQ(target.text("uniqExact(id)"), source.text("SELECT count(*) FROM t"));
        EXPECT_EQ(target.text("ifNull(sum(id), 0)"), source.text("SELECT coalesce(sum(id), 0) FROM t"));
    }
    /// Beyond the margin of a second.
    void wait_for_the_margin() {
        const auto end = std::chrono::steady_clock::now() + 30s;
        while (source.text("SELECT now(6) - INTERVAL 1200000 MICROSECOND > max(at) FROM t") != "1") {
            ASSERT_LT(std::chrono::steady_clock::now(), end);
        }
    }

    MysqlDatabase source;
    std::unique_ptr<SqlConnector> connector = source.connector();
    Target target{ids_and_times()};
    LoadOptions options;
};

TEST_F(TestMysqlIncremental, OnlyNewRowsAreAppended) {
    source.run("INSERT INTO t (at) SELECT timestamp '2024-01-01 00:00:00' + INTERVAL seq HOUR FROM seq_1_to_100");
    const LoadResult first = append("at");
    EXPECT_EQ(first.rows, 100U);
    ASSERT_TRUE(first.incremental);
    EXPECT_FALSE(first.incremental->range.from);
    EXPECT_EQ(append("at").rows, 0U);
    // Another session, in another time zone, and with a microsecond more than the last.
    Writer(source).run("INSERT INTO t (at) SELECT max(at) + INTERVAL 1 MICROSECOND FROM t");
    const LoadResult second = append("at");
    EXPECT_EQ(second.rows, 1U);
    EXPECT_EQ(second.incremental->range.from, "2024-01-05 04:00:00.000000");
    expect_all_rows_once();
    EXPECT_EQ(append("id").rows, 0U);
    source.run("INSERT INTO t (at) VALUES ('2020-01-01')");
    EXPECT_EQ(append("id").rows, 1U);
    expect_all_rows_once();
}

TEST_F(TestMysqlIncremental, RowsThatSomebodyIsWritingAreWaitedFor) {
    for (const char* const column : {"id", "at"}) {
        Writer slow(source);
        slow.run("BEGIN");
        slow.run("INSERT INTO t (note) VALUES ('slow')");
        source.run("INSERT INTO t (note) VALUES ('quick')");
        wait_for_the_margin();
        auto loaded = std::async(std::launch::async, [&] { return append(column).rows; });
        EXPECT_EQ(loaded.wait_for(500ms), std::future_status::timeout) << column;
        slow.run("COMMIT");
        EXPECT_EQ(loaded.get(), 2U) << column;
        expect_all_rows_once();
        EXPECT_EQ(append(column).rows, 0U) << column;
    }
}

// NOW() is the time of the statement, which may be long before InnoDB hears of it.
TEST_F(TestMysqlIncremental, AStatementThatHasNoTransactionYetIsWaitedFor) {
    source.run("DO get_lock('" + source.name() + "', 0)");
    Writer slow(source);
    auto written = std::async(std::launch::async, [&] {
        slow.run("BEGIN");
        slow.run("INSERT INTO t (note) SELECT concat('slow', get_lock('" + source.name() + "', 60))");
        slow.run("COMMIT");
    });
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (source.text("SELECT count(*) FROM information_schema.PROCESSLIST WHERE state = 'User lock'") != "1") {
        ASSERT_LT(std::chrono::steady_clock::now(), end);
    }
    ASSERT_EQ(
        source.text("SELECT count(*) FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = " + slow.id()),
        "0");
    source.run("INSERT INTO t (note) VALUES ('quick')");
    wait_for_the_margin();
    auto loaded = std::async(std::launch::async, [&] { return append("at").rows; });
    EXPECT_EQ(loaded.wait_for(500ms), std::future_status::timeout);
    source.run("DO release_lock('" + source.name() + "')");
    written.get();
    EXPECT_EQ(loaded.get(), 2U);
    expect_all_rows_once();
}

// Whose numbers nobody sees yet.
TEST_F(TestMysqlIncremental, TheFirstRowsMayBeOnTheirWay) {
    EXPECT_EQ(append("id").rows, 0U);
    EXPECT_EQ(append("at").rows, 0U);
    Writer slow(source);
    slow.run("BEGIN");
    slow.run("INSERT INTO t (note) VALUES ('slow')");
    const LoadResult nothing = append("id");
    EXPECT_EQ(nothing.rows, 0U);
    EXPECT_TRUE(nothing.incremental->range.empty);
    source.run("INSERT INTO t (note) VALUES ('quick')");
    slow.run("COMMIT");
    EXPECT_EQ(append("id").rows, 2U);
}

TEST_F(TestMysqlIncremental, ThoseWhoOnlyReadAreNotWaitedFor) {
    source.run("INSERT INTO t (at) VALUES ('2024-01-01')");
    Writer idle(source);
    idle.run("START TRANSACTION WITH CONSISTENT SNAPSHOT");
    Writer reporter(source);
    Writer dump(source);
    auto report = std::async(std::launch::async, [&] { return reporter.try_to_run("SELECT sleep(300) FROM t"); });
    auto dumped = std::async(std::launch::async, [&] {
        dump.run("START TRANSACTION READ ONLY");
        return dump.try_to_run("SELECT sleep(300) FROM t");
    });
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (source.text("SELECT count(*) FROM information_schema.PROCESSLIST WHERE state = 'User sleep'") != "2") {
        ASSERT_LT(std::chrono::steady_clock::now(), end);
    }
    options.limits = SourceLimits{.lock_timeout = 20s};
    std::optional<std::uint64_t> rows;
    EXPECT_NO_THROW(rows = append("at").rows);
    EXPECT_EQ(rows, 1U);
    EXPECT_NO_THROW(rows = append("id").rows);
    EXPECT_EQ(rows, 0U);
    for (const Writer* const session : {&reporter, &dump}) {
        source.run("KILL " + session->id());
    }
    report.get();
    dumped.get();
}

TEST_F(TestMysqlIncremental, PatienceEnds) {
    Writer slow(source);
    slow.run("BEGIN");
    slow.run("INSERT INTO t (note) VALUES ('slow')");
    source.run("INSERT INTO t (note) VALUES ('quick')");
    options.limits = SourceLimits{.lock_timeout = 300ms};
    for (const char* const column : {"id", "at"}) {
        try {
            append(column);
            ADD_FAILURE() << "nothing was thrown";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("session " + slow.id() + " of the server has been writing"));
            EXPECT_THAT(error.what(), HasSubstr("for more than 0.3 s"));
            EXPECT_THAT(error.hint(), HasSubstr("--lag"));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
        }
    }
    EXPECT_EQ(target.text("count()"), "0");
    // A lag stands for the wait.
    EXPECT_EQ(append("id", Lag(0)).rows, 1U);
}

TEST_F(TestMysqlIncremental, WaitingEndsWhenAsked) {
    Writer slow(source);
    slow.run("BEGIN");
    slow.run("INSERT INTO t (note) VALUES ('slow')");
    source.run("INSERT INTO t (note) VALUES ('quick')");
    std::stop_source stop;
    options.stop = stop.get_token();
    auto loaded = std::async(std::launch::async, [&] { return append("id").rows; });
    EXPECT_EQ(loaded.wait_for(200ms), std::future_status::timeout);
    stop.request_stop();
    EXPECT_THROW(loaded.get(), errors::InterruptedError);
}

TEST_F(TestMysqlIncremental, WhoMayNotSeeWritersGivesALag) {
    source.run("INSERT INTO t (at) VALUES ('2024-01-01'); CREATE USER " + source.name() +
               " IDENTIFIED BY 'some words'; "
               "GRANT SELECT ON " +
               source.name() + ".* TO " + source.name());
    connector = sql_connector_for("mysql", testing::tinybird_environment()
                                               .with("MYSQL_DATABASE", source.name())
                                               .with("MYSQL_USER", source.name())
                                               .with("MYSQL_PWD", "some words"));
    for (const char* const column : {"id", "at"}) {
        try {
            append(column);
            ADD_FAILURE() << "nothing was thrown";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("this user does not see who is writing"));
            EXPECT_THAT(error.hint(), HasSubstr("GRANT PROCESS"));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
        }
    }
    EXPECT_EQ(append("at", Lag(1min)).rows, 1U);
    EXPECT_EQ(append("id", Lag(0)).rows, 0U);
    source.run("DROP USER " + source.name());
}

/// Writers in transactions of any length, and loads beside them.
void write_and_load(const MysqlDatabase& source, const std::function<void()>& load) {
    std::atomic<bool> done = false;
    std::vector<std::thread> writers;
    for (unsigned seed = 1; seed <= 4; ++seed) {
        writers.emplace_back([&source, &done, seed] {
            Writer writer(source);
            writer.run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
            std::mt19937 random(seed);
            while (!done) {
                writer.run("BEGIN");
                bool good = true;
                for (unsigned i = random() % 4; i > 0 && good; --i) {
                    // Rows of this session only; still, the server may choose it to end a deadlock.
                    good = writer.try_to_run(random() % 3 == 0
                                                 ? "UPDATE t SET note = note + 1000 WHERE note % 1000 = " +
                                                       std::to_string(seed) + " ORDER BY id DESC LIMIT 2"
                                                 : "INSERT INTO t (note) SELECT " + std::to_string(seed) +
                                                       " FROM seq_1_to_" + std::to_string(random() % 20 + 1));
                    // The transaction stays open for a while, mostly between statements.
                    for (auto pause = random() % 300; pause > 0 && good; --pause) {
                        writer.run("DO 0");
                    }
                }
                writer.run(!good || random() % 5 == 0 ? "ROLLBACK" : "COMMIT");
            }
        });
    }
    const auto end = std::chrono::steady_clock::now() + 4s;
    std::exception_ptr failure;
    while (std::chrono::steady_clock::now() < end && !failure) {
        try {
            load();
        } catch (...) {
            failure = std::current_exception();
        }
    }
    done = true;
    for (std::thread& writer : writers) {
        writer.join();
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
}

// Rows that change come again, with their new time: the last version of each is that of the source.
TEST_F(TestMysqlIncremental, NothingIsLostBesideWritersByTime) {
    write_and_load(source, [&] { append("at"); });
    wait_for_the_margin();
    append("at");
    EXPECT_EQ(target.text("uniqExact(id)"), source.text("SELECT count(*) FROM t"));
    EXPECT_EQ(target.text("uniqExact(id, at)"), target.text("count()"));
    EXPECT_EQ(target.text("(SELECT sum(last) FROM (SELECT toInt64(argMax(note, at)) AS last FROM " + target.name() +
                              " GROUP BY id))",
                          "LIMIT 1"),
              source.text("SELECT sum(note) FROM t"));
}

TEST_F(TestMysqlIncremental, NothingIsLostOrDoubledBesideWritersByNumber) {
    write_and_load(source, [&] { append("id"); });
    append("id");
    expect_all_rows_once();
}

TEST_F(TestMysqlIncremental, ReplaceCorrectsLateRowsWithoutDoublingThem) {
    source.run(
        "INSERT INTO t (id, at, note) SELECT seq, timestamp '2024-01-01 00:00:00' + INTERVAL seq DAY, 'old' FROM "
        "seq_1_to_10");
    const LoadResult first = replace("at", Lag(std::chrono::hours(72)));
    EXPECT_EQ(first.rows, 10U);
    EXPECT_EQ(first.incremental->replace_condition, "");
    source.run(
        "INSERT INTO t (id, at, note) VALUES (11, '2024-01-08 12:00', 'late'), (12, '2024-01-12', 'new'); "
        "UPDATE t SET note = 'changed', at = at WHERE id IN (1, 10)");
    const LoadResult second = replace("at", Lag(std::chrono::hours(72)));
    EXPECT_EQ(second.incremental->replace_condition, "`at` >= toDateTime64('2024-01-08 00:00:00.000000', 6, 'UTC')");
    expect_all_rows_once();
    EXPECT_EQ(target.text("groupArray(id)", "WHERE note = 'changed'"), "[10]");  // the other is out of the window
    EXPECT_EQ(replace("id", Lag(3)).rows, 4U);
    expect_all_rows_once();
}

TEST_F(TestMysqlIncremental, LagLeavesRowsForTheNextLoad) {
    source.run("INSERT INTO t (at) SELECT now(6) - INTERVAL seq MINUTE FROM seq_1_to_10");
    EXPECT_EQ(append("at", Lag(330s)).rows, 5U);
    EXPECT_EQ(append("at").rows, 5U);
    expect_all_rows_once();
    source.run("INSERT INTO t (id) SELECT seq FROM seq_101_to_110");
    EXPECT_EQ(append("id", Lag(4)).rows, 6U);
    EXPECT_THROW(append("id", Lag(1min)), errors::InvalidArgument);
    EXPECT_THROW(append("at", Lag(4)), errors::InvalidArgument);
}

TEST_F(TestMysqlIncremental, WhatPeopleShouldKnowIsSaid) {
    source.run("INSERT INTO t (at) SELECT NULL FROM seq_1_to_1000; INSERT INTO t (at) VALUES ('2024-01-01')");
    const LoadResult result = append("at");
    EXPECT_EQ(result.rows, 1U);
    EXPECT_THAT(result.incremental->remarks, ElementsAre(HasSubstr("1000 rows have no at: they are never read")));

    source.run(
        "CREATE TABLE plain (id bigint unsigned NOT NULL, at datetime(6), note text); INSERT INTO plain VALUES "
        "(7, NULL, ''), (7, NULL, '')");
    options.incremental = {.column = "id", .lag = {}};
    Target numbers(ids_and_times());
    const LoadResult ties = connector->append("SELECT * FROM plain", numbers.name(), options);
    EXPECT_EQ(ties.rows, 2U);
    EXPECT_THAT(ties.incremental->remarks,
                ElementsAre(HasSubstr("several rows have id = 7"), HasSubstr("id is no AUTO_INCREMENT column")));
    // A lag that goes below zero.
    options.incremental->lag = Lag(100);
    EXPECT_EQ(connector->append("SELECT * FROM plain", numbers.name(), options).rows, 0U);

    source.run(
        "TRUNCATE t; ALTER TABLE t DROP KEY at; INSERT INTO t (at) SELECT timestamp '2024-02-01 00:00:00' + INTERVAL "
        "seq SECOND "
        "FROM seq_1_to_150000; ANALYZE TABLE t");
    const LoadResult scanned = append("at");
    EXPECT_THAT(scanned.incremental->remarks,
                ElementsAre(HasSubstr("rows that have no at are never read"), HasSubstr("an index on at would help")));
    source.run("ALTER TABLE t ADD KEY (at); ANALYZE TABLE t");
    EXPECT_THAT(append("at").incremental->remarks, ::testing::IsEmpty());
}

TEST_F(TestMysqlIncremental, WhatWouldSkipRowsIsRefused) {
    source.run("INSERT INTO t (at) VALUES ('2024-01-01')");
    EXPECT_THROW(append("note"), errors::InvalidArgument);
    EXPECT_THROW(append("nothing"), errors::InvalidArgument);
    options.incremental = {.column = "at", .lag = {}};
    EXPECT_THROW(connector->append("SELECT id, CAST(at AS char) AS at, note FROM t", target.name(), options),
                 errors::InvalidArgument);
    EXPECT_EQ(target.text("count()"), "0");
}

// Local times are those of the sessions' default zone.
TEST_F(TestMysqlIncremental, TimesWithoutAZoneAndDays) {
    source.run(
        "SET @zone = @@GLOBAL.time_zone; SET GLOBAL time_zone = '+09:00'; SET time_zone = '+09:00'; "
        "CREATE TABLE days (id int, at datetime(6), day date); "
        "INSERT INTO days SELECT seq, timestamp '2024-01-01 10:00:00' + INTERVAL seq DAY, date '2024-01-01' + INTERVAL "
        "seq "
        "DAY FROM seq_1_to_4; "
        // Over in that zone, if not in UTC; and not over in that zone.
        "INSERT INTO days VALUES (5, now(6) - INTERVAL 1 MINUTE, curdate() - INTERVAL 1 DAY), (6, now(6) + INTERVAL 1 "
        "MINUTE, curdate())");
    schema::Schema schema;
    schema.columns = {{"id", "", schema::Int32(), "", "", ""},
                      {"at", "", schema::DateTime64(6), "", "", ""},
                      {"day", "", schema::Date32(), "", "", ""}};
    for (const char* column : {"at", "day"}) {
        Target days(schema);
        options.incremental = {.column = column, .lag = {}};
        EXPECT_EQ(connector->append("SELECT id, at, day FROM days", days.name(), options).rows, 5U) << column;
        EXPECT_EQ(connector->append("SELECT id, at, day FROM days", days.name(), options).rows, 0U) << column;
        EXPECT_EQ(days.text("arraySort(groupArray(id))"), "[1,2,3,4,5]");
    }
    source.run("SET GLOBAL time_zone = @zone");
}

// Clocks that will be turned back soon: a local time that has been may come again.
TEST_F(TestMysqlIncremental, TheHourThatComesTwiceIsLeftUntilItIsOver) {
    // A zone of the test's own, an hour ahead of UTC until a quarter of an hour that is near.
    source.run(
        "SET @back = (floor(unix_timestamp() / 900) + 2) * 900; INSERT INTO mysql.time_zone (Use_leap_seconds) "
        "VALUES ('N'); SET @id = last_insert_id(); INSERT INTO mysql.time_zone_name VALUES ('" +
        source.name() +
        "', @id); INSERT INTO mysql.time_zone_transition_type VALUES (@id, 0, 3600, 1, 'ONE'), (@id, 1, 0, 0, "
        "'NIL'); INSERT INTO mysql.time_zone_transition VALUES (@id, 0, 0), (@id, @back, 1)");
    source.run(
        "CREATE TABLE turns (id int, at datetime(6)); SET time_zone = '+00:00'; "
        "INSERT INTO turns VALUES (1, from_unixtime(@back) - INTERVAL 1 MICROSECOND), (2, from_unixtime(@back))");
    ASSERT_EQ(
        source.text("SELECT count(*) FROM turns WHERE at < convert_tz(now(6), '+00:00', '" + source.name() + "')"),
        "2");
    schema::Schema schema;
    schema.columns = {{"id", "", schema::Int32(), "", "", ""}, {"at", "", schema::DateTime64(6), "", "", ""}};
    Target turns(schema);
    options.incremental = {.column = "at", .lag = {}};
    source.run("SET @zone = @@GLOBAL.time_zone; SET GLOBAL time_zone = '" + source.name() + "'");
    EXPECT_NO_THROW(connector->append("SELECT * FROM turns", turns.name(), options));
    source.run(
        "SET GLOBAL time_zone = @zone; DELETE FROM mysql.time_zone WHERE Time_zone_id = @id; DELETE FROM "
        "mysql.time_zone_name WHERE Time_zone_id = @id; DELETE FROM mysql.time_zone_transition_type WHERE "
        "Time_zone_id = @id; DELETE FROM mysql.time_zone_transition WHERE Time_zone_id = @id");
    EXPECT_EQ(turns.text("groupArray(id)"), "[1]");
}

}  // namespace
}  // namespace tinybird_cdk
