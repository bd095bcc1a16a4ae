// SPDX-License-Identifier: Apache-2.0
//
// What the connector says of its source: scopes, schemas, samples, queries, errors.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "connectors/sql/postgresql/server.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::HasSubstr;
using testing::PostgresqlSchema;

class TestPostgresqlSource : public ::testing::Test {
protected:
    Parents table(const std::string& name) { return {{"schema", source.name()}, {"table", name}}; }

    PostgresqlSchema source;
    std::unique_ptr<SqlConnector> connector = PostgresqlSchema::connector();
};

TEST_F(TestPostgresqlSource, ScopesLeadToTables) {
    source.run(
        "CREATE TABLE \"Odd \"\"name\" (id int); CREATE VIEW v AS SELECT 1 AS one; "
        "CREATE MATERIALIZED VIEW m AS SELECT 1 AS one; CREATE TABLE p (id int) PARTITION BY RANGE (id)");
    const auto scopes = connector->get_scopes();
    ASSERT_EQ(scopes.size(), 2U);
    EXPECT_EQ(scopes[0].value, "schema");
    std::vector<std::string> schemas;
    for (const ScopeItem& item : connector->list_scope()) {
        schemas.push_back(item.value);
    }
    EXPECT_THAT(schemas, ::testing::Contains(source.name()));
    EXPECT_THAT(schemas, ::testing::Not(::testing::Contains("pg_catalog")));
    std::map<std::string, std::string> kinds;
    for (const ScopeItem& item : connector->list_scope({{"schema", source.name()}})) {
        kinds.emplace(item.value, item.kind);
    }
    const std::map<std::string, std::string> expected{
        {"Odd \"name", "table"}, {"v", "view"}, {"m", "materialized view"}, {"p", "partitioned table"}};
    EXPECT_EQ(kinds, expected);
}

TEST_F(TestPostgresqlSource, AStopEndsAQueryAtTheSource) {
    std::stop_source stop;
    connector->set_stop(stop.get_token());
    const std::string mark = "/* stopped " + source.name() + " */";
    const std::string running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%" +
                                mark + "%' AND pid <> pg_backend_pid()";
    PostgresqlSchema observer;
    const auto wait_for = [&](const std::string& count) {
        while (observer.text(running) != count) {
        }
    };
    {
        const std::jthread person([&] {
            wait_for("1");
            stop.request_stop();
        });
        EXPECT_THROW(connector->query_db("SELECT pg_sleep(3600) " + mark), errors::InterruptedError);
    }
    wait_for("0");
    EXPECT_THROW(connector->list_scope(), errors::InterruptedError) << "what is stopped stays so";
}

TEST_F(TestPostgresqlSource, SchemaFollowsKeysNullsAndDomains) {
    source.run(
        "CREATE DOMAIN code AS varchar(3) NOT NULL; "
        "CREATE TABLE t (b int, a bigint, c code, d timestamptz(3), e int[][] NOT NULL, PRIMARY KEY (a, b))");
    const schema::Schema schema = connector->suggest_schema(table("t"));
    EXPECT_EQ(
        schema.to_parameter(false),
        "`b` Int32, `a` Int64, `c` String, `d` Nullable(DateTime64(3, 'UTC')), `e` Array(Array(Nullable(Int32)))");
    EXPECT_EQ(schema.sorting_key, (std::vector<std::string>{"a", "b"}));
    EXPECT_THROW(connector->suggest_schema(table("nope")), errors::InvalidArgument);
}

/// What is stored keeps NOT NULL; a view may show NULLs of a domain that has none, and a foreign table promises
/// nothing.
TEST_F(TestPostgresqlSource, NotNullCountsWhereItIsKept) {
    const std::string wrapper = source.name() + "_w";
    source.run(
        "CREATE DOMAIN code AS int NOT NULL; CREATE TABLE t (c code, d int NOT NULL); "
        "CREATE VIEW v AS SELECT t.c, t.d FROM (VALUES (1)) AS one(x) LEFT JOIN t ON false; "
        "CREATE FOREIGN DATA WRAPPER " +
        wrapper + "; CREATE SERVER " + wrapper + " FOREIGN DATA WRAPPER " + wrapper +
        "; CREATE FOREIGN TABLE f (c code, d int NOT NULL) SERVER " + wrapper);
    EXPECT_EQ(connector->suggest_schema(table("t")).to_parameter(false), "`c` Int32, `d` Int32");
    EXPECT_EQ(connector->suggest_schema(table("v")).to_parameter(false), "`c` Nullable(Int32), `d` Nullable(Int32)");
    EXPECT_EQ(connector->suggest_schema(table("f")).to_parameter(false), "`c` Nullable(Int32), `d` Nullable(Int32)");
    source.run("DROP FOREIGN DATA WRAPPER " + wrapper + " CASCADE");
}

TEST_F(TestPostgresqlSource, SchemaNamesTypesAsTheSourceDoes) {
    source.run(
        "CREATE DOMAIN cents AS numeric(10,2); CREATE TYPE mood AS ENUM ('ok'); "
        "CREATE TABLE t (a numeric(38,10) NOT NULL, b cents[] NOT NULL, c mood NOT NULL, d bytea NOT NULL, "
        "e timestamp(0) NOT NULL, f varchar(5)[][] NOT NULL, g money NOT NULL, h numeric NOT NULL)");
    const schema::Schema schema = connector->suggest_schema(table("t"));
    EXPECT_EQ(schema.to_parameter(false),
              "`a` Decimal(38, 10), `b` Array(Nullable(Decimal(10, 2))), `c` LowCardinality(String), `d` String, "
              "`e` DateTime64(0), `f` Array(Array(Nullable(String))), `g` Decimal(19, 2), `h` String");
    EXPECT_EQ(schema.columns.at(0).source_type, "numeric(38,10)");
    EXPECT_EQ(schema.columns.at(4).source_type, "timestamp(0) without time zone");
    EXPECT_EQ(schema.columns.at(5).source_type, "character varying(5)[]");
    EXPECT_THAT(schema.columns.at(3).remark, HasSubstr("base64"));
    EXPECT_TRUE(schema.sorting_key.empty());
}

TEST_F(TestPostgresqlSource, SizesAreTold) {
    source.run(
        "CREATE TABLE t AS SELECT generate_series(1, 1000) AS i; ANALYZE t; CREATE TABLE fresh (i int); "
        "CREATE VIEW v AS SELECT * FROM t");
    for (const ScopeItem& item : connector->list_scope({{"schema", source.name()}})) {
        if (item.value == "t") {
            EXPECT_EQ(item.rows, 1000U);
            EXPECT_GE(item.bytes, 32768U);
        } else {
            EXPECT_EQ(item.rows, std::nullopt) << item.value << " was not analysed";
        }
    }
}

TEST_F(TestPostgresqlSource, UnknownScopesAreRefused) {
    EXPECT_THROW(connector->list_scope({{"schema", "there_is_none"}}), errors::InvalidArgument);
    EXPECT_TRUE(connector->list_scope({{"schema", source.name()}}).empty());
}

TEST_F(TestPostgresqlSource, OddNamesAreQuoted) {
    source.run(
        "CREATE TABLE \"Select\" (\"from\" int, \"a\"\"b\" text, \"é\" int); INSERT INTO \"Select\" VALUES (1, 'x', "
        "2)");
    const schema::Schema schema = connector->suggest_schema(table("Select"));
    const ResultSet rows = connector->sample(schema);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(Value(rows[0]).at("a\"b").to_text(), "x");
    EXPECT_EQ(Value(rows[0]).at("é").to_text(), "2");
    EXPECT_EQ(connector->sample(schema, {"from"})[0].size(), 1U);
    EXPECT_THROW(connector->ingest_query(schema, {"nope"}), errors::InvalidArgument);
}

TEST_F(TestPostgresqlSource, QueriesGiveExactValues) {
    const ResultSet rows = connector->query_db(
        "SELECT 9007199254740993 AS i, 1.10::numeric AS n, 'NaN'::float8 AS f, NULL::int AS z, '' AS e, true AS b");
    const Value row(rows.at(0));
    EXPECT_EQ(row.at("i"), Value(std::int64_t{9007199254740993}));
    EXPECT_EQ(row.at("n").to_text(), "1.10");
    EXPECT_EQ(row.at("f").to_text(), "NaN");
    EXPECT_TRUE(row.at("z").is_null());
    EXPECT_EQ(row.at("e"), Value(""));
    EXPECT_EQ(row.at("b"), Value(true));
    EXPECT_EQ(connector->query_db_scalar("SHOW TimeZone").to_text(), "UTC");
    EXPECT_TRUE(connector->query_db_scalar("SELECT 1 WHERE false").is_null());
}

TEST_F(TestPostgresqlSource, QueriesMayBeAnyOneStatement) {
    EXPECT_EQ(connector->query_db_scalar("VALUES (7); -- seven").to_text(), "7");
    EXPECT_EQ(connector->query_db_scalar("EXPLAIN SELECT 1").to_text().substr(0, 6), "Result");
    EXPECT_THROW(connector->query_db("SELECT 1; SELECT 2"), errors::InvalidArgument);
    EXPECT_THROW(connector->query_db("COPY (SELECT 1) TO STDOUT"), errors::InvalidArgument);
    EXPECT_THROW(connector->query_db(" -- nothing"), errors::InvalidArgument);
}

TEST_F(TestPostgresqlSource, TheSourceIsNeverChanged) {
    source.run("CREATE TABLE t (id int)");
    try {
        connector->query_db("INSERT INTO " + source.name() + ".t VALUES (1)");
        FAIL() << "the source was changed";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "25006");
    }
    EXPECT_EQ(source.text("SELECT count(*) FROM t"), "0");
}

TEST_F(TestPostgresqlSource, BadSqlShowsItsPlace) {
    try {
        connector->query_db("SELECT 1,\n  nope FROM pg_class");
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("\"nope\" does not exist"));
        EXPECT_THAT(error.what(), HasSubstr("line 2, column 3"));
        EXPECT_EQ(error.sqlstate(), "42703");
        EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
    }
}

/// The values of a row, as text.
std::string row_of(SqlConnector& connector, const std::string& query) {
    std::string text;
    const ResultSet rows = connector.query_db(query);
    for (const auto& [name, value] : rows.at(0)) {
        text += (text.empty() ? "" : "|") + value.to_text();
    }
    return text;
}

/// Whatever the settings of the user, the database or the server are.
TEST(TestPostgresqlConnection, NotationIsFixed) {
    PostgresqlSchema source;
    const auto connector = sql_connector_for(
        "postgresql", Environment::process()
                          .with("PGOPTIONS",
                                "-c datestyle=German -c timezone=Asia/Tokyo -c intervalstyle=iso_8601 "
                                "-c extra_float_digits=-5 -c bytea_output=escape -c standard_conforming_strings=off")
                          .with("PGCLIENTENCODING", "LATIN1"));
    EXPECT_EQ(row_of(*connector, R"(SELECT '2024-02-01 12:00+00'::timestamptz, '1 day 02:00'::interval, 0.1::float8,
                                           '\x00ff'::bytea, 'é', '\')"),
              R"(2024-02-01 12:00:00+00|1 day 02:00:00|0.1|\x00ff|é|\)");
}

TEST(TestPostgresqlConnection, TheServerKnowsWhoAsks) {
    const Environment environment = Environment::process().with("TB_CDK_TAG", "nightly");
    EXPECT_EQ(sql_connector_for("postgresql", environment)->query_db_scalar("SHOW application_name").to_text(),
              "tinybird-cdk nightly");
    EXPECT_EQ(sql_connector_for("postgresql", environment.with("PGAPPNAME", "mine"))
                  ->query_db_scalar("SHOW application_name")
                  .to_text(),
              "mine");
}

/// A program that embeds the kit passes its own variables; those of the process count for nothing.
TEST(TestPostgresqlConnection, AnEnvironmentOfItsOwnIsEnough) {
    PostgresqlSchema source;
    const Environment process = Environment::process();
    std::map<std::string, std::string, std::less<>> variables;
    for (const char* const variable : {"PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE"}) {
        variables.emplace(variable, process.get(variable).value_or(""));
    }
    EXPECT_EQ(sql_connector_for("postgresql", Environment::of(variables))->query_db_scalar("SELECT 1").to_text(), "1");
    variables.erase("PGPASSWORD");
    EXPECT_THROW(sql_connector_for("postgresql", Environment::of(variables))->query_db("SELECT 1"),
                 errors::ExternalDatasourceError);
}

/// libpq's own ways to a connection: a password file and a service file.
TEST(TestPostgresqlConnection, PasswordAndServiceFilesAreRead) {
    PostgresqlSchema source;
    const Environment process = Environment::process();
    const std::string folder = ::testing::TempDir() + source.name();
    const std::string password_file = folder + ".pgpass";
    const std::string service_file = folder + ".service";
    std::ofstream(password_file) << "*:*:*:*:" << process.get("PGPASSWORD").value_or("") << '\n';
    ASSERT_EQ(::chmod(password_file.c_str(), S_IRUSR | S_IWUSR), 0);
    EXPECT_EQ(sql_connector_for("postgresql", process.with("PGPASSWORD", "").with("PGPASSFILE", password_file))
                  ->query_db_scalar("SELECT 1")
                  .to_text(),
              "1");

    std::ofstream(service_file) << "[warehouse]\napplication_name=by the service\n";
    ASSERT_EQ(::setenv("PGSERVICEFILE", service_file.c_str(), 1), 0);
    EXPECT_EQ(sql_connector_for("postgresql", process.with("PGSERVICE", "warehouse"))
                  ->query_db_scalar("SHOW application_name")
                  .to_text(),
              "by the service");
    try {
        sql_connector_for("postgresql", process.with("PGSERVICE", "nope"))->query_db("SELECT 1");
        ADD_FAILURE() << "a service that is not there was found";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
    }
    ::unsetenv("PGSERVICEFILE");
    std::filesystem::remove(password_file);
    std::filesystem::remove(service_file);
}

TEST(TestPostgresqlConnection, FailuresAreToldApartAndKeepThePassword) {
    const Environment base = Environment::process();
    const auto failing = [&](const std::string& variable, const std::string& value) {
        const auto connector = sql_connector_for("postgresql", base.with(variable, value));
        try {
            connector->query_db("SELECT 1");
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("planted-secret")));
            return error.exit_code();
        }
        ADD_FAILURE() << variable << "=" << value << " worked";
        return errors::ExitCode::done;
    };
    EXPECT_EQ(failing("PGPORT", "1"), errors::ExitCode::temporary);
    EXPECT_EQ(failing("PGPASSWORD", "planted-secret"), errors::ExitCode::bad_input);
    EXPECT_EQ(failing("PGDATABASE", "there_is_none"), errors::ExitCode::bad_input);
    EXPECT_EQ(failing("PGUSER", "nobody_here"), errors::ExitCode::bad_input);
    EXPECT_EQ(failing("PGPORT", "a lot"), errors::ExitCode::bad_input);
    EXPECT_EQ(failing("PGSSLMODE", "perhaps"), errors::ExitCode::bad_input);
    EXPECT_EQ(failing("PGHOST", "/no/such/folder"), errors::ExitCode::temporary);
}

}  // namespace
}  // namespace tinybird_cdk
