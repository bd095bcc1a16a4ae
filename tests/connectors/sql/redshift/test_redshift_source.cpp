// SPDX-License-Identifier: Apache-2.0
// What the connector says of databases, schemas, tables and queries. The server is our own, before a PostgreSQL: see
// tests/helpers/redshift.py.
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "cluster.hpp"
#include "connectors/redshift/unload_sql.hpp"

namespace tinybird_cdk {
namespace {

using testing::Cluster;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class TestRedshiftSource : public ::testing::Test {
protected:
    [[nodiscard]] Parents table(const std::string& name) const {
        return {{"database", cluster.database()}, {"schema", cluster.schema()}, {"table", name}};
    }

    Cluster cluster;
    std::unique_ptr<SqlConnector> connector = sql_connector_for("redshift", cluster.environment());
};

std::vector<std::string> values_of(const std::vector<ScopeItem>& items) {
    std::vector<std::string> values;
    for (const ScopeItem& item : items) {
        values.push_back(item.value);
    }
    return values;
}

TEST_F(TestRedshiftSource, ScopesLeadFromADatabaseToATable) {
    cluster.execute("CREATE TABLE {s}.users AS SELECT 1 AS id UNION ALL SELECT 2");
    cluster.execute("CREATE VIEW {s}.seen AS SELECT id FROM {s}.users");
    EXPECT_THAT(values_of(connector->list_scope()), Contains(cluster.database()));
    const auto schemas = values_of(connector->list_scope({{"database", cluster.database()}}));
    EXPECT_THAT(schemas, Contains(cluster.schema()));
    EXPECT_THAT(schemas, Not(Contains("pg_catalog")));
    const auto tables = connector->list_scope({{"database", cluster.database()}, {"schema", cluster.schema()}});
    ASSERT_THAT(values_of(tables), ElementsAre("seen", "users"));
    EXPECT_EQ(tables[0].kind, "view");
    EXPECT_EQ(tables[0].rows, std::nullopt);
    EXPECT_EQ(tables[1].kind, "table");
    EXPECT_EQ(tables[1].rows, 2U);
    EXPECT_EQ(tables[1].bytes, 2U << 20U);
    cluster.execute("COMMENT ON TABLE {s}.users IS 'no statistics'");
    const auto unknown = connector->list_scope({{"database", cluster.database()}, {"schema", cluster.schema()}});
    ASSERT_THAT(values_of(unknown), ElementsAre("seen", "users"));
    EXPECT_EQ(unknown[1].rows, std::nullopt);
    EXPECT_EQ(unknown[1].bytes, 2U << 20U);
}

TEST_F(TestRedshiftSource, ASchemaIsSuggestedForEachType) {
    cluster.execute(
        "CREATE TABLE {s}.t (s SMALLINT NOT NULL, i INTEGER, b BIGINT, r REAL, d DOUBLE PRECISION, t BOOLEAN, n "
        "NUMERIC(38,10), c CHAR(3), v VARCHAR(10), da DATE, ts TIMESTAMP, tz TIMESTAMPTZ, ti TIME, su SUPER, vb "
        "VARBYTE, g POINT)");
    const schema::Schema schema = connector->suggest_schema(table("t"));
    std::vector<std::string> types;
    for (const schema::Column& column : schema.columns) {
        types.push_back(column.name + " " + column.type.to_string());
    }
    EXPECT_EQ(types,
              (std::vector<std::string>{
                  "s Int16", "i Nullable(Int32)", "b Nullable(Int64)", "r Nullable(Float32)", "d Nullable(Float64)",
                  "t Nullable(Bool)", "n Nullable(Decimal(38, 10))", "c Nullable(String)", "v Nullable(String)",
                  "da Nullable(Date32)", "ts Nullable(DateTime64(6))", "tz Nullable(DateTime64(6, 'UTC'))",
                  "ti Nullable(String)", "su Nullable(String)", "vb Nullable(String)", "g Nullable(String)"}));
    EXPECT_THAT(schema.columns.back().remark, HasSubstr("make text of it"));
    EXPECT_EQ(connector->ingest_query(schema, {"s", "v"}),
              "SELECT \"s\", \"v\"\nFROM \"" + cluster.database() + "\".\"" + cluster.schema() + "\".\"t\"");
    EXPECT_THROW(connector->suggest_schema(table("missing")), errors::InvalidArgument);
}

TEST_F(TestRedshiftSource, TypesOfTablesOutsideAreKnownByTheirNamesThere) {
    int place = 0;
    for (const char* const type :
         {"smallint", "int", "bigint", "float", "double", "decimal(10,2)", "decimal(18)", "boolean", "char(3)",
          "varchar(20)", "string", "date", "timestamp", "binary", "struct<a:int>"}) {
        const std::string number = std::to_string(++place);
        cluster.execute("INSERT INTO external_columns VALUES (current_database(), '{s}', 'outside', 'c" + number +
                        "', " + number + ", '" + type + "', '', NULL, NULL)");
    }
    std::vector<std::string> types;
    for (const schema::Column& column : connector->suggest_schema(table("outside")).columns) {
        types.push_back(column.type.with_nullable(false).to_string());
        EXPECT_TRUE(column.type.nullable());
    }
    EXPECT_THAT(types,
                ElementsAre("Int16", "Int32", "Int64", "Float64", "Float64", "Decimal(10, 2)", "Decimal(18, 0)", "Bool",
                            "String", "String", "String", "Date32", "DateTime64(6)", "String", "String"));
}

TEST_F(TestRedshiftSource, ALiteralWithoutATypeIsAskedToHaveOne) {
    // The type that PostgreSQL 8 leaves a literal with. The server of the tests gives it to nothing by itself.
    try {
        connector->query_db("SELECT 1 AS id, 'eu'::public.\"unknown\" AS region");
        FAIL() << "nothing converts it";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("\"region\""));
        EXPECT_THAT(error.hint(), HasSubstr("CAST('...' AS VARCHAR)"));
    }
}

TEST(TestRedshiftUnloadSql, WholeNumbersAreTextWhereTheKitWritesThemSo) {
    using redshift::in_our_notation;
    const std::vector<redshift::Column> columns{{.name = "n", .kind = redshift::Kind::whole, .type = "l"}};
    const auto written = [&](const schema::Type& target) {
        return in_our_notation("SELECT 1 AS n", columns, {{.name = "n", .target = target.with_nullable(true)}},
                               Format::ndjson);
    };
    for (const schema::Type& target : {schema::Decimal(38, 10), schema::Int128(), schema::UInt256()}) {
        EXPECT_THAT(written(target), HasSubstr("CAST(\"n\" AS VARCHAR(64)) AS \"n\"")) << target.to_string();
    }
    for (const schema::Type& target : {schema::Int64(), schema::Float64()}) {
        EXPECT_THAT(written(target), Not(HasSubstr("CAST"))) << target.to_string();
    }
}

TEST_F(TestRedshiftSource, QueriesGiveValues) {
    const ResultSet rows = connector->query_db(
        "SELECT 1 AS i, 1.5::numeric(4,2) AS n, true AS b, '' AS e, CAST(NULL AS VARCHAR) AS z, json_parse('[1]') AS "
        "s");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(Value(rows[0]).to_json(), R"({"i":1,"n":1.5,"b":true,"e":"","z":null,"s":"[1]"})");
}

TEST_F(TestRedshiftSource, ATagGoesWithEachQuery) {
    auto tagged = sql_connector_for("redshift", cluster.environment().with("TB_CDK_TAG", "it's nightly"));
    EXPECT_EQ(tagged->query_db_scalar("SELECT current_setting('redshift.query_group')").to_text(), "it's nightly");
}

TEST_F(TestRedshiftSource, RefusalsHaveTheServersText) {
    try {
        connector->query_db(cluster.sql("SELECT * FROM {s}.missing"));
        FAIL() << "there is no such table";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("missing"));
        EXPECT_EQ(error.sqlstate(), "42P01");
    }
    EXPECT_THROW(connector->query_db("SELECT point(1, 2) AS p"), errors::InvalidArgument);
}

TEST_F(TestRedshiftSource, AStatementMayEndInAComment) {
    EXPECT_EQ(connector
                  ->query_db_scalar(
                      "SELECT 'a; -- b' || \"c;\" AS a FROM (SELECT 'c' AS \"c;\") x; -- that is all;\n/* ; */ ;")
                  .to_text(),
              "a; -- bc");
    try {
        connector->query_db("SELECT ';'; /* a; */ SELECT 2");
        FAIL() << "these are two";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("the second begins at character 22"));
    }
}

TEST_F(TestRedshiftSource, WhoIsNotLetInIsToldWhatToCheck) {
    const auto refusal = [&](const char* variable, const char* value) {
        try {
            sql_connector_for("redshift", cluster.environment().with(variable, value))->query_db("SELECT 1");
        } catch (const errors::ExternalDatasourceError& error) {
            return error;
        }
        throw std::runtime_error("was let in");
    };
    const auto password = refusal("REDSHIFT_PASSWORD", "wrong-password");
    EXPECT_THAT(password.hint(), HasSubstr("REDSHIFT_PASSWORD"));
    EXPECT_EQ(password.exit_code(), errors::ExitCode::bad_input);
    EXPECT_EQ(std::string(password.what()).find("wrong-password"), std::string::npos);
    EXPECT_THAT(refusal("REDSHIFT_DATABASE", "missing").hint(), HasSubstr("REDSHIFT_DATABASE"));
    EXPECT_EQ(refusal("REDSHIFT_DATABASE", "missing").exit_code(), errors::ExitCode::bad_input);
    EXPECT_EQ(refusal("REDSHIFT_SSLMODE", "require").exit_code(), errors::ExitCode::bad_input);
    const auto port = refusal("REDSHIFT_PORT", "1");
    EXPECT_THAT(port.hint(), HasSubstr("REDSHIFT_PORT"));
    EXPECT_EQ(port.exit_code(), errors::ExitCode::temporary);
}

TEST_F(TestRedshiftSource, AVariableThatIsEmptyIsNone) {
    const Environment environment = cluster.environment().with("REDSHIFT_ADBC_DRIVER", "");
    try {
        sql_connector_for("redshift", environment)->query_db("SELECT 1");
    } catch (const errors::Error& error) {
        // The default one need not be here, or be of another version.
        EXPECT_EQ(std::string(error.what()).find("there is no ADBC driver \"\""), std::string::npos) << error.what();
    }
}

TEST_F(TestRedshiftSource, NothingIsWritten) {
    cluster.execute("CREATE TABLE {s}.t AS SELECT 1 AS a");
    for (const char* const statement : {"DELETE FROM {s}.t", "SHOW TABLES", ""}) {
        try {
            connector->query_db(cluster.sql(statement));
            FAIL() << statement << " is no query";
        } catch (const errors::InvalidArgument& error) {
            EXPECT_THAT(error.what(), HasSubstr("no SELECT"));
        }
    }
    // The server's word.
    EXPECT_THROW(connector->query_db(cluster.sql("WITH x AS (DELETE FROM {s}.t RETURNING a) SELECT a FROM x")),
                 errors::ExternalDatasourceError);
    EXPECT_EQ(cluster.value("SELECT count(*) FROM {s}.t"), "1");
}

TEST_F(TestRedshiftSource, ADriverThatTakesItForPostgresqlIsNamed) {
    // The one that the other tests have, beside this one.
    auto other = sql_connector_for("redshift", cluster.environment().with("REDSHIFT_ADBC_DRIVER", "postgresql"));
    try {
        other->query_db("SELECT 1");
        FAIL() << "the driver asks for what Redshift has not";
    } catch (const errors::MissingDriverError& error) {
        EXPECT_THAT(error.what(), HasSubstr("does not know Redshift"));
        EXPECT_THAT(error.hint(), HasSubstr("REDSHIFT_ADBC_DRIVER"));
    }
}

TEST_F(TestRedshiftSource, WhatIsMissingOrWrongIsNamed) {
    for (const auto& [variable, value] : {std::pair{"REDSHIFT_PORT", "abc"}, std::pair{"REDSHIFT_PORT", "0"},
                                          std::pair{"REDSHIFT_PORT", "65536"}, std::pair{"REDSHIFT_SSLMODE", "foo"}}) {
        try {
            sql_connector_for("redshift", cluster.environment().with(variable, value));
            ADD_FAILURE() << variable << " is " << value;
        } catch (const errors::InvalidArgument& error) {
            EXPECT_THAT(error.what(), HasSubstr(std::string(variable) + " is " + value));
        }
    }
    EXPECT_THROW(sql_connector_for("redshift", cluster.environment().with("REDSHIFT_HOST", "")),
                 errors::MissingConfiguration);
    EXPECT_THROW(sql_connector_for("redshift", cluster.environment().with("REDSHIFT_IAM_ROLE", "x' CREDENTIALS '")),
                 errors::InvalidArgument);
    auto stranger = sql_connector_for("redshift", cluster.environment().with("REDSHIFT_PASSWORD", "not that 'one"));
    try {
        stranger->query_db("SELECT 1");
        FAIL() << "the password is wrong";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("password authentication failed"));
        EXPECT_THAT(error.what(), Not(HasSubstr("not that")));
    }
}

}  // namespace
}  // namespace tinybird_cdk
