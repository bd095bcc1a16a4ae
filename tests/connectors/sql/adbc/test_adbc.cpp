// SPDX-License-Identifier: Apache-2.0
//
// The connector to any ADBC driver, with those of SQLite and PostgreSQL.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/registry.hpp>

#include "core/ids.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Target;

std::vector<std::string> values_of(const std::vector<ScopeItem>& items) {
    std::vector<std::string> values;
    std::transform(items.begin(), items.end(), std::back_inserter(values),
                   [](const ScopeItem& item) { return item.value; });
    return values;
}

class TestAdbcPostgresql : public ::testing::TestWithParam<Format> {
protected:
    TestAdbcPostgresql() {
        run("CREATE SCHEMA " + schema);
        run("CREATE TABLE " + schema +
            ".\"odd \"\"one\"\"\"(id bigint, \"select\" text, n numeric(38, 10), f double precision, d date, "
            "t timestamptz, b bytea, a int[])");
        run("INSERT INTO " + schema +
            ".\"odd \"\"one\"\"\" VALUES (9007199254740993, 'it''s \"x\"', 1234567890123456789012345678.0123456789, "
            "0.1, "
            "'2024-02-29', '2024-03-31 02:30:00.123456+02', '\\xff00', '{1,NULL,3}'), "
            "(-9223372036854775808, '', -0.0000000001, '-0', '1900-01-01', '1969-12-31 23:59:59.999999+00', '', '{}'), "
            "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{7}')");
    }
    ~TestAdbcPostgresql() override { run("DROP SCHEMA " + schema + " CASCADE"); }

    static Environment environment() {
        // The rest is in the variables that libpq reads by itself.
        return testing::tinybird_environment()
            .with("TB_CDK_ADBC_DRIVER", "postgresql")
            .with("TB_CDK_ADBC_URI", "postgresql://");
    }
    static void run(const std::string& sql) {
        adbc::Source source;
        source.driver = "postgresql";
        source.database = {{"uri", environment().get("TB_CDK_ADBC_URI").value()}};
        adbc::Connection(source, environment()).execute(sql);
    }

    const std::string schema = "t_" + core::random_hex(12);
    std::unique_ptr<SqlConnector> connector = sql_connector_for("adbc", environment());
};

INSTANTIATE_TEST_SUITE_P(Formats, TestAdbcPostgresql, ::testing::Values(Format::csv, Format::ndjson, Format::parquet),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestAdbcPostgresql, ATableArrivesAsItIs) {
    EXPECT_THAT(values_of(connector->list_scope()), Contains("postgres"));
    const auto schemas = values_of(connector->list_scope({{"catalog", "postgres"}}));
    EXPECT_THAT(schemas, Contains(schema));
    EXPECT_THAT(schemas, Not(Contains("pg_catalog")));
    const auto tables = connector->list_scope({{"catalog", "postgres"}, {"schema", schema}});
    ASSERT_EQ(tables.size(), 1U);
    EXPECT_EQ(tables[0].value, "odd \"one\"");
    EXPECT_EQ(tables[0].kind, "table");

    const schema::Schema suggested =
        connector->suggest_schema({{"catalog", "postgres"}, {"schema", schema}, {"table", "odd \"one\""}});
    const std::vector<std::string> types{"Nullable(Int64)",   "Nullable(String)",      "Nullable(String)",
                                         "Nullable(Float64)", "Nullable(Date32)",      "Nullable(DateTime64(6, 'UTC'))",
                                         "Nullable(String)",  "Array(Nullable(Int32))"};
    for (std::size_t i = 0; i < types.size(); ++i) {
        EXPECT_EQ(suggested.columns.at(i).type.to_string(), types[i]) << suggested.columns.at(i).name;
    }
    Target target(suggested);
    LoadOptions options;
    options.format = GetParam();
    options.on_quarantine = tinybird::OnQuarantine::fail;
    EXPECT_EQ(connector->append(connector->ingest_query(suggested), target.name(), options).rows, 3U);
    EXPECT_EQ(target.text("count()",
                          "WHERE id = 9007199254740993 AND `select` = 'it\\'s \"x\"' "
                          "AND n = '1234567890123456789012345678.0123456789' AND f = 0.1 "
                          "AND d = '2024-02-29' AND toString(t) = '2024-03-31 00:30:00.123456' "
                          "AND b = '/wA=' AND a = [1, NULL, 3]"),
              "1");
    EXPECT_EQ(target.text("count()",
                          "WHERE id = -9223372036854775808 AND `select` = '' AND n = '-0.0000000001' "
                          "AND reinterpretAsUInt64(f) = 9223372036854775808 AND d = '1900-01-01' "
                          "AND toString(t) = '1969-12-31 23:59:59.999999' AND b = '' AND a = []"),
              "1");
    EXPECT_EQ(target.text("count()",
                          "WHERE isNull(id) AND isNull(`select`) AND isNull(n) AND isNull(f) AND isNull(d) "
                          "AND isNull(t) AND isNull(b) AND a = [7]"),
              "1");
    connector->replace("SELECT * FROM (" + connector->ingest_query(suggested) + ") AS s WHERE id > 0", target.name(),
                       options);
    EXPECT_EQ(target.text("count()"), "1");
}

// The driver tells of keys and of what may be NULL.
TEST_P(TestAdbcPostgresql, KeysAndNullabilityAreThoseOfTheTable) {
    run("CREATE TABLE " + schema + ".keyed (v text, b int, a text NOT NULL, PRIMARY KEY (b, a))");
    const schema::Schema suggested =
        connector->suggest_schema({{"catalog", "postgres"}, {"schema", schema}, {"table", "keyed"}});
    EXPECT_EQ(suggested.columns.at(0).type.to_string(), "Nullable(String)");
    EXPECT_EQ(suggested.columns.at(1).type.to_string(), "Int32");
    EXPECT_EQ(suggested.columns.at(2).type.to_string(), "String");
    EXPECT_EQ(suggested.sorting_key, (std::vector<std::string>{"b", "a"}));
}

TEST_P(TestAdbcPostgresql, RowsAreThoseOfTheStatistics) {
    run("CREATE TABLE " + schema + ".counted AS SELECT generate_series(1, 1234) AS n");
    run("ANALYZE " + schema + ".counted");
    const auto tables = connector->list_scope({{"catalog", "postgres"}, {"schema", schema}});
    ASSERT_EQ(tables.size(), 2U);
    EXPECT_EQ(tables[0].value, "counted");
    EXPECT_EQ(tables[0].rows, 1234U);
}

TEST_P(TestAdbcPostgresql, TheSourcesOwnMessageIsKept) {
    try {
        connector->query_db("SELECT 1 FROM no_such_table");
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("relation \"no_such_table\" does not exist"));
        EXPECT_EQ(error.sqlstate(), "42P01");
    }
}

class TestAdbcSqlite : public ::testing::Test {
protected:
    std::unique_ptr<SqlConnector> connector = sql_connector_for(
        "adbc", Environment::of({{"TB_CDK_ADBC_DRIVER", "sqlite"}, {"TB_CDK_ADBC_OPTION_1", "uri=file::memory:"}}));
};

TEST_F(TestAdbcSqlite, OptionsReachTheDriver) {
    EXPECT_EQ(connector->query_db_scalar("SELECT 6 * 7").to_text(), "42");
    EXPECT_THAT(values_of(connector->list_scope()), Contains("main"));
}

TEST_F(TestAdbcSqlite, OptionsNeedANameAndAValue) {
    EXPECT_THROW(sql_connector_for("adbc", Environment::of({})), errors::MissingConfiguration);
    EXPECT_THROW(sql_connector_for(
                     "adbc", Environment::of({{"TB_CDK_ADBC_DRIVER", "sqlite"}, {"TB_CDK_ADBC_OPTION_1", "no value"}})),
                 errors::InvalidArgument);
}

TEST_F(TestAdbcSqlite, AnUnknownOptionIsTheDriversError) {
    const auto odd = sql_connector_for(
        "adbc", Environment::of({{"TB_CDK_ADBC_DRIVER", "sqlite"}, {"TB_CDK_ADBC_OPTION_1", "adbc.no.such=1"}}));
    try {
        odd->query_db("SELECT 1");
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("adbc.no.such"));
    }
}

// libpq takes a slash in a password for the end of it, and quotes what it finds in its place.
TEST(TestAdbcSecrets, AMalformedUriShowsNoPartOfItsPassword) {
    const auto connector = sql_connector_for(
        "adbc", testing::tinybird_environment()
                    .with("TB_CDK_ADBC_DRIVER", "postgresql")
                    .with("TB_CDK_ADBC_URI", "postgresql://me:hunter2secret/rest@pass@127.0.0.1:5/db"));
    try {
        connector->query_db("SELECT 1");
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::Error& error) {
        const std::string shown = logger::mask(std::string(error.what()) + error.hint());
        EXPECT_THAT(shown, Not(HasSubstr("hunter2")));
        EXPECT_THAT(shown, Not(HasSubstr("rest@")));
    }
}

}  // namespace
}  // namespace tinybird_cdk
