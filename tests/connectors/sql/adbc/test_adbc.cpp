// SPDX-License-Identifier: Apache-2.0
//
// The connector to any ADBC driver, with those of SQLite and PostgreSQL.
#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/registry.hpp>

#include "core/ids.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Target;

std::vector<std::string> values_of(const std::vector<ScopeItem>& items) {
    std::vector<std::string> values;
    std::transform(items.begin(), items.end(), std::back_inserter(values),
                   [](const ScopeItem& item) { return item.value; });
    return values;
}

class TestAdbcPostgresql : public ::testing::TestWithParam<Format> {
protected:
    TestAdbcPostgresql() {
        run("CREATE SCHEMA " + schema);
        run("CREATE TABLE " + schema +
            ".\"odd \"\"one\"\"\"(id bigint, \"select\" text, n numeric(38, 10), f double precision, d date, "
            "t timestamptz, b bytea, a int[])");
        run("INSERT INTO " + schema +
            ".\"odd \"\"one\"\"\" VALUES (9007199254740993, 'it''s \"x\"', 1234567890123456789012345678.0123456789, "
            "0.1, "
            "'2024-02-29', '2024-03-31 02:30:00.123456+02', '\\xff00', '{1,NULL,3}'), "
            "(-9223372036854775808, '', -0.0000000001, '-0', '1900-01-01', '1969-12-31 23:59:59.999999+00', '', '{}'), "
            "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{7}')");
    }
    ~TestAdbcPostgresql() override { run("DROP SCHEMA " + schema + " CASCADE"); }

    static Environment environment() {
        // The rest is in the variables that libpq reads by itself.
        return testing::tinybird_environment()
            .with("TB_CDK_ADBC_DRIVER", "postgresql")
            .with("TB_CDK_ADBC_URI", "postgresql://");
    }
    static void run(const std::string& sql) {
        adbc::Source source;
        source.driver = "postgresql";
        source.database = {{"uri", environment().get("TB_CDK_ADBC_URI").value()}};
        adbc::Connection(source, environment()).execute(sql);
    }

    const std::string schema = "t_" + core::random_hex(12);
    std::unique_ptr<SqlConnector> connector = sql_connector_for("adbc", environment());
};

INSTANTIATE_TEST_SUITE_P(Formats, TestAdbcPostgresql, ::testing::Values(Format::csv, Format::ndjson, Format::parquet),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestAdbcPostgresql, ATableArrivesAsItIs) {
    EXPECT_THAT(values_of(connector->list_scope()), Contains("postgres"));
    const auto schemas = values_of(connector->list_scope({{"catalog", "postgres"}}));
    EXPECT_THAT(schemas, Contains(schema));
    EXPECT_THAT(schemas, Not(Contains("pg_catalog")));
    const auto tables = connector->list_scope({{"catalog", "postgres"}, {"schema", schema}});
    ASSERT_EQ(tables.size(), 1U);
    EXPECT_EQ(tables[0].value, "odd \"one\"");
    EXPECT_EQ(tables[0].kind, "table");

    const schema::Schema suggested =
        connector->suggest_schema({{"catalog", "postgres"}, {"schema", schema}, {"table", "odd \"one\""}});
    const std::vector<std::string> types{"Nullable(Int64)",   "Nullable(String)",      "Nullable(String)",
                                         "Nullable(Float64)", "Nullable(Date32)",      "Nullable(DateTime64(6, 'UTC'))",
                                         "Nullable(String)",  "Array(Nullable(Int32))"};
    for (std::size_t i = 0; i < types.size(); ++i) {
        EXPECT_EQ(suggested.columns.at(i).type.to_string(), types[i]) << suggested.columns.at(i).name;
    }
    Target target(suggested);
    LoadOptions options;
    options.format = GetParam();
    options.on_quarantine = tinybird::OnQuarantine::fail;
    EXPECT_EQ(connector->append(connector->ingest_query(suggested), target.name(), options).rows, 3U);
    EXPECT_EQ(target.text("count()",
                          "WHERE id = 9007199254740993 AND `select` = 'it\\'s \"x\"' "
                          "AND n = '1234567890123456789012345678.0123456789' AND f = 0.1 "
                          "AND d = '2024-02-29' AND toString(t) = '2024-03-31 00:30:00.123456' "
                          "AND b = '/wA=' AND a = [1, NULL, 3]"),
              "1");
    EXPECT_EQ(target.text("count()",
                          "WHERE id = -9223372036854775808 AND `select` = '' AND n = '-0.0000000001' "
                          "AND reinterpretAsUInt64(f) = 9223372036854775808 AND d = '1900-01-01' "
                          "AND toString(t) = '1969-12-31 23:59:59.999999' AND b = '' AND a = []"),
              "1");
    EXPECT_EQ(target.text("count()",
                          "WHERE isNull(id) AND isNull(`select`) AND isNull(n) AND isNull(f) AND isNull(d) "
                          "AND isNull(t) AND isNull(b) AND a = [7]"),
              "1");
    connector->replace("SELECT * FROM (" + connector->ingest_query(suggested) + ") AS s WHERE id > 0", target.name(),
                       options);
    EXPECT_EQ(target.text("count()"), "1");
}

// The driver tells of keys and of what may be NULL.
TEST_P(TestAdbcPostgresql, KeysAndNullabilityAreThoseOfTheTable) {
    run("CREATE TABLE " + schema + ".keyed (v text, b int, a text NOT NULL, PRIMARY KEY (b, a))");
    const schema::Schema suggested =
        connector->suggest_schema({{"catalog", "postgres"}, {"schema", schema}, {"table", "keyed"}});
    EXPECT_EQ(suggested.columns.at(0).type.to_string(), "Nullable(String)");
    EXPECT_EQ(suggested.columns.at(1).type.to_string(), "Int32");
    EXPECT_EQ(suggested.columns.at(2).type.to_string(), "String");
    EXPECT_EQ(suggested.sorting_key, (std::vector<std::string>{"b", "a"}));
}

TEST_P(TestAdbcPostgresql, RowsAreThoseOfTheStatistics) {
    run("CREATE TABLE " + schema + ".counted AS SELECT generate_series(1, 1234) AS n");
    run("ANALYZE " + schema + ".counted");
    const auto tables = connector->list_scope({{"catalog", "postgres"}, {"schema", schema}});
    ASSERT_EQ(tables.size(), 2U);
    EXPECT_EQ(tables[0].value, "counted");
    EXPECT_EQ(tables[0].rows, 1234U);
}

TEST_P(TestAdbcPostgresql, TheSourcesOwnMessageIsKept) {
    try {
        connector->query_db("SELECT 1 FROM no_such_table");
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("relation \"no_such_table\" does not exist"));
        EXPECT_EQ(error.sqlstate(), "42P01");
    }
}

/// A table that others write to while it is loaded.
class TestAdbcIncremental : public TestAdbcPostgresql {
protected:
    TestAdbcIncremental() {
        run("CREATE TABLE " + schema + ".t (id bigserial, \"at\" timestamptz, local timestamp, day date, note text)");
        options.format = GetParam();
        options.on_quarantine = tinybird::OnQuarantine::fail;
    }
    LoadResult append(const std::string& column, const Lag& lag = {},
                      const std::string& columns = "id, at, local, day") {
        options.incremental = {.column = column, .lag = lag};
        return connector->append("SELECT " + columns + " FROM " + schema + ".t -- all", target->name(), options);
    }
    static schema::Schema target_schema() {
        schema::Schema columns;
        columns.columns = {{"id", "", schema::Nullable(schema::Int64()), "", "", ""},
                           {"at", "", schema::Nullable(schema::DateTime64(6, "UTC")), "", "", ""},
                           {"local", "", schema::Nullable(schema::DateTime64(6)), "", "", ""},
                           {"day", "", schema::Nullable(schema::Date32()), "", "", ""}};
        return columns;
    }
    void insert(const std::string& values) { run("INSERT INTO " + schema + ".t (at, local, day) " + values); }

    std::unique_ptr<Target> target = std::make_unique<Target>(target_schema());
    LoadOptions options;
};

INSTANTIATE_TEST_SUITE_P(Formats, TestAdbcIncremental, ::testing::Values(Format::csv),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestAdbcIncremental, WithoutALagItIsRefused) {
    insert("VALUES (now(), now(), current_date)");
    for (const char* const column : {"id", "at", "local", "day"}) {
        try {
            append(column);
            ADD_FAILURE() << column;
        } catch (const errors::InvalidArgument& error) {
            EXPECT_THAT(error.what(), HasSubstr("nothing is known of the database behind an ADBC driver"));
            EXPECT_THAT(error.hint(), HasSubstr("--lag"));
        }
    }
    EXPECT_THROW(append("note", Lag(0), "id, at, local, day, note"), errors::InvalidArgument);
    EXPECT_THROW(append("at", Lag(std::chrono::seconds(0)), "id, at::text AS at, local, day"), errors::InvalidArgument);
    EXPECT_EQ(target->text("count()"), "0");
}

TEST_P(TestAdbcIncremental, OnlyNewRowsAreAppended) {
    const Lag none{std::chrono::seconds(0)};
    EXPECT_EQ(append("id", Lag(0)).rows, 0U);
    EXPECT_EQ(append("at", none).rows, 0U);
    // The driver's sessions may be in any zone.
    insert(
        "SELECT '2024-01-01 00:00+09'::timestamptz + n * interval '1 day', '2024-01-01'::timestamp + n * interval '1 "
        "day', '2024-01-01'::date + n FROM generate_series(1, 10) n");
    EXPECT_EQ(append("at", none).rows, 10U);
    for (const char* const column : {"at", "local", "day"}) {
        EXPECT_EQ(append(column, none).rows, 0U) << column;
    }
    EXPECT_EQ(append("id", Lag(0)).rows, 0U);
    insert(
        "VALUES ('2024-01-10 15:00:00.000001+00', '2024-01-11 00:00:00.000001', '2024-01-12'), (now() + interval '1 "
        "hour', now() + interval '1 day', current_date + 1)");
    for (const char* const column : {"at", "local", "day"}) {
        Target other(target_schema());
        options.incremental = {.column = column, .lag = none};
        EXPECT_EQ(connector->append("SELECT id, at, local, day FROM " + schema + ".t", other.name(), options).rows, 11U)
            << column;
    }
    EXPECT_EQ(append("at", none).rows, 1U);
    EXPECT_EQ(append("id", Lag(1)).rows, 0U) << "the last one is within the lag";
    EXPECT_EQ(append("id", Lag(0)).rows, 1U);
    EXPECT_EQ(target->text("uniqExact(id)"), "12");
    EXPECT_EQ(target->text("count()"), "12");
}

// The lag is what protects rows that are committed late.
TEST_P(TestAdbcIncremental, ALagLeavesRowsForTheNextLoad) {
    insert("SELECT now() - n * interval '1 minute', NULL, NULL FROM generate_series(1, 10) n");
    adbc::Source source;
    source.driver = "postgresql";
    source.database = {{"uri", "postgresql://"}};
    adbc::Connection slow(source, environment());
    slow.execute("BEGIN");
    slow.execute("INSERT INTO " + schema + ".t (at) VALUES (now())");
    insert("VALUES (now(), NULL, NULL)");
    const LoadResult first = append("at", Lag(std::chrono::seconds(330)));
    EXPECT_EQ(first.rows, 5U);
    EXPECT_THAT(first.incremental->remarks, ::testing::IsEmpty());
    EXPECT_THAT(append("local", Lag(std::chrono::seconds(0))).incremental->remarks,
                ::testing::ElementsAre(HasSubstr("taken to be in UTC"), HasSubstr("11 rows have no local")));
    slow.execute("COMMIT");
    EXPECT_EQ(append("at", Lag(std::chrono::seconds(330))).rows, 0U);
    EXPECT_EQ(append("id", Lag(0)).rows, 1U + 1U) << "of those whose numbers are beyond what is there";
}

TEST_P(TestAdbcPostgresql, AStatementEndsWithItsTime) {
    connector->set_source_limits({.statement_timeout = std::chrono::milliseconds(300)});
    for (const char* const endless :
         {"SELECT pg_sleep(300)::text AS a", "SELECT n FROM generate_series(1, 1000000000000) AS n"}) {
        try {
            connector->query_db(endless);
            ADD_FAILURE() << "nothing was thrown";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("the statement ran longer than its time-out of 0.3 s"));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
        }
    }
    EXPECT_EQ(connector->query_db_scalar("SELECT 6 * 7").to_text(), "42");
    EXPECT_THROW(connector->set_source_limits({.lock_timeout = std::chrono::seconds(1)}), errors::InvalidArgument);
    EXPECT_THROW(connector->set_source_limits({.replica = true}), errors::InvalidArgument);
}

class TestAdbcSqlite : public ::testing::Test {
protected:
    std::unique_ptr<SqlConnector> connector = sql_connector_for(
        "adbc", Environment::of({{"TB_CDK_ADBC_DRIVER", "sqlite"}, {"TB_CDK_ADBC_OPTION_1", "uri=file::memory:"}}));
};

TEST_F(TestAdbcSqlite, OptionsReachTheDriver) {
    EXPECT_EQ(connector->query_db_scalar("SELECT 6 * 7").to_text(), "42");
    EXPECT_THAT(values_of(connector->list_scope()), Contains("main"));
}

// Its driver knows no cancel, so a time-out could not be kept.
TEST_F(TestAdbcSqlite, ATimeOutThatCantBeKeptIsRefused) {
    connector->set_source_limits({.statement_timeout = std::chrono::seconds(1)});
    EXPECT_THROW(connector->query_db("SELECT 1"), errors::InvalidArgument);
}

/// In a subquery SQLite gives other names.
TEST(TestAdbcFirstRows, RepeatedNamesAndTheOrderStay) {
    const auto connector = sql_connector_for("adbc", testing::tinybird_environment()
                                                         .with("TB_CDK_ADBC_DRIVER", "sqlite")
                                                         .with("TB_CDK_ADBC_OPTION_1", "uri=file::memory:"));
    schema::Schema columns;
    columns.columns = {{"x", "", schema::Int64(), "", "", ""}, {"y", "", schema::Int64(), "", "", ""}};
    LoadOptions options;
    options.row_limit = 2;
    for (const char* const end : {"", ";", " LIMIT 3", " LIMIT 3 -- ;"}) {
        Target target(columns);
        const std::string query = std::string(
                                      "SELECT column1 AS a, column2 AS a FROM (VALUES (1, 10), (2, 20), (3, "
                                      "30), (4, 40)) ORDER BY 1 DESC") +
                                  end;
        const LoadPreview preview = connector->preview_append(query, target.name(), options);
        EXPECT_EQ(preview.columns.at(1).name, "a");
        EXPECT_EQ(preview.sampled_rows, 2U);
        EXPECT_EQ(connector->append(query, target.name(), options).rows, 2U);
        EXPECT_EQ(target.text("arraySort(groupArray((x, y)))"), "[[3,30],[4,40]]");
    }
}

/// The driver would run them, and load the rows of the first.
TEST_P(TestAdbcPostgresql, ALoadNeverWrites) {
    run("CREATE TABLE " + schema + ".kept AS SELECT 1 AS id");
    schema::Schema columns;
    columns.columns = {{"id", "", schema::Nullable(schema::Int64()), "", "", ""}};
    Target target(columns);
    LoadOptions options;
    options.format = GetParam();
    for (const std::string& query :
         {"SELECT id FROM " + schema + ".kept; DROP TABLE " + schema + ".kept",
          "DELETE FROM " + schema + ".kept RETURNING id", "/* a */ (drop TABLE " + schema + ".kept)"}) {
        EXPECT_THROW(connector->append(query, target.name(), options), errors::InvalidArgument) << query;
        EXPECT_THROW(connector->preview_append(query, target.name(), options), errors::InvalidArgument) << query;
    }
    EXPECT_EQ(target.text("count()"), "0");
    connector->append("SELECT id FROM " + schema + ".kept WHERE ';' <> '\\' ;", target.name(), options);
    EXPECT_EQ(target.text("count()"), "1");
    // What is asked for by hand is run.
    connector->query_db("INSERT INTO " + schema + ".kept VALUES (2) RETURNING id");
    EXPECT_EQ(connector->query_db_scalar("SELECT count(*) FROM " + schema + ".kept").to_text(), "2");
}

/// Another try would change nothing.
TEST(TestAdbcRefusals, WhoIsNotLetInAndWhatIsNotThereAreMistakes) {
    const auto code = [](const char* driver, const std::string& uri) {
        try {
            sql_connector_for(
                "adbc", testing::tinybird_environment().with("TB_CDK_ADBC_DRIVER", driver).with("TB_CDK_ADBC_URI", uri))
                ->query_db("SELECT 1");
        } catch (const errors::Error& error) {
            return error.exit_code();
        }
        throw std::runtime_error("was let in");
    };
    EXPECT_EQ(code("sqlite", "/no/such/folder/x.db"), errors::ExitCode::bad_input);
    EXPECT_EQ(code("postgresql", "postgresql:///?password=not-that-one"), errors::ExitCode::bad_input);
    EXPECT_EQ(code("postgresql", "postgresql://127.0.0.1:1/x"), errors::ExitCode::temporary);
}

TEST_F(TestAdbcSqlite, OptionsNeedANameAndAValue) {
    EXPECT_THROW(sql_connector_for("adbc", Environment::of({})), errors::MissingConfiguration);
    EXPECT_THROW(sql_connector_for(
                     "adbc", Environment::of({{"TB_CDK_ADBC_DRIVER", "sqlite"}, {"TB_CDK_ADBC_OPTION_1", "no value"}})),
                 errors::InvalidArgument);
}

TEST_F(TestAdbcSqlite, AnUnknownOptionIsTheDriversError) {
    const auto odd = sql_connector_for(
        "adbc", Environment::of({{"TB_CDK_ADBC_DRIVER", "sqlite"}, {"TB_CDK_ADBC_OPTION_1", "adbc.no.such=1"}}));
    try {
        odd->query_db("SELECT 1");
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("adbc.no.such"));
    }
}

// libpq takes a slash in a password for the end of it, and quotes what it finds in its place.
TEST(TestAdbcSecrets, AMalformedUriShowsNoPartOfItsPassword) {
    const auto connector = sql_connector_for(
        "adbc", testing::tinybird_environment()
                    .with("TB_CDK_ADBC_DRIVER", "postgresql")
                    .with("TB_CDK_ADBC_URI", "postgresql://me:hunter2secret/rest@pass@127.0.0.1:5/db"));
    try {
        connector->query_db("SELECT 1");
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::Error& error) {
        const std::string shown = logger::mask(std::string(error.what()) + error.hint());
        EXPECT_THAT(shown, Not(HasSubstr("hunter2")));
        EXPECT_THAT(shown, Not(HasSubstr("rest@")));
    }
}

}  // namespace
}  // namespace tinybird_cdk
