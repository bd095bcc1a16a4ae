// SPDX-License-Identifier: Apache-2.0
// Loads by UNLOAD and directly: what is in the data source afterwards, and that nothing is left in the bucket. The
// server is our own, before a PostgreSQL: see tests/helpers/redshift.py.
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>
#include <tinybird_cdk/warehouse_connector.hpp>

#include "cluster.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using testing::Cluster;
using ::testing::HasSubstr;
using testing::Target;

class TestRedshiftUnload : public ::testing::TestWithParam<Format> {
protected:
    TestRedshiftUnload() {
        options.format = GetParam();
        options.on_quarantine = tinybird::OnQuarantine::fail;
        by(*connector, Route::bucket);
    }
    ~TestRedshiftUnload() override { EXPECT_TRUE(cluster.objects().empty()); }

    static void by(SqlConnector& connector, Route route) {
        dynamic_cast<WarehouseConnector&>(connector).set_route(route);
    }
    [[nodiscard]] schema::Schema suggested(const std::string& table) {
        return connector->suggest_schema(
            {{"database", cluster.database()}, {"schema", cluster.schema()}, {"table", table}});
    }
    /// Loads a query both ways, and expects the same rows.
    void expect_same(const schema::Schema& schema, const std::string& query) {
        Target unloaded(schema);
        Target direct(schema);
        by(*connector, Route::bucket);
        connector->append(query, unloaded.name(), options);
        by(*connector, Route::direct);
        connector->append(query, direct.name(), options);
        const ResultSet expected = direct.query("*", "ORDER BY 1");
        const ResultSet rows = unloaded.query("*", "ORDER BY 1");
        ASSERT_EQ(rows.size(), expected.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            EXPECT_EQ(Value(rows[i]).to_json(), Value(expected[i]).to_json());
        }
    }
    void expect_refused(const std::string& query, const std::string& text) {
        Target target(suggested("t"));
        try {
            connector->append(cluster.sql(query), target.name(), options);
            FAIL() << "it can't be written exactly";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr(text));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
        }
        EXPECT_EQ(target.text("count()"), "0");
    }

    static constexpr const char* running_unload =
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE "
        "'COPY%pg_sleep(600)%' AND query LIKE '%{s}%'";
    Cluster cluster;
    std::unique_ptr<SqlConnector> connector = sql_connector_for("redshift", cluster.environment());
    LoadOptions options;
};

INSTANTIATE_TEST_SUITE_P(Formats, TestRedshiftUnload, ::testing::Values(Format::csv, Format::ndjson),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestRedshiftUnload, EachTypeArrivesAsItDoesDirectly) {
    cluster.execute(
        "CREATE TABLE {s}.t (k BIGINT NOT NULL, s SMALLINT, r REAL, d DOUBLE PRECISION, t BOOLEAN, n NUMERIC(38,10), v "
        "VARCHAR(40), da DATE, ts TIMESTAMP, tz TIMESTAMPTZ, ti TIME, su SUPER, vb VARBYTE)");
    cluster.execute(
        "INSERT INTO {s}.t VALUES (-9007199254740993, -1, 0.1, 0.1 + 0.2::float8, true, "
        "1234567890123456789012345678.0123456789, 'a', '2024-02-29', '1969-12-31 23:59:59.000001', '2024-01-31 "
        "12:34:56.789012+02', '12:34:56.5', json_parse('{\"a\":[1,null,\"it''s\"]}'), '\\\\x00ff'), (1, 0, -1.5e-30, "
        "1e300, false, -0.5, '', '1900-01-01', '2299-12-31 23:59:59', '2000-01-01 00:00:00Z', '00:00', "
        "json_parse('null'), ''), (3, 1, 'NaN', '-Infinity', true, 0, 'NaN', '2024-01-01', '2024-01-01 00:00:00.1', "
        "'2024-01-01 00:00:00+00', '23:59:59.999999', json_parse('[]'), 'x'), (4, 1, 'Infinity', 'NaN', true, 0, 'x', "
        "NULL, NULL, NULL, NULL, NULL, NULL), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
        "NULL)");
    const schema::Schema schema = suggested("t");
    expect_same(schema, connector->ingest_query(schema));
    Target target(schema);
    by(*connector, Route::bucket);
    const LoadResult result = connector->append(connector->ingest_query(schema), target.name(), options);
    EXPECT_EQ(result.rows, 5U);
    EXPECT_EQ(result.left_behind, "");
    const auto first = [&](const std::string& column) {
        return target.text("toString(" + column + ")", "WHERE s = -1");
    };
    EXPECT_EQ(first("k"), "-9007199254740993");
    EXPECT_EQ(first("d"), "0.30000000000000004");
    EXPECT_EQ(first("t"), "true");
    EXPECT_EQ(first("n"), "1234567890123456789012345678.0123456789");
    EXPECT_EQ(first("ts"), "1969-12-31 23:59:59.000001");
    EXPECT_EQ(first("tz"), "2024-01-31 10:34:56.789012");
    EXPECT_EQ(first("su"), "{\"a\":[1,null,\"it's\"]}");
    EXPECT_EQ(first("vb"), "AP8=");
    EXPECT_EQ(target.text("isNull(t) + isNull(v) + isNull(su) + isNull(tz)", "WHERE k = 2"), "4");
    // JSON's null is a value.
    EXPECT_EQ(target.text("su", "WHERE k = 1"), "null");
}

TEST_P(TestRedshiftUnload, TextIsNeverTakenForNullOrForNotation) {
    cluster.execute("CREATE TABLE {s}.t (k INTEGER NOT NULL, v VARCHAR(100))");
    cluster.execute(
        R"(INSERT INTO {s}.t VALUES (1, ''), (2, NULL), (3, '\\N'), (4, 'NULL'), (5, 'null'), (6, '"'), (7, '""'), (8, )"
        R"('a,b'), (9, 'line\nbreak'), (10, 'cr\r\nlf'), (11, 'tab\tx\\'), (12, ' x '), (13, 'it''s'), (14, ',"\n'), )"
        R"((15, 'é 漢 😀'), (16, '\\'), (17, '\\\\"'), (18, '|'), (19, '@NULL@'))");
    const schema::Schema schema = suggested("t");
    expect_same(schema, connector->ingest_query(schema));
    Target target(schema);
    by(*connector, Route::bucket);
    connector->append(connector->ingest_query(schema), target.name(), options);
    EXPECT_EQ(target.text("countIf(isNull(v))"), "1");
    EXPECT_EQ(target.text("groupArray(k)", "WHERE v = ''"), "[1]");
}

TEST_P(TestRedshiftUnload, TheQueryKeepsItsQuotesAndBackslashes) {
    cluster.execute("CREATE TABLE {s}.t (k INTEGER, v VARCHAR(100))");
    cluster.execute(R"(INSERT INTO {s}.t VALUES (1, 'a\\b'), (2, 'it''s'), (3, 'other'))");
    Target target(suggested("t"));
    const std::string query =
        cluster.sql(R"(SELECT v, k FROM {s}.t WHERE v IN ('a\\b', 'it''s', 'it\'s') ORDER BY k LIMIT 2)");
    connector->append(query + " -- the end's comment", target.name(), options);
    EXPECT_EQ(target.text("min(v)"), R"(a\b)");
    EXPECT_EQ(target.text("max(v)"), "it's");
    EXPECT_EQ(target.text("count()"), "2");
    connector->append(query + " ;\n; ", target.name(), options);
    EXPECT_EQ(target.text("count()"), "4");
    connector->append(query + "; -- the end", target.name(), options);
    connector->append(query + "\n;/* the /* very; */ end */ -- ;", target.name(), options);
    EXPECT_EQ(target.text("count()"), "8");
    connector->append(cluster.sql(R"(SELECT k, v FROM {s}.t WHERE v || ';--' = 'it\'s;--' OR v = '/*';)"),
                      target.name(), options);
    EXPECT_EQ(target.text("count()"), "9");
    connector->append(cluster.sql("SELECT k, v FROM {s}.t WHERE v || ';--$$' = $a$other;--$$$a$"), target.name(),
                      options);
    connector->append(cluster.sql("SELECT k, v FROM {s}.t WHERE v || ';--' = $$other;--$$"), target.name(), options);
    EXPECT_EQ(target.text("count()"), "11");
}

TEST_P(TestRedshiftUnload, AppendAddsAndReplaceReplaces) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT n FROM generate_series(1, 20000) AS n");
    const schema::Schema schema = suggested("t");
    Target target(schema);
    EXPECT_EQ(connector->append(connector->ingest_query(schema), target.name(), options).rows, 20000U);
    connector->append(connector->ingest_query(schema), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(count()), ' ', toString(sum(n)))"), "40000 400020000");
    connector->replace(cluster.sql("SELECT n FROM {s}.t WHERE n < 4"), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(count()), ' ', toString(sum(n)))"), "3 6");
}

TEST_P(TestRedshiftUnload, AnEmptyResultIsNoImport) {
    cluster.execute("CREATE TABLE {s}.t (n INTEGER)");
    const schema::Schema schema = suggested("t");
    Target target(schema);
    EXPECT_EQ(connector->append(connector->ingest_query(schema), target.name(), options).rows, 0U);
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestRedshiftUnload, AFailedUnloadSaysWhyAndLeavesNothing) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT n, 0.5::double precision AS d FROM generate_series(1, 1000) AS n");
    Target target(suggested("t"));
    try {
        connector->append(cluster.sql("SELECT 1 / (n - 999) AS n, d FROM {s}.t"), target.name(), options);
        FAIL() << "the query fails";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
        EXPECT_THAT(error.what(), HasSubstr("Redshift: division by zero"));
        EXPECT_EQ(error.sqlstate(), "22012");
        EXPECT_THAT(error.hint(), HasSubstr("sys_query_history WHERE session_id = "));
    }
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestRedshiftUnload, ABucketThatIsMissingIsNamed) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT 1 AS n");
    Target target(suggested("t"));
    auto lost = sql_connector_for("redshift", cluster.environment().with("S3_BUCKET", "no-such-bucket"));
    by(*lost, Route::bucket);
    try {
        lost->append(cluster.sql("SELECT n FROM {s}.t"), target.name(), options);
        FAIL() << "there is no such bucket";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("NoSuchBucket"));
    }
}

TEST_P(TestRedshiftUnload, WhatHasNoExactTextIsRefused) {
    cluster.execute("CREATE TABLE {s}.t (d DATE, x DOUBLE PRECISION)");
    cluster.execute("INSERT INTO {s}.t VALUES ('1899-12-31', 0.30000000000000004)");
    expect_refused("SELECT d FROM {s}.t", "column d has a moment outside the years 1900 to 2299");
    // As when Redshift writes fewer digits than it was asked for.
    cluster.execute(
        "CREATE FUNCTION {s}.fewer_digits() RETURNS integer LANGUAGE sql AS "
        "$$ SELECT 1 FROM (SELECT set_config('extra_float_digits', '0', false)) AS s $$");
    expect_refused("SELECT x FROM (SELECT {s}.fewer_digits() AS one OFFSET 0) AS f, {s}.t WHERE one = 1",
                   "column x has a number that its text does not hold exactly");
}

TEST_P(TestRedshiftUnload, WhatTheTargetCantHaveIsRefused) {
    cluster.execute("CREATE TABLE {s}.t (n NUMERIC(10,2), v VARCHAR(10), i INTEGER)");
    cluster.execute("INSERT INTO {s}.t VALUES (1.5, 'a', 1), (1.25, NULL, NULL)");
    schema::Schema schema = suggested("t");
    schema.columns.at(0).type = schema::Decimal(10, 1);
    schema.columns.at(1).type = schema::String();
    schema.columns.at(2).type = schema::Int64();
    Target target(schema);
    const auto expect_error = [&](const std::string& query, const std::string& text) {
        try {
            connector->append(cluster.sql(query), target.name(), options);
            FAIL() << "the target can't have it";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr(text));
        }
    };
    expect_error("SELECT n, 'x' AS v, 1 AS i FROM {s}.t", "column n has a number that Decimal(10, 1) can't have: 1.25");
    expect_error("SELECT 1::numeric AS n, v, 1 AS i FROM {s}.t", "column v has a NULL");
    expect_error("SELECT 1::numeric AS n, 'x' AS v, i FROM {s}.t", "column i has a NULL");
    EXPECT_EQ(target.text("count()"), "0");
    connector->append(cluster.sql("SELECT i, v, n FROM {s}.t WHERE i = 1"), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(n), v, toString(i))"), "1.5a1");
}

TEST_P(TestRedshiftUnload, FloatsKeepTheirValueInAWiderTarget) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT CAST(0.1 AS REAL) AS r");
    schema::Schema schema = suggested("t");
    schema.columns.at(0).type = schema::Float64().with_nullable(true);
    Target target(schema);
    connector->append(cluster.sql("SELECT r FROM {s}.t"), target.name(), options);
    EXPECT_EQ(target.text("r = toFloat64(toFloat32(0.1))"), "1");
}

TEST_P(TestRedshiftUnload, LongTextIsWholeOrRefused) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT CAST(repeat('\"', 40000) AS VARCHAR(65535)) AS v");
    if (GetParam() == Format::csv) {
        expect_refused("SELECT v FROM {s}.t", "column v has a text beyond 32766 bytes");
        return;
    }
    Target target(suggested("t"));
    connector->append(cluster.sql("SELECT v FROM {s}.t"), target.name(), options);
    EXPECT_EQ(target.text("length(v)"), "40000");
}

TEST_P(TestRedshiftUnload, AStopEndsTheQueryAndLeavesNothing) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT 1 AS n");
    Target target(suggested("t"));
    std::stop_source stop;
    options.stop = stop.get_token();
    const std::jthread stopper([&] {
        while (cluster.value(running_unload) == "0") {
            std::this_thread::yield();
        }
        stop.request_stop();
    });
    try {
        connector->append(cluster.sql("SELECT n FROM {s}.t WHERE pg_sleep(600) IS NOT NULL"), target.name(), options);
        FAIL() << "it was stopped";
    } catch (const errors::InterruptedError& error) {
        // Not the statement that nobody wrote.
        EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("UNLOAD")));
    }
    EXPECT_EQ(cluster.value(running_unload), "0");
}

TEST_P(TestRedshiftUnload, AConnectionThatBreaksEndsTheUnload) {
    // The statement of the second column has texts of refusals in it.
    cluster.execute("CREATE TABLE {s}.t AS SELECT 1 AS n, 0.5::double precision AS d");
    Target target(suggested("t"));
    const std::jthread cutter([&] {
        while (cluster.value(running_unload) == "0") {
            std::this_thread::yield();
        }
        for (const int socket : cluster.sockets()) {
            shutdown(socket, SHUT_RDWR);
        }
    });
    try {
        connector->append(cluster.sql("SELECT n, d FROM {s}.t WHERE pg_sleep(600) IS NOT NULL"), target.name(),
                          options);
        FAIL() << "its answer is lost";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
        EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("UNLOAD")));
        EXPECT_THAT(error.hint(), HasSubstr("run it again"));
    }
    EXPECT_EQ(cluster.value(running_unload), "0");
}

TEST_P(TestRedshiftUnload, AConnectionIsKeptAliveWhileNothingIsSaid) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT 1 AS n");
    Target target(suggested("t"));
    std::stop_source stop;
    options.stop = stop.get_token();
    std::vector<int> seconds;
    const std::jthread stopper([&] {
        while (cluster.value(running_unload) == "0") {
            std::this_thread::yield();
        }
        for (const int socket : cluster.sockets()) {
            int value = 0;
            socklen_t size = sizeof value;
            getsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &value, &size);
            seconds.push_back(value);
        }
        stop.request_stop();
    });
    EXPECT_THROW(
        connector->append(cluster.sql("SELECT n FROM {s}.t WHERE pg_sleep(600) IS NOT NULL"), target.name(), options),
        errors::InterruptedError);
    EXPECT_THAT(seconds, ::testing::Contains(30));
}

TEST_P(TestRedshiftUnload, ObjectsThatAreMissingOrForeignAreNoticedBeforeTheImport) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT n FROM generate_series(1, 1000) AS n");
    Target target(suggested("t"));
    for (const auto& [fault, there] : {std::pair{"an object is lost", "3 in"}, {"an object is added", "5 in"}}) {
        // The test's server does that to sessions with these tags.
        auto tagged = sql_connector_for("redshift", cluster.environment().with("TB_CDK_TAG", fault));
        by(*tagged, Route::bucket);
        try {
            tagged->append(cluster.sql("SELECT n FROM {s}.t"), target.name(), options);
            FAIL() << fault;
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("wrote 4 objects"));
            EXPECT_THAT(error.what(), HasSubstr(there));
        }
    }
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestRedshiftUnload, AStopAndATimeoutEndTheWaitForALock) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT 1 AS n");
    Target target(suggested("t"));
    const std::string query = cluster.sql("SELECT n FROM {s}.t");
    cluster.execute("BEGIN");
    cluster.execute("LOCK TABLE {s}.t IN ACCESS EXCLUSIVE MODE");
    const auto expect_stopped = [&](const auto& work) {
        std::stop_source stop;
        const std::jthread stopper([&] {
            while (cluster.value("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '{s}.t'::regclass") ==
                   "0") {
                std::this_thread::yield();
            }
            stop.request_stop();
        });
        EXPECT_THROW(work(stop.get_token()), errors::InterruptedError);
    };
    for (const Route route : {Route::bucket, Route::direct}) {
        by(*connector, route);
        expect_stopped([&](const std::stop_token& stop) {
            options.stop = stop;
            connector->append(query, target.name(), options);
        });
        options.stop = {};
        options.limits = SourceLimits{.statement_timeout = std::chrono::milliseconds(300)};
        try {
            connector->append(query, target.name(), options);
            ADD_FAILURE() << "the table is locked";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
        }
        options.limits.reset();
    }
    // The server of the tests counts the rows of a table to tell its size.
    expect_stopped([&](const std::stop_token& stop) {
        connector->set_stop(stop);
        connector->list_scope({{"database", cluster.database()}, {"schema", cluster.schema()}});
    });
    cluster.execute("COMMIT");
}

TEST_P(TestRedshiftUnload, WholeNumbersKeepTheirDigitsInWiderTargets) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT 9007199254740993::bigint AS d, 9223372036854775807::bigint AS w");
    schema::Schema schema = suggested("t");
    schema.columns.at(0).type = schema::Decimal(38, 10).with_nullable(true);
    schema.columns.at(1).type = schema::Int128();
    Target target(schema);
    connector->append(cluster.sql("SELECT d, w FROM {s}.t"), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(d), ' ', toString(w))"), "9007199254740993 9223372036854775807");
}

TEST_P(TestRedshiftUnload, AStatementTimeoutEndsTheUnload) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT 1 AS n");
    Target target(suggested("t"));
    options.limits = SourceLimits{.statement_timeout = std::chrono::milliseconds(300)};
    EXPECT_THROW(
        connector->append(cluster.sql("SELECT n FROM {s}.t WHERE pg_sleep(600) IS NOT NULL"), target.name(), options),
        errors::ExternalDatasourceError);
}

TEST_P(TestRedshiftUnload, WhatCantGoByABucketGoesDirectly) {
    cluster.execute("CREATE TABLE {s}.t (n INTEGER, p POINT)");
    cluster.execute("INSERT INTO {s}.t VALUES (1, point(1, 2))");
    Target target(suggested("t"));
    EXPECT_THROW(connector->append(cluster.sql("SELECT n, p FROM {s}.t"), target.name(), options),
                 errors::InvalidArgument);
    EXPECT_EQ(target.text("count()"), "0");
    // Redshift writes NDJSON then, and readers of Parquet see no difference.
    options.format = Format::parquet;
    EXPECT_EQ(connector->append(cluster.sql("SELECT n FROM {s}.t"), target.name(), options).rows, 1U);
    EXPECT_EQ(target.text("sum(n)"), "1");
    cluster.execute("ALTER TABLE {s}.t RENAME COLUMN n TO \"a,b\"");
    Target odd(suggested("t"));
    by(*connector, Route::bucket);
    connector->append(cluster.sql("SELECT \"a,b\" FROM {s}.t"), odd.name(), options);
    EXPECT_EQ(odd.text("count()"), "1");
}

TEST_P(TestRedshiftUnload, NamesThatRedshiftWouldChangeGoDirectly) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT 1 AS userid");
    schema::Schema schema = suggested("t");
    schema.columns.at(0).name = "userId";
    Target target(schema);
    const std::string query = cluster.sql("SELECT userid AS \"userId\" FROM {s}.t");
    EXPECT_THROW(connector->append(query, target.name(), options), errors::InvalidArgument);
    by(*connector, Route::automatic);
    connector->append(query, target.name(), options);
    EXPECT_EQ(target.text("sum(userId)"), "1");
}

TEST_P(TestRedshiftUnload, TheEstimateChoosesTheRoute) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT 1 AS n");
    Target target(suggested("t"));
    // An unload is seen by its failure.
    auto lost = sql_connector_for("redshift", cluster.environment().with("S3_BUCKET", "no-such-bucket"));
    EXPECT_EQ(lost->append(cluster.sql("SELECT n FROM {s}.t"), target.name(), options).rows, 1U);
    const std::string looks_large =
        "SELECT n FROM {s}.t UNION ALL SELECT a FROM generate_series(1, 1000000) AS a, generate_series(1, 1000000) AS "
        "b WHERE a < 0 AND b < 0";
    EXPECT_THROW(lost->append(cluster.sql(looks_large), target.name(), options), errors::ExternalDatasourceError);
    EXPECT_EQ(connector->append(cluster.sql(looks_large), target.name(), options).rows, 1U);
    EXPECT_EQ(target.text("count()"), "2");
}

/// Without the bucket.
class TestRedshiftDirect : public TestRedshiftUnload {
protected:
    TestRedshiftDirect() { by(*connector, Route::direct); }
};

INSTANTIATE_TEST_SUITE_P(Formats, TestRedshiftDirect, ::testing::Values(Format::csv, Format::parquet),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestRedshiftDirect, ResultsOfManyFetchesAreWhole) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT n FROM generate_series(1, 5000) AS n");
    const schema::Schema schema = suggested("t");
    options.verify = true;
    // Of whole fetches, and of some rows more.
    for (const auto& [where, rows] : {std::pair{" WHERE n <= 1000", 1000U},
                                      {" WHERE n <= 3000", 3000U},
                                      {"", 5000U},
                                      {" WHERE n < 4322", 4321U},
                                      {" WHERE n < 0", 0U}}) {
        Target target(schema);
        EXPECT_EQ(connector->append(cluster.sql("SELECT n FROM {s}.t") + where, target.name(), options).rows, rows);
        EXPECT_EQ(target.text("count()"), std::to_string(rows));
    }
    Target target(schema);
    options.verify = false;
    options.row_limit = 2500;
    EXPECT_EQ(connector->append(cluster.sql("SELECT n FROM {s}.t"), target.name(), options).rows, 2500U);
}

/// With the first row of a cursor Redshift makes all of its rows, so the limit has to be the query's.
TEST_P(TestRedshiftDirect, NoMoreRowsAreMadeThanTheLimit) {
    cluster.execute("CREATE TABLE {s}.t (n BIGINT); CREATE SEQUENCE {s}.made");
    Target target(suggested("t"));
    const std::string counted = cluster.sql("SELECT nextval('{s}.made') AS n FROM generate_series(1, 5000) -- rows;");
    options.row_limit = 100;
    EXPECT_EQ(connector->append(counted, target.name(), options).rows, 100U);
    EXPECT_EQ(cluster.value("SELECT last_value FROM {s}.made"), "100");
    options.row_limit.reset();
    const LoadPreview preview = connector->preview_append(counted, target.name(), options);
    EXPECT_EQ(preview.sampled_rows, 1000U);
    EXPECT_EQ(cluster.value("SELECT last_value FROM {s}.made"), "1100");
}

TEST_P(TestRedshiftDirect, TheFirstRowsAreThoseOfTheQuerysOwnOrder) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT n, n::text AS s FROM generate_series(1, 3000) AS n");
    const schema::Schema schema = suggested("t");
    options.row_limit = 2;
    for (const auto& [query, rows] :
         {std::pair{"SELECT n, s FROM {s}.t ORDER BY n DESC", "[3000,2999]"},
          {"SELECT n, s FROM {s}.t ORDER BY n DESC OFFSET 5", "[2995,2994]"},
          {"SELECT n, s FROM {s}.t ORDER BY n DESC LIMIT 1", "[3000]"},
          {"SELECT n, s FROM {s}.t ORDER BY n DESC LIMIT 4;", "[3000,2999]"},
          {"SELECT n, s FROM {s}.t WHERE n < 9 UNION ALL SELECT n, s FROM {s}.t WHERE n > 9 ORDER BY n DESC",
           "[3000,2999]"}}) {
        Target target(schema);
        connector->append(cluster.sql(query), target.name(), options);
        EXPECT_EQ(target.text("arrayReverseSort(groupArray(n))"), rows) << query;
    }
    if (GetParam() == Format::csv) {
        // By their places.
        Target target(schema);
        connector->append(cluster.sql("SELECT n AS a, s AS a FROM {s}.t ORDER BY 1"), target.name(), options);
        EXPECT_EQ(target.text("arraySort(groupArray((n, s)))"), R"([[1,"1"],[2,"2"]])");
        // Of another type than the driver has: the column is selected by its name.
        connector->append(cluster.sql("SELECT n, '12:34:56+02'::timetz AS s FROM {s}.t ORDER BY n DESC"), target.name(),
                          options);
        EXPECT_EQ(target.text("groupUniqArray(s)", "WHERE n > 2998"), R"(["12:34:56+02"])");
    }
}

TEST_P(TestRedshiftDirect, AFailureInTheMiddleIsNoShortResult) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT n FROM generate_series(1, 5000) AS n");
    Target target(suggested("t"));
    try {
        connector->append(cluster.sql("SELECT 1 / (n - 4500) AS n FROM {s}.t"), target.name(), options);
        FAIL() << "the query fails";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("division by zero"));
    }
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestRedshiftDirect, AStopAndATimeoutEndTheQuery) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT 1 AS n");
    Target target(suggested("t"));
    const std::string slow = cluster.sql("SELECT n FROM {s}.t WHERE pg_sleep(600) IS NOT NULL");
    const std::string running =
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'FETCH%tb_cdk_rows%' AND pid IN "
        "(SELECT pid FROM pg_locks WHERE relation = '{s}.t'::regclass)";
    options.limits = SourceLimits{.statement_timeout = std::chrono::milliseconds(300)};
    try {
        connector->append(slow, target.name(), options);
        FAIL() << "it takes too long";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
    }
    options.limits.reset();
    std::stop_source stop;
    options.stop = stop.get_token();
    const std::jthread stopper([&] {
        while (cluster.value(running) == "0") {
            std::this_thread::yield();
        }
        stop.request_stop();
    });
    EXPECT_THROW(connector->append(slow, target.name(), options), errors::InterruptedError);
    EXPECT_EQ(cluster.value(running), "0");
}

}  // namespace
}  // namespace tinybird_cdk
