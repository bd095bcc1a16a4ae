// SPDX-License-Identifier: Apache-2.0
//
// Loads from MariaDB into Tinybird: what is in the data source afterwards, however the load went.
#include <chrono>
#include <stop_token>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/sql/mysql/server.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using testing::MysqlDatabase;
using testing::Target;

schema::Schema days_and_amounts() {
    schema::Schema schema;
    schema.columns = {{"day", "", schema::Date32(), "", "", ""}, {"amount", "", schema::Int64(), "", "", ""}};
    schema.sorting_key = {"day"};
    return schema;
}

class TestMysqlLoad : public ::testing::TestWithParam<Format> {
protected:
    TestMysqlLoad() {
        source.run(
            "CREATE TABLE sales (day date NOT NULL, amount bigint NOT NULL); "
            "INSERT INTO sales VALUES ('2024-01-01', 1), ('2024-01-02', 20), ('2024-01-03', 300)");
        options.format = GetParam();
        options.on_quarantine = tinybird::OnQuarantine::fail;
    }

    static std::string sales(const std::string& rest = {}) { return "SELECT day, amount FROM sales " + rest; }
    std::string total() { return target.text("sum(amount)"); }

    MysqlDatabase source;
    std::unique_ptr<SqlConnector> connector = source.connector();
    Target target{days_and_amounts()};
    LoadOptions options;
};

INSTANTIATE_TEST_SUITE_P(Formats, TestMysqlLoad, ::testing::Values(Format::csv, Format::ndjson, Format::parquet),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestMysqlLoad, AppendAddsAndReplaceReplaces) {
    EXPECT_EQ(connector->append(sales(), target.name(), options).rows, 3U);
    EXPECT_EQ(total(), "321");
    connector->append(sales("WHERE amount = 1;  -- the first"), target.name(), options);
    EXPECT_EQ(total(), "322");
    connector->replace(sales(), target.name(), options);
    EXPECT_EQ(total(), "321");
}

TEST_P(TestMysqlLoad, AReplaceConditionLeavesTheRestAlone) {
    connector->append(sales(), target.name(), options);
    source.run("UPDATE sales SET amount = 5000 WHERE day = '2024-01-02'");
    options.replace_condition = "day = '2024-01-02'";
    connector->replace(sales("WHERE day = '2024-01-02'"), target.name(), options);
    EXPECT_EQ(total(), "5301");
    connector->replace(sales("WHERE false"), target.name(), options);
    EXPECT_EQ(total(), "301");
}

TEST_P(TestMysqlLoad, ARowLimitIsKept) {
    options.row_limit = 2;
    EXPECT_EQ(connector->append(sales("ORDER BY amount"), target.name(), options).rows, 2U);
    EXPECT_EQ(total(), "21");
}

TEST_P(TestMysqlLoad, AnEmptyResultAppendsNothingAndReplacesAll) {
    connector->append(sales(), target.name(), options);
    EXPECT_EQ(connector->append(sales("WHERE false"), target.name(), options).rows, 0U);
    EXPECT_EQ(total(), "321");
    connector->replace(sales("WHERE false"), target.name(), options);
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_P(TestMysqlLoad, ColumnsInAnotherOrderGoByName) {
    connector->append("SELECT amount, day FROM sales", target.name(), options);
    EXPECT_EQ(total(), "321");
}

TEST_P(TestMysqlLoad, AFailureInTheMiddleLeavesNothing) {
    connector->append(sales(), target.name(), options);
    // Late enough that the upload has begun. A subquery of two rows is an error when it is reached.
    const std::string query =
        "SELECT date('2024-01-01') AS day, if(seq = 900000, (SELECT 1 UNION SELECT 2), seq) AS amount "
        "FROM seq_1_to_1000000";
    try {
        connector->replace(query, target.name(), options);
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("error 1242"));
        EXPECT_EQ(error.sqlstate(), "21000");
    }
    EXPECT_EQ(total(), "321");
}

TEST_P(TestMysqlLoad, AStopCancelsTheQueryAtTheSource) {
    std::stop_source stop;
    options.stop = stop.get_token();
    options.on_progress = [&](const Progress& progress) {
        if (progress.rows > 0) {
            stop.request_stop();
        }
    };
    const std::string endless =
        "SELECT date('2024-01-01') AS day, seq AS amount FROM seq_1_to_1000000000000 /* endless " + source.name() +
        " */";
    EXPECT_THROW(connector->append(endless, target.name(), options), errors::InterruptedError);
    EXPECT_EQ(target.text("count()"), "0");
    const std::string running = "SELECT count(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%endless " +
                                source.name() + "%' AND ID <> connection_id()";
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    std::string count;
    while ((count = source.text(running)) != "0" && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }
    EXPECT_EQ(count, "0");
}

TEST_P(TestMysqlLoad, BadInputIsToldBeforeAnythingIsSent) {
    EXPECT_THROW(connector->append(sales(), "there_is_none", options), errors::InvalidArgument);
    EXPECT_THROW(connector->append("SELECT 1; SELECT 2", target.name(), options), errors::InvalidArgument);
    EXPECT_THROW(connector->append("SELECT day FROM sales", target.name(), options), errors::SchemaMismatchError);
    EXPECT_THROW(connector->append("SELECT nope FROM sales", target.name(), options), errors::ExternalDatasourceError);
    EXPECT_EQ(target.text("count()"), "0");
}

/// Names that need quotes, and what else one can select from, by the connector's own query.
TEST_P(TestMysqlLoad, TablesOfAllKindsAndNamesArrive) {
    source.run(
        "CREATE VIEW a_view AS SELECT * FROM sales; "
        "CREATE TABLE parts (day date NOT NULL, amount bigint NOT NULL) PARTITION BY HASH(amount) PARTITIONS 3; "
        "INSERT INTO parts SELECT * FROM sales; CREATE TABLE old ENGINE = MyISAM AS SELECT * FROM sales; "
        "CREATE TABLE `Ünï ``code`` \" ; --` AS SELECT * FROM sales; CREATE TABLE `select` AS SELECT * FROM sales; "
        "CREATE TABLE `a.b` AS SELECT * FROM sales; CREATE TABLE `back\\slash` AS SELECT * FROM sales");
    for (const char* const name : {"a_view", "parts", "old", "Ünï `code` \" ; --", "select", "a.b", "back\\slash"}) {
        const schema::Schema schema = connector->suggest_schema({{"database", source.name()}, {"table", name}});
        connector->replace(connector->ingest_query(schema), target.name(), options);
        EXPECT_EQ(total(), "321") << name;
    }
}

/// CSV goes by position where names say nothing; NDJSON has nothing but names.
TEST_P(TestMysqlLoad, RepeatedNamesAreForCsvOnly) {
    const std::string query = "SELECT day AS x, amount AS x FROM sales";
    if (GetParam() == Format::csv) {
        connector->append(query, target.name(), options);
        EXPECT_EQ(total(), "321");
    } else {
        EXPECT_THROW(connector->append(query, target.name(), options), errors::SchemaMismatchError);
        EXPECT_EQ(target.text("count()"), "0");
    }
}

TEST_P(TestMysqlLoad, WideAndLongRowsArrive) {
    std::string columns;
    schema::Schema wide;
    for (int i = 0; i < 500; ++i) {
        columns +=
            (i == 0 ? "" : ", ") + std::string(i % 7 == 0 ? "NULL" : std::to_string(i)) + " AS c" + std::to_string(i);
        wide.columns.push_back({"c" + std::to_string(i), "", schema::Nullable(schema::Int32()), "", "", ""});
    }
    Target wide_target(wide);
    connector->append("SELECT " + columns, wide_target.name(), options);
    EXPECT_EQ(wide_target.text("c1 + c499 + if(isNull(c490), 0, 1)"), "500");

    schema::Schema text;
    text.columns = {{"t", "", schema::String(), "", "", ""}, {"n", "", schema::Int64(), "", "", ""}};
    Target long_target(text);
    // Longer than one packet of the protocol, which is 16 MB.
    connector->append("SELECT repeat('0123456789abcdef', 4194304) AS t, 7 AS n", long_target.name(), options);
    EXPECT_EQ(long_target.text("length(t)"), std::to_string(64 << 20));
    EXPECT_EQ(long_target.text("n"), "7");
}

/// Rows go through as they come: what a million of them takes is told by the memory of the process.
TEST_P(TestMysqlLoad, AMillionRowsArrive) {
    const std::string query =
        "SELECT date('2024-01-01') + INTERVAL (seq % 1000) DAY AS day, CAST(seq AS SIGNED) AS amount "
        "FROM seq_1_to_1000000";
    EXPECT_EQ(connector->append(query, target.name(), options).rows, 1'000'000U);
    EXPECT_EQ(target.text("count()"), "1000000");
    EXPECT_EQ(total(), "500000500000");
    EXPECT_EQ(target.text("uniqExact(amount)"), "1000000");
}

}  // namespace
}  // namespace tinybird_cdk
