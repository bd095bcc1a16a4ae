// SPDX-License-Identifier: Apache-2.0
// Loads from BigQuery by a bucket: what is in the data source afterwards, and that nothing is left in the bucket. The
// emulator writes one object for each export; several are joined in tests/connectors/cloud/gcs.
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>
#include <tinybird_cdk/warehouse_connector.hpp>

#include "bucket.hpp"
#include "dataset.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using testing::bigquery_environment;
using testing::Bucket;
using ::testing::Contains;
using testing::Dataset;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Target;

class TestBigQueryUnload : public ::testing::TestWithParam<Format> {
protected:
    TestBigQueryUnload() {
        options.format = GetParam();
        options.on_quarantine = tinybird::OnQuarantine::fail;
        by(Route::bucket);
    }
    void SetUp() override {
        if (const std::string missing = Bucket::missing(); !missing.empty()) {
            GTEST_SKIP() << missing;
        }
    }
    void TearDown() override {
        if (!IsSkipped()) {
            EXPECT_TRUE(bucket.objects().empty());
        }
    }

    void by(Route route) { dynamic_cast<WarehouseConnector&>(*connector).set_route(route); }
    [[nodiscard]] schema::Schema suggested(const std::string& table) {
        return connector->suggest_schema({{"project", data.project()}, {"dataset", data.name()}, {"table", table}});
    }
    /// The kinds of statements that this project has run.
    [[nodiscard]] std::vector<std::string> statements() {
        std::vector<std::string> kinds;
        for (const Value& job : data.jobs()) {
            if (rest::text_at(job, {"configuration", "query", "query"}).find(data.name()) != std::string::npos) {
                kinds.push_back(rest::text_at(job, {"statistics", "query", "statementType"}));
            }
        }
        return kinds;
    }

    /// What the bucket refuses, and so must be said.
    [[nodiscard]] std::string refusal(const std::string& query, const Target& target) {
        try {
            connector->append(data.sql(query), target.name(), options);
        } catch (const errors::InvalidArgument& error) {
            EXPECT_THAT(error.hint(), HasSubstr("--via direct"));
            return error.what();
        }
        return "it was loaded";
    }

    Dataset data;
    Bucket bucket;
    std::unique_ptr<SqlConnector> connector = sql_connector_for("bigquery", bucket.environment());
    LoadOptions options;
};

INSTANTIATE_TEST_SUITE_P(Formats, TestBigQueryUnload, ::testing::Values(Format::csv, Format::ndjson, Format::parquet),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestBigQueryUnload, EachTypeArrivesAsItDoesDirectly) {
    // A result with BIGNUMERIC goes as NDJSON, and infinities go as Parquet only.
    const std::string other = options.format == Format::parquet ? "CAST('-inf' AS FLOAT64) AS fi, "
                                                                : "BIGNUMERIC '-123456789012345678.5' AS bn, ";
    data.execute(
        "CREATE TABLE {d}.t AS SELECT -9007199254740993 AS i, 0.1 AS f, NUMERIC '12345678901234567890.123456789' AS n, "
        "TRUE AS b, 'a\"b\\nc' AS s, CAST(NULL AS STRING) AS z, '' AS e, FROM_HEX('00ff') AS y, DATE '2024-02-29' AS "
        "d, DATETIME '2024-01-31T12:34:56.789012' AS dt, TIMESTAMP '1969-12-31 23:59:59.000001 UTC' AS ts, [3, 1, 2] "
        "AS "
        "a, " +
        other +
        "TIME '12:34:56.780' AS t, JSON '{\"a\":[1,null]}' AS j, FALSE AS b0, CAST(NULL AS INT64) AS zi, CAST(NULL AS "
        "DATE) AS zd, CAST(NULL AS NUMERIC) AS zn, ' x ' AS blanks, "
        "'\\\\N' AS sn, 'é 漢 😀' AS u, [DATE '2024-01-02'] AS ad, ['it\\'s', 'b\\\\c', ''] AS w");
    const schema::Schema schema = suggested("t");
    Target unloaded(schema);
    Target direct(schema);
    const std::string query = connector->ingest_query(schema);
    const LoadResult result = connector->append(query, unloaded.name(), options);
    EXPECT_EQ(result.rows, 1U);
    EXPECT_EQ(result.left_behind, "");
    by(Route::direct);
    connector->append(query, direct.name(), options);
    EXPECT_EQ(Value(unloaded.query("*").at(0)).to_json(), Value(direct.query("*").at(0)).to_json());
    EXPECT_THAT(statements(), Contains("EXPORT_DATA"));
}

TEST_P(TestBigQueryUnload, RecordsArriveAsTheyDoDirectly) {
    data.execute(
        "CREATE TABLE {d}.t AS SELECT STRUCT(9007199254740993 AS i, 'a\"b\\nc é' AS s, CAST(NULL AS STRING) AS z, "
        "NUMERIC "
        "'1.50' AS n, CAST('nan' AS FLOAT64) AS fn, CAST('-inf' AS FLOAT64) AS fi, DATETIME '0001-01-01T00:00:00' AS "
        "dt1, TIMESTAMP '0999-12-31 23:59:59+00' AS ts1, TRUE AS b, DATE '0001-01-01' AS d, TIMESTAMP '2024-01-31 "
        "12:34:56.78 UTC' AS ts, DATETIME "
        "'2024-01-31T12:34:56' AS dt, TIME '01:02:03' AS t, FROM_HEX('00ff') AS y, 0.1 AS f, [STRUCT(1 AS k, ['p', "
        "'q'] AS "
        "w)] AS r) AS one, [STRUCT('k' AS key, 1 AS v), STRUCT('l', NULL)] AS many");
    const schema::Schema schema = suggested("t");
    Target unloaded(schema);
    Target direct(schema);
    const std::string query = connector->ingest_query(schema);
    connector->append(query, unloaded.name(), options);
    by(Route::direct);
    connector->append(query, direct.name(), options);
    EXPECT_EQ(Value(unloaded.query("*").at(0)).to_json(), Value(direct.query("*").at(0)).to_json());
}

TEST_P(TestBigQueryUnload, RangesArriveAsTheyDoDirectly) {
    const std::string query =
        "SELECT RANGE(DATE '2024-01-31', NULL) AS d, RANGE(TIMESTAMP '1969-12-31 23:59:59.5 UTC', TIMESTAMP "
        "'2024-01-31 "
        "00:00:00 UTC') AS ts, IF(FALSE, RANGE(DATE '2024-01-31', NULL), NULL) AS z";
    schema::Schema schema;
    for (const char* const name : {"d", "ts", "z", "dt"}) {
        schema.columns.push_back({.name = name, .source_type = {}, .type = schema::String().with_nullable(true)});
    }
    Target unloaded(schema);
    Target direct(schema);
    // Ranges of DATETIME the emulator gives to a bucket only.
    connector->append(
        "SELECT *, RANGE(DATETIME '0001-01-01T00:00:00', DATETIME "
        "'2024-01-31T12:34:56.78') AS dt FROM (" +
            query + ")",
        unloaded.name(), options);
    by(Route::direct);
    connector->append(query, direct.name(), options);
    EXPECT_EQ(unloaded.text("ts"), "[1969-12-31 23:59:59.5+00, 2024-01-31 00:00:00+00)");
    EXPECT_EQ(unloaded.text("dt"), "[0001-01-01 00:00:00, 2024-01-31 12:34:56.78)");
    EXPECT_EQ(Value(unloaded.query("d, ts, z").at(0)).to_json(), Value(direct.query("d, ts, z").at(0)).to_json());
}

TEST_P(TestBigQueryUnload, AnArrayThatIsNullIsAnEmptyOne) {
    data.execute(
        "CREATE TABLE {d}.t AS SELECT CAST(NULL AS ARRAY<INT64>) AS i, CAST(NULL AS ARRAY<BOOL>) AS b, CAST(NULL AS "
        "ARRAY<STRING>) AS s, CAST(NULL AS ARRAY<DATE>) AS d");
    Target target(suggested("t"));
    connector->append(data.sql("SELECT * FROM {d}.t"), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(i), toString(b), toString(s), toString(d))"), "[][][][]");
}

TEST_P(TestBigQueryUnload, ANullInAnArrayFailsTheJob) {
    data.execute("CREATE TABLE {d}.t AS SELECT [1] AS a");
    Target target(suggested("t"));
    for (const char* const array : {"[n, 2]", "[2, n]"}) {
        try {
            connector->append("SELECT " + std::string(array) + " AS a FROM (SELECT CAST(NULL AS INT64) AS n)",
                              target.name(), options);
            FAIL() << array;
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("column \"a\" has NULL in an array"));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
        }
    }
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestBigQueryUnload, AQueryMayEndInComments) {
    data.execute("CREATE TABLE {d}.t AS SELECT 1 AS n");
    Target target(suggested("t"));
    for (const char* const end :
         {"; -- done", " ;\n# done; and gone", " /* ; */ ; /* done */ ;", " -- it's done\n", " # \"\n;\n"}) {
        // Nothing in strings and names is an end.
        const std::string query =
            "SELECT 1 AS n, LENGTH('; -- \\'') + LENGTH(r\"\\\";#\") + LENGTH(\'\'\'/*''; \'\'\') AS l";
        connector->append("SELECT n FROM (" + query + ") AS `;--x` WHERE l > 0" + end, target.name(), options);
    }
    EXPECT_EQ(target.text("sum(n)"), "5");
}

TEST_P(TestBigQueryUnload, ColumnsFindTheirPlaceByName) {
    data.execute("CREATE TABLE {d}.t AS SELECT 1 AS a, 2 AS b");
    Target target(suggested("t"));
    connector->append(data.sql("SELECT b, a FROM {d}.t"), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(a), ' ', toString(b))"), "1 2");
}

TEST_P(TestBigQueryUnload, TextThatHasItsPlaceByPositionGoesDirectly) {
    data.execute("CREATE TABLE {d}.t AS SELECT 'x' AS a, 2 AS b");
    Target target(suggested("t"));
    const std::string query = data.sql("SELECT a AS other, b FROM {d}.t");
    if (options.format != Format::csv) {
        EXPECT_THROW(connector->append(query, target.name(), options), errors::SchemaMismatchError);
        return;
    }
    EXPECT_THAT(refusal("SELECT a AS other, b FROM {d}.t", target), HasSubstr("\"other\""));
    by(Route::automatic);
    connector->append(query, target.name(), options);
    EXPECT_EQ(target.text("concat(a, ' ', toString(b))"), "x 2");
}

TEST_P(TestBigQueryUnload, AppendAddsAndReplaceReplaces) {
    data.execute("CREATE TABLE {d}.t AS SELECT n FROM UNNEST(GENERATE_ARRAY(1, 20000)) AS n");
    const schema::Schema schema = suggested("t");
    Target target(schema);
    EXPECT_EQ(connector->append(connector->ingest_query(schema), target.name(), options).rows, 20000U);
    connector->append(connector->ingest_query(schema), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(count()), ' ', toString(sum(n)))"), "40000 400020000");
    connector->replace(data.sql("SELECT n FROM {d}.t WHERE n < 4;"), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(count()), ' ', toString(sum(n)))"), "3 6");
}

TEST_P(TestBigQueryUnload, AnEmptyResultIsNoImport) {
    data.execute("CREATE TABLE {d}.t (n INT64 NOT NULL)");
    const schema::Schema schema = suggested("t");
    Target target(schema);
    const LoadResult result = connector->append(connector->ingest_query(schema), target.name(), options);
    EXPECT_EQ(result.rows, 0U);
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestBigQueryUnload, AFailedExportLeavesNothing) {
    data.execute("CREATE TABLE {d}.t AS SELECT 1 AS n");
    Target target(suggested("t"));
    try {
        connector->append(data.sql("SELECT IF(n = 1, ERROR('boom'), n) AS n FROM {d}.t"), target.name(), options);
        FAIL() << "the query fails";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("boom"));
        EXPECT_THAT(error.hint(), HasSubstr("https://console.cloud.google.com/bigquery?project=" + data.project()));
    }
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestBigQueryUnload, AnImportThatFailsLeavesNothing) {
    data.execute("CREATE TABLE {d}.t AS SELECT 1 AS n");
    Target target(suggested("t"));
    const testing::Relay tinybird(
        config::get("TB_CDK_ENDPOINT", bucket.environment()), [](const testing::Received& request) {
            return request.method == "POST" ? std::optional(testing::Reply::json(R"({"error":"no room"})", 400))
                                            : std::nullopt;
        });
    connector = sql_connector_for("bigquery", bucket.environment().with("TB_CDK_ENDPOINT", tinybird.url()));
    by(Route::bucket);
    EXPECT_THROW(connector->append(data.sql("SELECT n FROM {d}.t"), target.name(), options), errors::HTTPError);
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestBigQueryUnload, AColumnWhoseTypeDoesNotHoldAllValuesIsRefused) {
    data.execute(
        "CREATE TABLE {d}.t AS SELECT 1 AS i, NUMERIC '1.5' AS n, TIMESTAMP '2024-01-31 12:34:56.789012 UTC' AS ts, "
        "'a' "
        "AS s, 0.5 AS f");
    const schema::Schema good = suggested("t");
    const std::vector<std::pair<std::string, schema::Type>> bad{{"i", schema::Float64()},
                                                                {"i", schema::String()},
                                                                {"n", schema::Float64()},
                                                                {"ts", schema::DateTime64(3)},
                                                                {"ts", schema::DateTime64(6, "Europe/Madrid")},
                                                                {"ts", schema::String()},
                                                                {"s", schema::FixedString(1)},
                                                                {"f", schema::Float32()}};
    for (const auto& [name, type] : bad) {
        schema::Schema schema = good;
        for (schema::Column& column : schema.columns) {
            column.type = column.name == name ? type : column.type;
        }
        const Target target(schema);
        EXPECT_THAT(refusal("SELECT * FROM {d}.t", target), HasSubstr("column \"" + name + "\""))
            << name << " " << type.to_string();
    }
    EXPECT_THAT(statements(), Not(Contains("EXPORT_DATA")));
}

TEST_P(TestBigQueryUnload, WhatDoesNotFitGoesDirectly) {
    data.execute("CREATE TABLE {d}.t AS SELECT 0.5 AS n");
    schema::Schema schema = suggested("t");
    schema.columns.at(0).type = schema::Float32();
    Target target(schema);
    by(Route::automatic);
    EXPECT_EQ(connector->append(data.sql("SELECT n FROM {d}.t"), target.name(), options).rows, 1U);
    EXPECT_EQ(target.text("n"), "0.5");
}

TEST_P(TestBigQueryUnload, NumbersThatANarrowerTypeHoldsArriveAndOthersFailTheJob) {
    data.execute(
        "CREATE TABLE {d}.t (n NUMERIC(10, 2), i INT64, a ARRAY<NUMERIC(5, 1)>, u INT64, b BIGNUMERIC(12, 3))");
    data.execute(
        "INSERT INTO {d}.t VALUES (NUMERIC '-12345678.25', -128, [NUMERIC '1.5'], 255, BIGNUMERIC '-123456789.125'), "
        "(NULL, NULL, [], NULL, NULL)");
    schema::Schema schema = suggested("t");
    ASSERT_EQ(schema.columns.at(0).type, schema::Decimal(10, 2).with_nullable(true));
    schema.columns.at(1).type = schema::Int8().with_nullable(true);
    // The emulator describes elements without their parameters.
    schema.columns.at(2).type = schema::Array(schema::Decimal(5, 1));
    schema.columns.at(3).type = schema::UInt8().with_nullable(true);
    Target target(schema);
    // With a BIGNUMERIC it would be no Parquet.
    const bool is_parquet = options.format == Format::parquet;
    const std::string all = is_parquet ? "* EXCEPT (b)" : "*";
    // A result has no parameters, so its columns are wider than those of the table.
    connector->append(data.sql("SELECT " + all + " FROM {d}.t"), target.name(), options);
    EXPECT_EQ(
        target.text(
            "concat(toString(n), ' ', toString(i), ' ', toString(a), ' ', toString(u), ' ', ifNull(toString(b), ''))",
            "WHERE n IS NOT NULL"),
        std::string("-12345678.25 -128 [1.5] 255 ") + (is_parquet ? "" : "-123456789.125"));
    EXPECT_EQ(target.text("countIf(n IS NULL AND i IS NULL AND u IS NULL AND b IS NULL)"), "1");
    for (const auto& [column, value] :
         std::vector<std::pair<std::string, std::string>>{{"n", "NUMERIC '0.125'"},
                                                          {"n", "NUMERIC '-100000000'"},
                                                          {"i", "-129"},
                                                          {"i", "128"},
                                                          {"u", "-1"},
                                                          {"u", "256"},
                                                          {"a", "[NUMERIC '0.5', NUMERIC '10000']"},
                                                          {"b", "BIGNUMERIC '0.0001'"},
                                                          {"b", "BIGNUMERIC '1000000000'"}}) {
        if (is_parquet && column == "b") {
            continue;
        }
        try {
            connector->append(data.sql("SELECT " + all + " REPLACE (" + value + " AS " + column + ") FROM {d}.t"),
                              target.name(), options);
            ADD_FAILURE() << column << " " << value << " was loaded";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("column \"" + column + "\": the value "));
            EXPECT_THAT(error.what(), HasSubstr("does not fit into "));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
        }
    }
    EXPECT_EQ(target.text("count()"), "2");
}

TEST_P(TestBigQueryUnload, ANullForWhatTakesNoneFailsTheJob) {
    data.execute("CREATE TABLE {d}.t AS SELECT * FROM UNNEST([1, 2]) AS n UNION ALL SELECT NULL");
    schema::Schema schema = suggested("t");
    schema.columns.at(0).type = schema::Int64();
    Target target(schema);
    try {
        connector->append(data.sql("SELECT n FROM {d}.t"), target.name(), options);
        FAIL() << "there is a NULL";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("column \"n\" has NULL"));
    }
    EXPECT_EQ(connector->append(data.sql("SELECT n FROM {d}.t WHERE n IS NOT NULL"), target.name(), options).rows, 2U);
    EXPECT_EQ(target.text("sum(n)"), "3");
}

TEST_P(TestBigQueryUnload, DatesThatTheTargetHasNotFailTheJob) {
    data.execute(
        "CREATE TABLE {d}.t AS SELECT DATE '1899-12-31' AS d, CAST(NULL AS TIMESTAMP) AS ts UNION ALL SELECT DATE "
        "'1900-01-01', TIMESTAMP '2299-12-31 23:59:59.999999+00' UNION ALL SELECT NULL, TIMESTAMP '2300-01-01 "
        "00:00:00+00'");
    const schema::Schema schema = suggested("t");
    Target target(schema);
    for (const char* const condition : {"d < DATE '1900-01-01'", "d IS NULL"}) {
        try {
            connector->append(data.sql("SELECT * FROM {d}.t WHERE ") + condition, target.name(), options);
            FAIL() << condition;
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("is outside of the years 1900 to 2299"));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
            EXPECT_THAT(error.hint(), HasSubstr("--via direct"));
        }
    }
    connector->append(data.sql("SELECT * FROM {d}.t WHERE d >= DATE '1900-01-01'"), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(d), ' ', toString(ts))"), "1900-01-01 2299-12-31 23:59:59.999999");
}

TEST_P(TestBigQueryUnload, WhatTextFormatsHaveNotFailsTheJob) {
    data.execute("CREATE TABLE {d}.t AS SELECT CAST('nan' AS FLOAT64) AS f, [CAST('inf' AS FLOAT64)] AS a");
    Target target(suggested("t"));
    for (const char* const column : {"f", "a"}) {
        const std::string query =
            data.sql(column == std::string("f") ? "SELECT f, [1.5] AS a FROM {d}.t" : "SELECT 1.5 AS f, a FROM {d}.t");
        if (options.format == Format::parquet) {
            connector->append(query, target.name(), options);
            continue;
        }
        try {
            connector->append(query, target.name(), options);
            FAIL() << query;
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("column \"" + std::string(column) + "\": the value "));
            EXPECT_THAT(error.what(), HasSubstr("use Parquet, or load directly"));
        }
    }
    EXPECT_EQ(target.text("count()"), options.format == Format::parquet ? "2" : "0");
}

TEST_P(TestBigQueryUnload, NullIsNoDefault) {
    data.execute("CREATE TABLE {d}.t AS SELECT CAST(NULL AS INT64) AS n, 1 AS one");
    schema::Schema schema = suggested("t");
    schema.columns.at(0).default_expr = "7";
    Target target(schema);
    const std::string query = "SELECT * FROM {d}.t";
    if (options.format == Format::parquet) {
        connector->append(data.sql(query), target.name(), options);
        EXPECT_EQ(target.text("isNull(n)"), "1");
    } else {
        EXPECT_THAT(refusal(query, target), HasSubstr("NULL would become its default, 7"));
    }
}

TEST_P(TestBigQueryUnload, WhatNeedsValuesIsRefused) {
    data.execute("CREATE TABLE {d}.t AS SELECT 1 AS n");
    const Target target(suggested("t"));
    options.verify = true;
    EXPECT_THAT(refusal("SELECT n FROM {d}.t", target), HasSubstr("verified"));
    options.verify = false;
    options.hazards.set("nan=null");
    EXPECT_THAT(refusal("SELECT n FROM {d}.t", target), HasSubstr("values that don't fit"));
}

TEST_P(TestBigQueryUnload, APreviewRunsNoQuery) {
    data.execute("CREATE TABLE {d}.t AS SELECT 1 AS n, 'x' AS s");
    const Target target(suggested("t"));
    const std::size_t before = statements().size();
    const LoadPreview preview = connector->preview_append(data.sql("SELECT n, s FROM {d}.t"), target.name(), options);
    ASSERT_TRUE(preview.warehouse);
    EXPECT_EQ(preview.warehouse->via, "bucket");
    EXPECT_TRUE(preview.warehouse->billed);
    EXPECT_TRUE(preview.warehouse->bytes_read);
    EXPECT_EQ(preview.format, options.format == Format::csv ? Format::ndjson : options.format);
    EXPECT_EQ(preview.sampled_rows, 0U);
    EXPECT_EQ(preview.columns.at(1).place, "s");
    EXPECT_EQ(statements().size(), before);
    by(Route::automatic);
    EXPECT_EQ(connector->preview_append(data.sql("SELECT n, s FROM {d}.t"), target.name(), options).warehouse->via,
              "direct");
}

TEST_P(TestBigQueryUnload, AStopLeavesNothing) {
    data.execute("CREATE TABLE {d}.t AS SELECT 1 AS n");
    Target target(suggested("t"));
    std::stop_source stop;
    stop.request_stop();
    options.stop = stop.get_token();
    EXPECT_THROW(connector->append(data.sql("SELECT n FROM {d}.t"), target.name(), options), errors::InterruptedError);
}

TEST_P(TestBigQueryUnload, SmallResultsGoDirectlyUnlessToldOtherwise) {
    data.execute("CREATE TABLE {d}.t AS SELECT 1 AS n");
    Target target(suggested("t"));
    by(Route::automatic);
    connector->append(data.sql("SELECT n FROM {d}.t"), target.name(), options);
    EXPECT_EQ(target.text("count()"), "1");
    EXPECT_THAT(statements(), Not(Contains("EXPORT_DATA")));
}

TEST_P(TestBigQueryUnload, WhatCantGoByABucketIsRefused) {
    data.execute("CREATE TABLE {d}.t AS SELECT 1 AS n, INTERVAL 1 DAY AS v");
    Target target(suggested("t"));
    EXPECT_THROW(connector->append(data.sql("SELECT n, v FROM {d}.t"), target.name(), options),
                 errors::InvalidArgument);
    auto without_bucket = sql_connector_for("bigquery", bigquery_environment());
    dynamic_cast<WarehouseConnector&>(*without_bucket).set_route(Route::bucket);
    EXPECT_THROW(without_bucket->append(data.sql("SELECT n FROM {d}.t"), target.name(), options),
                 errors::MissingConfiguration);
}

}  // namespace
}  // namespace tinybird_cdk
