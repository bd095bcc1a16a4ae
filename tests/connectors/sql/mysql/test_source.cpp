// SPDX-License-Identifier: Apache-2.0
//
// What the connector says of its source: scopes, schemas, samples, queries, errors.
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/sql/mysql/server.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::MysqlDatabase;
using ::testing::Not;

class TestMysqlSource : public ::testing::Test {
protected:
    Parents table(const std::string& name) { return {{"database", source.name()}, {"table", name}}; }

    MysqlDatabase source;
    std::unique_ptr<SqlConnector> connector = source.connector();
};

TEST_F(TestMysqlSource, AStopEndsAQueryAtTheSource) {
    std::stop_source stop;
    connector->set_stop(stop.get_token());
    const std::string running =
        "SELECT count(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT sleep(3600)%' AND DB = '" +
        source.name() + "'";
    MysqlDatabase observer;
    const auto wait_for = [&](const std::string& count) {
        while (observer.text(running) != count) {
        }
    };
    {
        const std::jthread person([&] {
            wait_for("1");
            stop.request_stop();
        });
        EXPECT_THROW(connector->query_db("SELECT sleep(3600)"), errors::InterruptedError);
    }
    wait_for("0");
    EXPECT_THROW(connector->list_scope(), errors::InterruptedError) << "what is stopped stays so";
}

TEST_F(TestMysqlSource, ScopesLeadToTables) {
    source.run(
        "CREATE TABLE `Odd ``name` (id int); CREATE VIEW v AS SELECT 1 AS one; CREATE SEQUENCE s; "
        "CREATE TABLE versioned (id int) WITH SYSTEM VERSIONING");
    const auto scopes = connector->get_scopes();
    ASSERT_EQ(scopes.size(), 2U);
    EXPECT_EQ(scopes[0].value, "database");
    EXPECT_EQ(scopes[1].value, "table");
    std::vector<std::string> databases;
    for (const ScopeItem& item : connector->list_scope()) {
        databases.push_back(item.value);
    }
    EXPECT_THAT(databases, Contains(source.name()));
    for (const char* const system : {"mysql", "information_schema", "performance_schema", "sys"}) {
        EXPECT_THAT(databases, Not(Contains(system)));
    }
    std::map<std::string, std::string> kinds;
    for (const ScopeItem& item : connector->list_scope({{"database", source.name()}})) {
        kinds.emplace(item.value, item.kind);
    }
    const std::map<std::string, std::string> expected{
        {"Odd `name", "table"}, {"v", "view"}, {"s", "sequence"}, {"versioned", "table"}};
    EXPECT_EQ(kinds, expected);
}

TEST_F(TestMysqlSource, SizesAreTold) {
    source.run(
        "CREATE TABLE t ENGINE = InnoDB AS SELECT seq AS i FROM seq_1_to_1000; ANALYZE TABLE t; "
        "CREATE VIEW v AS SELECT * FROM t");
    for (const ScopeItem& item : connector->list_scope({{"database", source.name()}})) {
        if (item.value == "t") {
            EXPECT_EQ(item.rows, 1000U);
            EXPECT_GE(item.bytes, 16384U);
        } else {
            EXPECT_EQ(item.rows, std::nullopt) << item.value;
            EXPECT_EQ(item.bytes, std::nullopt) << item.value;
        }
    }
}

TEST_F(TestMysqlSource, UnknownScopesAreRefused) {
    EXPECT_THROW(connector->list_scope({{"database", "there_is_none"}}), errors::InvalidArgument);
    EXPECT_TRUE(connector->list_scope({{"database", source.name()}}).empty());
    EXPECT_THROW(connector->suggest_schema(table("nope")), errors::InvalidArgument);
    EXPECT_THROW(connector->suggest_schema(table("x' OR '1' = '1")), errors::InvalidArgument);
}

TEST_F(TestMysqlSource, SchemaFollowsKeysAndNulls) {
    source.run(
        "CREATE TABLE t (b int, a bigint unsigned, c varchar(3) NOT NULL, d timestamp(3) NULL, e datetime NOT NULL, "
        "f decimal(65,30), g enum('x') NOT NULL, h tinyint(1) NOT NULL, i bit(12) NOT NULL, j year NOT NULL, "
        "k date NOT NULL, l longblob, m enum('unsigned') NOT NULL, PRIMARY KEY (a, b))");
    const schema::Schema schema = connector->suggest_schema(table("t"));
    EXPECT_EQ(schema.to_parameter(false),
              "`b` Int32, `a` UInt64, `c` String, `d` Nullable(DateTime64(3, 'UTC')), `e` DateTime64(3), "
              "`f` Nullable(Decimal(65, 30)), `g` LowCardinality(String), `h` Int8, `i` UInt16, `j` UInt16, "
              "`k` Date32, `l` Nullable(String), `m` LowCardinality(String)");
    EXPECT_EQ(schema.sorting_key, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(schema.columns.at(1).source_type, "bigint(20) unsigned");
    EXPECT_THAT(schema.columns.at(4).remark, HasSubstr("zero dates"));
    EXPECT_THAT(schema.columns.at(7).remark, HasSubstr("Bool"));
    EXPECT_THAT(schema.columns.at(11).remark, HasSubstr("base64"));
}

/// "t" and "T" are two tables.
TEST_F(TestMysqlSource, NamesAreToldApartByCase) {
    source.run("CREATE TABLE t (a int NOT NULL); CREATE TABLE T (b bigint NOT NULL)");
    EXPECT_EQ(connector->suggest_schema(table("t")).to_parameter(false), "`a` Int32");
    EXPECT_EQ(connector->suggest_schema(table("T")).to_parameter(false), "`b` Int64");
}

TEST_F(TestMysqlSource, ViewsMayHaveNulls) {
    source.run("CREATE TABLE t (a int NOT NULL); CREATE VIEW v AS SELECT a FROM t");
    EXPECT_EQ(connector->suggest_schema(table("v")).to_parameter(false), "`a` Nullable(Int32)");
}

TEST_F(TestMysqlSource, OddNamesAreQuoted) {
    source.run(
        "CREATE TABLE `Select` (`from` int, `a``b` text, `é` int, `q\"'` int); "
        "INSERT INTO `Select` VALUES (1, 'x', 2, 3), (4, 'y', 5, 6)");
    const schema::Schema schema = connector->suggest_schema(table("Select"));
    const ResultSet rows = connector->sample(schema, {}, 1);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(Value(rows[0]).at("a`b").to_text(), "x");
    EXPECT_EQ(Value(rows[0]).at("é").to_text(), "2");
    EXPECT_EQ(Value(rows[0]).at("q\"'").to_text(), "3");
    EXPECT_EQ(connector->sample(schema, {"from"})[0].size(), 1U);
    EXPECT_THROW(connector->ingest_query(schema, {"nope"}), errors::InvalidArgument);
}

TEST_F(TestMysqlSource, QueriesGiveExactValues) {
    const ResultSet rows = connector->query_db(
        "SELECT 9007199254740993 AS i, 18446744073709551615 AS u, 12345678901234567890.12 AS n, NULL AS z, '' AS e, "
        "CAST('0000-00-00' AS date) AS d, CAST('-100:00:00.5' AS time(1)) AS t, x'00ff' AS b");
    const Value row(rows.at(0));
    EXPECT_EQ(row.at("i"), Value(std::int64_t{9007199254740993}));
    EXPECT_EQ(row.at("u"), Value(std::uint64_t{18446744073709551615U}));
    EXPECT_EQ(row.at("n").to_text(), "12345678901234567890.12");
    EXPECT_TRUE(row.at("z").is_null());
    EXPECT_EQ(row.at("e"), Value(""));
    EXPECT_EQ(row.at("d").to_text(), "0000-00-00");
    EXPECT_EQ(row.at("t").to_text(), "-100:00:00.5");
    EXPECT_EQ(row.at("b").to_text(), "AP8=");
    EXPECT_TRUE(connector->query_db_scalar("SELECT 1 FROM dual WHERE false").is_null());
}

TEST_F(TestMysqlSource, QueriesMayBeAnyOneStatement) {
    EXPECT_EQ(connector->query_db_scalar("VALUES (7); -- seven").to_text(), "7");
    EXPECT_EQ(connector->query_db_scalar("EXPLAIN SELECT 1").to_text(), "1");
    EXPECT_THROW(connector->query_db("SELECT 1; SELECT 2"), errors::InvalidArgument);
    EXPECT_THROW(connector->query_db(" -- nothing"), errors::InvalidArgument);
}

TEST_F(TestMysqlSource, TheSourceIsNeverChanged) {
    source.run("CREATE TABLE t (id int); CREATE TABLE m (id int) ENGINE = MyISAM");
    for (const char* const table : {"t", "m"}) {
        EXPECT_THROW(connector->query_db(std::string("INSERT INTO ") + table + " VALUES (1)"), errors::Error);
        EXPECT_EQ(source.text(std::string("SELECT count(*) FROM ") + table), "0");
    }
    EXPECT_THROW(connector->query_db("TRUNCATE t"), errors::Error);
    EXPECT_THROW(connector->query_db("DROP TABLE t"), errors::Error);
    EXPECT_EQ(source.text("SELECT count(*) FROM t"), "0");
}

TEST_F(TestMysqlSource, BadSqlGivesTheServersMessage) {
    try {
        connector->query_db("SELECT 1,\n  nope FROM dual");
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("error 1054: Unknown column 'nope'"));
        EXPECT_EQ(error.sqlstate(), "42S22");
        EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
    }
    try {
        connector->query_db("SELECT 1\nFROM");
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("error 1064"));
        EXPECT_THAT(error.what(), HasSubstr("at line 2"));
    }
}

}  // namespace
}  // namespace tinybird_cdk
