// SPDX-License-Identifier: Apache-2.0
// Loads from BigQuery into Tinybird, without a bucket: what is in the data source afterwards.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "dataset.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using testing::bigquery_environment;
using ::testing::Contains;
using testing::Dataset;
using testing::Target;

class TestBigQueryLoad : public ::testing::TestWithParam<Format> {
protected:
    TestBigQueryLoad() {
        options.format = GetParam();
        options.on_quarantine = tinybird::OnQuarantine::fail;
        options.verify = true;
    }

    [[nodiscard]] schema::Schema suggested(const std::string& table) {
        return connector->suggest_schema({{"project", data.project()}, {"dataset", data.name()}, {"table", table}});
    }

    Dataset data;
    Environment environment = bigquery_environment();
    std::unique_ptr<SqlConnector> connector = sql_connector_for("bigquery", environment);
    LoadOptions options;
};

INSTANTIATE_TEST_SUITE_P(Formats, TestBigQueryLoad, ::testing::Values(Format::csv, Format::ndjson, Format::parquet),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestBigQueryLoad, EachTypeArrivesAsItLeft) {
    data.execute(
        "CREATE TABLE {d}.t AS SELECT -9007199254740993 AS i, 0.1 AS f, NUMERIC '12345678901234567890.123456789' AS n, "
        "BIGNUMERIC '0.00000000000000000000000000000000000001' AS bn, TRUE AS b, 'a\"b\\nc' AS s, CAST(NULL AS STRING) "
        "AS z, '' AS e, FROM_HEX('00ff') AS y, "
        "DATE '2024-02-29' AS d, TIME '12:34:56.789012' AS t, DATETIME '2024-01-31T12:34:56.789012' AS dt, TIMESTAMP "
        "'1969-12-31 23:59:59.000001 UTC' AS ts, JSON '{\"a\":[1,null]}' AS j, [3, 1, 2] AS a, STRUCT(1 AS x, ['p', "
        "'q'] AS w) AS r");
    const schema::Schema schema = suggested("t");
    Target target(schema);
    const LoadResult result = connector->append(connector->ingest_query(schema), target.name(), options);
    EXPECT_EQ(result.rows, 1U);
    const auto text = [&](const std::string& column) { return target.text("toString(" + column + ")"); };
    EXPECT_EQ(text("i"), "-9007199254740993");
    EXPECT_EQ(text("f"), "0.1");
    EXPECT_EQ(text("n"), "12345678901234567890.123456789");
    EXPECT_EQ(text("bn"), "0.00000000000000000000000000000000000001");
    EXPECT_EQ(text("b"), "true");
    EXPECT_EQ(text("s"), "a\"b\nc");
    EXPECT_EQ(target.text("isNull(z)"), "1");
    EXPECT_EQ(text("e"), "");
    EXPECT_EQ(text("y"), "AP8=");
    EXPECT_EQ(text("d"), "2024-02-29");
    EXPECT_EQ(text("t"), "12:34:56.789012");
    EXPECT_EQ(text("dt"), "2024-01-31 12:34:56.789012");
    EXPECT_EQ(text("ts"), "1969-12-31 23:59:59.000001");
    EXPECT_EQ(text("j"), "{\"a\":[1,null]}");
    EXPECT_EQ(text("a"), "[3,1,2]");
    EXPECT_EQ(text("r"), "{\"x\":1,\"w\":[\"p\",\"q\"]}");
}

TEST_P(TestBigQueryLoad, AppendAddsAndReplaceReplaces) {
    data.execute("CREATE TABLE {d}.t AS SELECT n FROM UNNEST(GENERATE_ARRAY(1, 20000)) AS n");
    const schema::Schema schema = suggested("t");
    Target target(schema);
    connector->append(connector->ingest_query(schema), target.name(), options);
    connector->append(connector->ingest_query(schema), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(count()), ' ', toString(sum(n)))"), "40000 400020000");
    connector->replace(data.sql("SELECT n FROM {d}.t WHERE n < 4"), target.name(), options);
    EXPECT_EQ(target.text("concat(toString(count()), ' ', toString(sum(n)))"), "3 6");
}

TEST_P(TestBigQueryLoad, AnEmptyResultAppendsNothing) {
    data.execute("CREATE TABLE {d}.t (n INT64 NOT NULL)");
    const schema::Schema schema = suggested("t");
    Target target(schema);
    EXPECT_EQ(connector->append(connector->ingest_query(schema), target.name(), options).rows, 0U);
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestBigQueryLoad, ALoadHasALimitOfRows) {
    data.execute("CREATE TABLE {d}.t AS SELECT n FROM UNNEST(GENERATE_ARRAY(1, 6000)) AS n");
    const schema::Schema schema = suggested("t");
    Target target(schema);
    options.row_limit = 5500;
    EXPECT_EQ(connector->append(connector->ingest_query(schema), target.name(), options).rows, 5500U);
    EXPECT_EQ(target.text("count()"), "5500");
}

TEST_P(TestBigQueryLoad, TheJobSaysWhoAsked) {
    data.execute("CREATE TABLE {d}.t AS SELECT 1 AS n");
    const schema::Schema schema = suggested("t");
    Target target(schema);
    auto tagged = sql_connector_for("bigquery", environment.with("TB_CDK_TAG", "Nightly " + data.name()));
    tagged->append(connector->ingest_query(schema), target.name(), options);
    std::vector<std::string> labels;
    for (const Value& job : data.jobs()) {
        labels.push_back(rest::text_at(job, {"configuration", "labels", "tb_cdk_tag"}));
    }
    EXPECT_THAT(labels, Contains("nightly_" + data.name()));
}

}  // namespace
}  // namespace tinybird_cdk
