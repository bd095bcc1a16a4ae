// SPDX-License-Identifier: Apache-2.0
//
// Loads from PostgreSQL into Tinybird: what is in the data source afterwards, however the load went.
#include <stop_token>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/sql/postgresql/server.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::HasSubstr;
using testing::PostgresqlSchema;
using testing::Target;

schema::Schema days_and_amounts() {
    schema::Schema schema;
    schema.columns = {{"day", "", schema::Date32(), "", "", ""}, {"amount", "", schema::Int64(), "", "", ""}};
    schema.sorting_key = {"day"};
    return schema;
}

class TestPostgresqlLoad : public ::testing::TestWithParam<Format> {
protected:
    TestPostgresqlLoad() {
        source.run(
            "CREATE TABLE sales (day date NOT NULL, amount bigint NOT NULL); "
            "INSERT INTO sales VALUES ('2024-01-01', 1), ('2024-01-02', 20), ('2024-01-03', 300)");
        options.format = GetParam();
        options.on_quarantine = tinybird::OnQuarantine::fail;
    }

    std::string sales(const std::string& rest = {}) {
        return "SELECT day, amount FROM " + source.name() + ".sales " + rest;
    }
    std::string total() { return target.text("sum(amount)"); }

    PostgresqlSchema source;
    std::unique_ptr<SqlConnector> connector = PostgresqlSchema::connector();
    Target target{days_and_amounts()};
    LoadOptions options;
};

INSTANTIATE_TEST_SUITE_P(Formats, TestPostgresqlLoad, ::testing::Values(Format::csv, Format::ndjson, Format::parquet),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestPostgresqlLoad, AppendAddsAndReplaceReplaces) {
    EXPECT_EQ(connector->append(sales(), target.name(), options).rows, 3U);
    EXPECT_EQ(total(), "321");
    connector->append(sales("WHERE amount = 1;  -- the first"), target.name(), options);
    EXPECT_EQ(total(), "322");
    connector->replace(sales(), target.name(), options);
    EXPECT_EQ(total(), "321");
}

TEST_P(TestPostgresqlLoad, AReplaceConditionLeavesTheRestAlone) {
    connector->append(sales(), target.name(), options);
    source.run("UPDATE sales SET amount = 5000 WHERE day = '2024-01-02'");
    options.replace_condition = "day = '2024-01-02'";
    connector->replace(sales("WHERE day = '2024-01-02'"), target.name(), options);
    EXPECT_EQ(total(), "5301");
    connector->replace(sales("WHERE false"), target.name(), options);
    EXPECT_EQ(total(), "301");
}

TEST_P(TestPostgresqlLoad, ARowLimitIsKept) {
    options.row_limit = 2;
    EXPECT_EQ(connector->append(sales("ORDER BY amount"), target.name(), options).rows, 2U);
    EXPECT_EQ(total(), "21");
}

TEST_P(TestPostgresqlLoad, AnEmptyResultAppendsNothingAndReplacesAll) {
    connector->append(sales(), target.name(), options);
    EXPECT_EQ(connector->append(sales("WHERE false"), target.name(), options).rows, 0U);
    EXPECT_EQ(total(), "321");
    connector->replace(sales("WHERE false"), target.name(), options);
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestPostgresqlLoad, ColumnsInAnotherOrderGoByName) {
    connector->append("SELECT amount, day FROM " + source.name() + ".sales", target.name(), options);
    EXPECT_EQ(total(), "321");
}

TEST_P(TestPostgresqlLoad, AFailureInTheMiddleLeavesNothing) {
    // Late enough that the upload has begun.
    const std::string query =
        "SELECT '2024-01-01'::date AS day, (CASE WHEN i = 900000 THEN 1 / (i - 900000) ELSE i END)::bigint AS amount "
        "FROM generate_series(1, 1000000) AS i";
    try {
        connector->append(query, target.name(), options);
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "22012");
    }
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestPostgresqlLoad, AStopCancelsTheQueryAtTheSource) {
    std::stop_source stop;
    options.stop = stop.get_token();
    options.on_progress = [&](const Progress& progress) {
        if (progress.rows > 0) {
            stop.request_stop();
        }
    };
    // In the select list the series comes row by row; in FROM it would be stored first, all of it.
    const std::string endless =
        "SELECT '2024-01-01'::date AS day, generate_series(1, 1000000000000) AS amount /* endless " + source.name() +
        " */";
    EXPECT_THROW(connector->append(endless, target.name(), options), errors::InterruptedError);
    EXPECT_EQ(target.text("count()"), "0");
    // The backend notices the cancel at its next look; it is asked until it is gone.
    const std::string running =
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%endless " + source.name() +
        "%' AND pid <> pg_backend_pid()";
    std::string count;
    for (int i = 0; i < 10000 && (count = source.text(running)) != "0"; ++i) {
    }
    EXPECT_EQ(count, "0");
}

TEST_P(TestPostgresqlLoad, BadInputIsToldBeforeAnythingIsSent) {
    EXPECT_THROW(connector->append(sales(), "there_is_none", options), errors::InvalidArgument);
    EXPECT_THROW(connector->append("SELECT 1; SELECT 2", target.name(), options), errors::InvalidArgument);
    EXPECT_THROW(connector->append("SELECT day FROM " + source.name() + ".sales", target.name(), options),
                 errors::SchemaMismatchError);
    EXPECT_THROW(connector->append("SELECT", target.name(), options), errors::Error);
    EXPECT_EQ(target.text("count()"), "0");
}

/// Names that need quotes, and what else one can select from, by the connector's own query.
TEST_P(TestPostgresqlLoad, TablesOfAllKindsAndNamesArrive) {
    source.run(
        "CREATE VIEW a_view AS SELECT * FROM sales; CREATE MATERIALIZED VIEW kept AS SELECT * FROM sales; "
        "CREATE TABLE parts (LIKE sales) PARTITION BY RANGE (day); "
        "CREATE TABLE part PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01'); "
        "INSERT INTO parts SELECT * FROM sales; "
        "CREATE TABLE \"Ünï \"\"code\"\" ; --\" AS SELECT * FROM sales; CREATE TABLE \"select\" AS SELECT * FROM "
        "sales");
    for (const char* const name : {"a_view", "kept", "parts", "part", "Ünï \"code\" ; --", "select"}) {
        const schema::Schema schema = connector->suggest_schema({{"schema", source.name()}, {"table", name}});
        connector->replace(connector->ingest_query(schema), target.name(), options);
        EXPECT_EQ(total(), "321") << name;
    }
}

/// CSV goes by position where names say nothing; NDJSON has nothing but names.
TEST_P(TestPostgresqlLoad, RepeatedNamesAreForCsvOnly) {
    const std::string query = "SELECT day AS x, amount AS x FROM " + source.name() + ".sales";
    if (GetParam() == Format::csv) {
        connector->append(query, target.name(), options);
        EXPECT_EQ(total(), "321");
    } else {
        EXPECT_THROW(connector->append(query, target.name(), options), errors::SchemaMismatchError);
        EXPECT_EQ(target.text("count()"), "0");
    }
}

TEST_P(TestPostgresqlLoad, PoliciesDecideOnWhatTheTargetCanNotHold) {
    const std::string query = "SELECT '-infinity'::date AS day, 7::bigint AS amount";
    EXPECT_THROW(connector->append(query, target.name(), options), errors::RefusedValueError);
    options.hazards.set("infinity=clamp");
    connector->append(query, target.name(), options);
    EXPECT_EQ(target.text("toString(day)"), "1900-01-01");
}

TEST_P(TestPostgresqlLoad, WideAndLongRowsArrive) {
    std::string columns;
    schema::Schema wide;
    for (int i = 0; i < 500; ++i) {
        columns += (i == 0 ? "" : ", ") + std::to_string(i) + " AS c" + std::to_string(i);
        wide.columns.push_back({"c" + std::to_string(i), "", schema::Int32(), "", "", ""});
    }
    Target wide_target(wide);
    connector->append("SELECT " + columns, wide_target.name(), options);
    EXPECT_EQ(wide_target.text("c0 + c499"), "499");

    schema::Schema text;
    text.columns = {{"t", "", schema::String(), "", "", ""}};
    Target long_target(text);
    connector->append("SELECT repeat('0123456789abcdef', 4 << 20) AS t", long_target.name(), options);
    EXPECT_EQ(long_target.text("length(t)"), std::to_string(64 << 20));
}

TEST(TestPostgresqlPreview, NamesWhatTheTargetCannotHold) {
    PostgresqlSchema source;
    source.run(
        "CREATE TABLE t AS SELECT n::bigint AS n, n::text AS d, 1.5::numeric(10, 2) AS m FROM generate_series(1, 5000) "
        "n; "
        "ANALYZE t");
    schema::Schema columns;
    columns.columns = {{"n", "", schema::Int32(), "", "", ""},
                       {"d", "", schema::String(), "", "", ""},
                       {"m", "", schema::Decimal(10, 2), "", "", ""}};
    Target target(columns);
    const std::string query = "SELECT n, d, m FROM " + source.name() + ".t";
    const LoadPreview preview = PostgresqlSchema::connector()->preview_replace(query, target.name());
    ASSERT_EQ(preview.columns.size(), 3U);
    EXPECT_EQ(preview.columns[0].loss, "values beyond Int32 don't fit");
    EXPECT_EQ(preview.columns[1].loss, "");
    EXPECT_EQ(preview.columns[2].loss, "");
    EXPECT_EQ(preview.sampled_rows, 1000U);
    EXPECT_FALSE(preview.exact);
    EXPECT_EQ(preview.rows, 5000U);
    ASSERT_TRUE(preview.plan);
    EXPECT_EQ(preview.plan->requests, 1U);
    EXPECT_EQ(target.text("count()"), "0");
}

}  // namespace
}  // namespace tinybird_cdk
