// SPDX-License-Identifier: Apache-2.0
//
// What the connector says of its source: scopes, schemas, samples, queries, errors.
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
}

}  // namespace
}  // namespace tinybird_cdk
