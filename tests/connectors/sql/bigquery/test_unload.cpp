// SPDX-License-Identifier: Apache-2.0
// Loads from BigQuery by a bucket: what is in the data source afterwards, and that nothing is left in the bucket. The
// emulator writes one object for each export; several are joined in tests/connectors/cloud/gcs.
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/cloud/gcs.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>
#include <tinybird_cdk/warehouse_connector.hpp>

#include "core/ids.hpp"
#include "dataset.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using testing::bigquery_environment;
using ::testing::Contains;
using testing::Dataset;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Target;

/// A bucket of the Cloud Storage that bin/test started.
class Bucket {
public:
    Bucket() : endpoint_(config::get("STORAGE_EMULATOR_HOST")), name_("unload-" + core::random_hex(8)) {
        rest::Client client("GCS");
        const auto answer = client.send({.method = "POST",
                                         .url = endpoint_ + "/storage/v1/b",
                                         .query = {{"project", "p"}},
                                         .body = R"({"name":")" + name_ + R"("})"});
        if (!answer.ok()) {
            throw std::runtime_error(answer.body);
        }
    }

    [[nodiscard]] Environment environment() const {
        return bigquery_environment()
            .with("STORAGE_EMULATOR_HOST", endpoint_)
            .with("GCS_BUCKET", name_)
            .with("GCS_FOLDER", "/loads/");
    }
    [[nodiscard]] std::vector<cloud::Object> objects() const {
        return cloud::gcs::Client(environment()).list(name_, "");
    }

private:
    const std::string endpoint_;
    const std::string name_;
};

class TestBigQueryUnload : public ::testing::TestWithParam<Format> {
protected:
    TestBigQueryUnload() {
        options.format = GetParam();
        options.on_quarantine = tinybird::OnQuarantine::fail;
        by(Route::bucket);
    }
    ~TestBigQueryUnload() override { EXPECT_TRUE(bucket.objects().empty()); }

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

    Dataset data;
    Bucket bucket;
    std::unique_ptr<SqlConnector> connector = sql_connector_for("bigquery", bucket.environment());
    LoadOptions options;
};

INSTANTIATE_TEST_SUITE_P(Formats, TestBigQueryUnload, ::testing::Values(Format::csv, Format::ndjson),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestBigQueryUnload, EachTypeArrivesAsItDoesDirectly) {
    data.execute(
        "CREATE TABLE {d}.t AS SELECT -9007199254740993 AS i, 0.1 AS f, NUMERIC '12345678901234567890.123456789' AS n, "
        "TRUE AS b, 'a\"b\\nc' AS s, CAST(NULL AS STRING) AS z, '' AS e, FROM_HEX('00ff') AS y, DATE '2024-02-29' AS "
        "d, "
        "DATETIME '2024-01-31T12:34:56.789012' AS dt, TIMESTAMP '1969-12-31 23:59:59.000001 UTC' AS ts, [3, 1, 2] AS "
        "a, "
        "[DATE '2024-01-02'] AS ad, ['it\\'s', 'b\\\\c', ''] AS w");
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

TEST_P(TestBigQueryUnload, ColumnsFindTheirPlaceByName) {
    data.execute("CREATE TABLE {d}.t AS SELECT 1 AS a, 2 AS b");
    Target target(suggested("t"));
    connector->append(data.sql("SELECT b, a FROM {d}.t"), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(a), ' ', toString(b))"), "1 2");
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
    data.execute("CREATE TABLE {d}.t AS SELECT 'no number' AS n");
    schema::Schema schema = suggested("t");
    schema.columns.at(0).type = schema::Int64();
    Target target(schema);
    EXPECT_THROW(connector->append(data.sql("SELECT n FROM {d}.t"), target.name(), options), errors::Error);
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
