// SPDX-License-Identifier: Apache-2.0
//
// Loads from DuckDB files into Tinybird: what is in the data source afterwards, however the load went.
#include <memory>
#include <stop_token>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/sql/duckdb/duckdb_file.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using testing::DuckdbFile;
using ::testing::HasSubstr;
using testing::Target;

schema::Schema days_and_amounts() {
    schema::Schema schema;
    schema.table = "sales";
    schema.columns = {{"day", "", schema::Date32(), "", "", ""}, {"amount", "", schema::Int64(), "", "", ""}};
    schema.sorting_key = {"day"};
    return schema;
}

class TestDuckdbLoad : public ::testing::TestWithParam<Format> {
protected:
    TestDuckdbLoad() {
        file.execute(
            "CREATE TABLE sales AS SELECT DATE '2024-01-01' + i::INTEGER AS day, [1, 20, 300][i + 1]::BIGINT AS amount "
            "FROM range(3) r(i)");
        options.format = GetParam();
        options.on_quarantine = tinybird::OnQuarantine::fail;
        connector = file.connector();
    }
    [[nodiscard]] std::string total() { return target.text("sum(amount)"); }

    static constexpr const char* everything = "SELECT day, amount FROM sales";
    DuckdbFile file;
    std::unique_ptr<SqlConnector> connector;
    Target target{days_and_amounts()};
    LoadOptions options;
};

INSTANTIATE_TEST_SUITE_P(Formats, TestDuckdbLoad, ::testing::Values(Format::csv, Format::ndjson, Format::parquet),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestDuckdbLoad, AppendAddsAndReplaceReplaces) {
    EXPECT_EQ(connector->append(everything, target.name(), options).rows, 3U);
    EXPECT_EQ(total(), "321");
    connector->append(everything, target.name(), options);
    EXPECT_EQ(total(), "642");
    connector->replace(everything, target.name(), options);
    EXPECT_EQ(total(), "321");
}

TEST_P(TestDuckdbLoad, ReplaceConditionTouchesItsRowsOnly) {
    connector->append(everything, target.name(), options);
    file.execute("UPDATE sales SET amount = amount + 4000");
    options.replace_condition = "day = '2024-01-02'";
    connector->replace("SELECT * FROM sales WHERE day = '2024-01-02'", target.name(), options);
    EXPECT_EQ(total(), "4321");
}

TEST_P(TestDuckdbLoad, RowLimitTakesTheFirstRows) {
    options.row_limit = 2;
    EXPECT_EQ(connector->append("SELECT day, amount FROM sales ORDER BY amount DESC", target.name(), options).rows, 2U);
    EXPECT_EQ(total(), "320");
}

TEST_P(TestDuckdbLoad, ADryRunMakesNoMoreRowsThanItLooksAt) {
    const LoadPreview preview = connector->preview_append(
        "SELECT DATE '2024-01-01' AS day, CASE WHEN i < 1000 THEN i ELSE error('was made') END AS amount FROM "
        "range(5000) r(i)",
        target.name(), options);
    EXPECT_EQ(preview.sampled_rows, 1000U);
    EXPECT_EQ(preview.refusal, "");
}

TEST_P(TestDuckdbLoad, ALimitKeepsTheNamesAndTheOrder) {
    options.row_limit = 2;
    for (const char* const query :
         {"FROM sales ORDER BY amount DESC;", "SELECT day, amount FROM sales ORDER BY amount DESC LIMIT 100 -- all",
          "WITH s AS (FROM sales) SELECT * FROM s ORDER BY amount DESC LIMIT 80%",
          "SET threads = 1; SELECT day, amount FROM sales ORDER BY amount DESC"}) {
        connector->replace(query, target.name(), options);
        EXPECT_EQ(total(), "320") << query;
    }
    if (GetParam() == Format::csv) {
        for (const char* const end : {"", " LIMIT 3"}) {
            const std::string query = "SELECT day AS a, amount AS a FROM sales ORDER BY amount DESC" + std::string(end);
            EXPECT_EQ(connector->preview_replace(query, target.name(), options).columns.at(1).name, "a");
            connector->replace(query, target.name(), options);
            EXPECT_EQ(total(), "320") << query;
        }
    }
}

/// SUMMARIZE takes a limit for one of the query that it summarizes.
TEST_P(TestDuckdbLoad, ASummaryIsOfAllRows) {
    schema::Schema counts;
    for (const char* const name : {"column_name", "column_type", "min", "max", "approx_unique", "avg", "std", "q25",
                                   "q50", "q75", "count", "null_percentage"}) {
        const std::string_view text = name;
        const bool is_number = text == "approx_unique" || text == "count";
        counts.columns.push_back({name, "",
                                  is_number                   ? schema::Int64()
                                  : text == "null_percentage" ? schema::Decimal(9, 2)
                                                              : schema::String()});
        counts.columns.back().type = counts.columns.back().type.with_nullable(true);
    }
    Target summary(counts);
    options.row_limit = 1;
    const std::string all = connector->query_db_scalar("SELECT count(*) FROM sales").to_text();
    ASSERT_NE(all, "1");
    connector->append("SUMMARIZE SELECT * FROM sales", summary.name(), options);
    EXPECT_EQ(summary.text("max(count)"), all);
}

TEST_P(TestDuckdbLoad, ReplaceByNothingEmpties) {
    connector->append(everything, target.name(), options);
    connector->replace("SELECT day, amount FROM sales WHERE amount < 0", target.name(), options);
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestDuckdbLoad, BadQueryLeavesTheRowsAlone) {
    connector->append(everything, target.name(), options);
    try {
        connector->replace("SELECT day, amont FROM sales", target.name(), options);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("\"amont\" not found"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
    }
    EXPECT_EQ(total(), "321");
}

// The 100,000th row fails, when much of the body is already sent.
TEST_P(TestDuckdbLoad, AQueryThatFailsOnItsWayLeavesTheRowsAlone) {
    connector->append(everything, target.name(), options);
    const std::string fails_late =
        "SELECT DATE '2024-01-01' AS day, CASE WHEN i = 100000 THEN error('row ' || i) ELSE i END::BIGINT AS amount "
        "FROM range(200000) r(i)";
    for (const bool replace : {true, false}) {
        try {
            replace ? connector->replace(fails_late, target.name(), options)
                    : connector->append(fails_late, target.name(), options);
            ADD_FAILURE() << "nothing was thrown";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("row 100000"));
        }
        EXPECT_EQ(total(), "321");
    }
}

TEST_P(TestDuckdbLoad, StoppingLeavesTheRowsAlone) {
    connector->append(everything, target.name(), options);
    std::stop_source stop;
    options.stop = stop.get_token();
    options.on_progress = [&stop](const Progress&) { stop.request_stop(); };
    // Would take days.
    EXPECT_THROW(connector->replace("SELECT DATE '2024-01-01' AS day, a.i * b.i AS amount FROM range(10000000) a(i), "
                                    "range(10000000) b(i)",
                                    target.name(), options),
                 errors::InterruptedError);
    EXPECT_EQ(total(), "321");
}

}  // namespace
}  // namespace tinybird_cdk
