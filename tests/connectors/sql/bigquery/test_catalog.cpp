// SPDX-License-Identifier: Apache-2.0
// What the connector says of projects, datasets, tables and queries. The server is an emulator: what only Google's has
// (rights, locations, bytes that are billed) is not seen here.
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "dataset.hpp"

namespace tinybird_cdk {
namespace {

using testing::bigquery_environment;
using ::testing::Contains;
using testing::Dataset;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class TestBigQueryCatalog : public ::testing::Test {
protected:
    [[nodiscard]] Parents in_dataset() const { return {{"project", data.project()}, {"dataset", data.name()}}; }
    [[nodiscard]] Parents table(const std::string& name) const {
        Parents parents = in_dataset();
        parents["table"] = name;
        return parents;
    }

    Dataset data;
    std::unique_ptr<SqlConnector> connector = sql_connector_for("bigquery", bigquery_environment());
};

std::vector<std::string> values_of(const std::vector<ScopeItem>& items) {
    std::vector<std::string> values;
    for (const ScopeItem& item : items) {
        values.push_back(item.value);
    }
    return values;
}

TEST_F(TestBigQueryCatalog, ScopesLeadFromAProjectToATable) {
    std::vector<std::string> scopes;
    for (const Scope& scope : connector->get_scopes()) {
        scopes.push_back(scope.value);
    }
    EXPECT_EQ(scopes, (std::vector<std::string>{"project", "dataset", "table"}));
    EXPECT_THAT(values_of(connector->list_scope()), Contains(data.project()));
    EXPECT_THAT(values_of(connector->list_scope({{"project", data.project()}})), Contains(data.name()));
    EXPECT_TRUE(connector->list_scope(in_dataset()).empty());
}

TEST_F(TestBigQueryCatalog, TablesHaveTheirRowsAndPartsAreOneTable) {
    data.execute("CREATE TABLE {d}.users (id INT64)");
    data.execute("INSERT INTO {d}.users VALUES (1), (2), (3)");
    data.execute("CREATE VIEW {d}.seen AS SELECT id FROM {d}.users");
    data.execute("CREATE TABLE {d}.events_20240101 AS SELECT 1 AS a");
    data.execute("CREATE TABLE {d}.events_20240102 AS SELECT 2 AS a UNION ALL SELECT 3");
    const auto items = connector->list_scope(in_dataset());
    ASSERT_THAT(values_of(items), UnorderedElementsAre("events_*", "seen", "users"));
    EXPECT_EQ(items[0].kind, "wildcard table");
    EXPECT_EQ(items[0].rows, 3U);
    EXPECT_EQ(items[1].kind, "view");
    EXPECT_EQ(items[1].rows, std::nullopt);
    EXPECT_EQ(items[2].kind, "table");
    EXPECT_EQ(items[2].rows, 3U);
}

TEST_F(TestBigQueryCatalog, ASchemaIsSuggestedForEachType) {
    data.execute(
        "CREATE TABLE {d}.t (i INT64 NOT NULL, f FLOAT64, n NUMERIC, n2 NUMERIC(10,2), bn BIGNUMERIC, b BOOL, s "
        "STRING(10), y BYTES, d DATE, t TIME, dt DATETIME, ts TIMESTAMP, g GEOGRAPHY, j JSON, a ARRAY<INT64>, r "
        "STRUCT<a INT64, b ARRAY<STRING>>, ar ARRAY<STRUCT<x INT64>>, iv INTERVAL, rg RANGE<DATE>)");
    const schema::Schema schema = connector->suggest_schema(table("t"));
    std::vector<std::string> types;
    for (const schema::Column& column : schema.columns) {
        types.push_back(column.name + " " + column.type.to_string());
    }
    EXPECT_EQ(types,
              (std::vector<std::string>{
                  "i Int64", "f Nullable(Float64)", "n Nullable(Decimal(38, 9))", "n2 Nullable(Decimal(10, 2))",
                  "bn Nullable(Decimal(76, 38))", "b Nullable(Bool)", "s Nullable(String)", "y Nullable(String)",
                  "d Nullable(Date32)", "t Nullable(String)", "dt Nullable(DateTime64(6))",
                  "ts Nullable(DateTime64(6, 'UTC'))", "g Nullable(String)", "j Nullable(String)", "a Array(Int64)",
                  "r Nullable(String)", "ar String", "iv Nullable(String)", "rg Nullable(String)"}));
    EXPECT_EQ(connector->ingest_query(schema, {"i", "a"}), "SELECT `tb_cdk_table`.`i`, `tb_cdk_table`.`a`\nFROM `" +
                                                               data.project() + "." + data.name() +
                                                               ".t` AS `tb_cdk_table`");
}

TEST_F(TestBigQueryCatalog, ATableInPartsHasTheColumnsOfItsLastOne) {
    data.execute("CREATE TABLE {d}.events_20240101 AS SELECT 1 AS a");
    data.execute("CREATE TABLE {d}.events_20240102 AS SELECT 2 AS a, 'x' AS b");
    const schema::Schema schema = connector->suggest_schema(table("events_*"));
    ASSERT_EQ(schema.columns.size(), 2U);
    EXPECT_EQ(schema.columns[1].name, "b");
    EXPECT_THROW(connector->suggest_schema(table("nothing_*")), errors::InvalidArgument);
}

TEST_F(TestBigQueryCatalog, ATableInPartsIsAllThatBeginsLikeIt) {
    // A part that was made again has the columns; one that is made meanwhile sorts behind it.
    data.execute("CREATE TABLE {d}.events_intraday_20240103 (a INT64)");
    data.execute("CREATE TABLE {d}.events_20240102 (a INT64)");
    data.execute("CREATE TABLE {d}.events_20240101 (a INT64 NOT NULL, b STRING NOT NULL)");
    data.execute("INSERT INTO {d}.events_intraday_20240103 VALUES (1)");
    data.execute("INSERT INTO {d}.events_20240101 VALUES (1, 'x'), (2, 'y')");
    const auto items = connector->list_scope(in_dataset());
    ASSERT_THAT(values_of(items), UnorderedElementsAre("events_*", "events_intraday_20240103"));
    EXPECT_EQ(items[0].rows, 3U);
    const schema::Schema schema = connector->suggest_schema(table("events_*"));
    std::vector<std::string> types;
    for (const schema::Column& column : schema.columns) {
        types.push_back(column.name + " " + column.type.to_string());
    }
    EXPECT_EQ(types, (std::vector<std::string>{"a Nullable(Int64)", "b Nullable(String)"}));
}

TEST_F(TestBigQueryCatalog, WithAViewAmongThemPartsAreNotOneTable) {
    // A wildcard that matches a view can't be read, nor can one of views.
    data.execute("CREATE TABLE {d}.events_20240101 AS SELECT 1 AS a");
    data.execute("CREATE TABLE {d}.events_20240102 AS SELECT 2 AS a");
    data.execute("CREATE VIEW {d}.events_view AS SELECT 1.5 AS v");
    data.execute("CREATE VIEW {d}.v_20240101 AS SELECT 1 AS a");
    data.execute("CREATE VIEW {d}.v_20240102 AS SELECT 2 AS a");
    const auto items = connector->list_scope(in_dataset());
    ASSERT_THAT(values_of(items),
                ElementsAre("events_20240101", "events_20240102", "events_view", "v_20240101", "v_20240102"));
    EXPECT_EQ(items[0].kind, "table");
    EXPECT_EQ(items[0].rows, 1U);
    EXPECT_EQ(items[3].kind, "view");
    EXPECT_EQ(items[3].rows, std::nullopt);
    EXPECT_THROW(connector->suggest_schema(table("events_view*")), errors::InvalidArgument);
}

TEST_F(TestBigQueryCatalog, AColumnMayBeCalledAsItsTable) {
    data.execute("CREATE TABLE {d}.country AS SELECT 'es' AS country, 1 AS n");
    const schema::Schema schema = connector->suggest_schema(table("country"));
    EXPECT_EQ(Value(connector->query_db(connector->ingest_query(schema)).at(0)).to_json(), R"({"country":"es","n":1})");
}

TEST_F(TestBigQueryCatalog, ATableThatIsReadWithAConditionOnlyIsTold) {
    data.execute("CREATE TABLE {d}.t (day DATE, n INT64) PARTITION BY day OPTIONS (require_partition_filter = TRUE)");
    const schema::Schema schema = connector->suggest_schema(table("t"));
    EXPECT_THAT(schema.columns.at(0).remark, HasSubstr("a condition on this column"));
    EXPECT_EQ(schema.columns.at(1).remark, "");
    const std::string query = connector->ingest_query(schema);
    try {
        connector->query_db(query);
        FAIL() << "there is no condition";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("'day'"));
        EXPECT_THAT(error.hint(), HasSubstr("--query"));
    }
    EXPECT_TRUE(connector->query_db(query + " WHERE day = DATE '2024-01-01'").empty());
}

TEST_F(TestBigQueryCatalog, ABucketIsANameAlone) {
    const Environment environment = bigquery_environment();
    for (const auto& [variable, value] :
         {std::pair{"GCS_BUCKET", "gs://bucket"}, {"GCS_BUCKET", "bucket/folder"}, {"GCS_FOLDER", "a/*/b"}}) {
        try {
            sql_connector_for("bigquery", environment.with(variable, value));
            FAIL() << value;
        } catch (const errors::InvalidArgument& error) {
            EXPECT_THAT(error.what(), HasSubstr(std::string(variable) + " is " + value));
            EXPECT_FALSE(error.hint().empty());
        }
    }
}

TEST_F(TestBigQueryCatalog, AFileOfCredentialsThatCantBeReadIsNamed) {
    for (const auto& [path, why] : {std::pair{"/nowhere/at/all.json", "No such file or directory"},
                                    {"/", "Is a directory"},
                                    {"/dev/null", "is no JSON object"}}) {
        const Environment environment = Environment::of({{"GOOGLE_APPLICATION_CREDENTIALS", path}});
        try {
            sql_connector_for("bigquery", environment);
            FAIL() << path;
        } catch (const errors::InvalidArgument& error) {
            EXPECT_THAT(error.what(), HasSubstr(std::string("the file of credentials ") + path));
            EXPECT_THAT(error.what(), HasSubstr(why));
        }
    }
    EXPECT_THROW(sql_connector_for("bigquery", Environment::of({})), errors::MissingConfiguration);
}

TEST_F(TestBigQueryCatalog, ASchemaWithoutItsPlaceIsRefused) {
    data.execute("CREATE TABLE {d}.t AS SELECT 1 AS a");
    schema::Schema schema = connector->suggest_schema(table("t"));
    schema.scopes.resize(1);
    EXPECT_THROW(connector->ingest_query(schema), errors::InvalidArgument);
}

TEST_F(TestBigQueryCatalog, QueriesGiveTypedValues) {
    const ResultSet rows = connector->query_db(
        "SELECT 1 AS i, 1.5 AS f, NUMERIC '0.10' AS n, TRUE AS b, 'x' AS s, CAST(NULL AS STRING) AS z, [1, 2] AS a");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(Value(rows[0]).to_json(), R"({"i":1,"f":1.5,"n":0.1,"b":true,"s":"x","z":null,"a":[1,2]})");
}

TEST_F(TestBigQueryCatalog, ResultsOfSeveralPagesAreWhole) {
    const ResultSet rows = connector->query_db("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 12345)) AS n ORDER BY n");
    ASSERT_EQ(rows.size(), 12345U);
    EXPECT_EQ(rows.front().at(0).second, Value(std::int64_t{1}));
    EXPECT_EQ(rows.back().at(0).second, Value(std::int64_t{12345}));
}

TEST_F(TestBigQueryCatalog, RefusalsHaveTheServersText) {
    try {
        connector->query_db(data.sql("SELECT * FROM {d}.missing"));
        FAIL() << "there is no such table";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("BigQuery: the query can't be run: Not found: Table"));
        EXPECT_THAT(error.what(), HasSubstr("missing"));
        EXPECT_EQ(error.sqlstate(), "notFound");
    }
    EXPECT_THROW(connector->suggest_schema(table("missing")), errors::ExternalDatasourceError);
}

TEST_F(TestBigQueryCatalog, AnErrorOfTheRunningQueryHasALinkToItsJob) {
    try {
        connector->query_db("SELECT ERROR('boom')");
        FAIL() << "the query fails";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("boom"));
        EXPECT_THAT(error.hint(), HasSubstr("https://console.cloud.google.com/bigquery?project=" + data.project()));
        EXPECT_THAT(error.hint(), HasSubstr("tinybird_cdk_"));
    }
}

TEST_F(TestBigQueryCatalog, NothingIsWritten) {
    data.execute("CREATE TABLE {d}.t AS SELECT 1 AS a");
    EXPECT_THROW(connector->query_db(data.sql("DELETE FROM {d}.t WHERE TRUE")), errors::InvalidArgument);
    EXPECT_THROW(connector->query_db(data.sql("CREATE TABLE {d}.u AS SELECT 1 AS a")), errors::InvalidArgument);
    EXPECT_EQ(connector->query_db_scalar(data.sql("SELECT COUNT(*) FROM {d}.t")), Value(std::int64_t{1}));
}

TEST_F(TestBigQueryCatalog, AStopEndsTheWork) {
    std::stop_source stop;
    stop.request_stop();
    connector->set_stop(stop.get_token());
    EXPECT_THROW(connector->query_db("SELECT 1"), errors::InterruptedError);
}

}  // namespace
}  // namespace tinybird_cdk
