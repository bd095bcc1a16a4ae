// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "connectors/sql/sqlite/sqlite_file.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::SqliteFile;

class TestSqliteConnector : public ::testing::Test {
protected:
    [[nodiscard]] std::unique_ptr<SqlConnector> connector() const {
        return sql_connector_for("sqlite", file.environment());
    }

    [[nodiscard]] schema::Schema suggested(const std::string& table) const {
        return connector()->suggest_schema({{"table", table}});
    }

    [[nodiscard]] std::map<std::string, std::string> types(const std::string& table) const {
        std::map<std::string, std::string> found;
        for (const schema::Column& column : suggested(table).columns) {
            found[column.name] = column.type.to_string();
        }
        return found;
    }

    SqliteFile file;
};

TEST_F(TestSqliteConnector, NeedsItsVariable) {
    EXPECT_THROW(connector_for("sqlite", Environment::of({})), errors::MissingConfiguration);
    EXPECT_THROW(connector_for("sqlite", Environment::of({{"SQLITE_DATABASE", ""}})), errors::MissingConfiguration);
    EXPECT_THROW(connector_for("sqlite", file.environment().with("SQLITE_BUSY_TIMEOUT_MS", "5s")),
                 errors::InvalidArgument);
}

TEST_F(TestSqliteConnector, ScopesLeadToATable) {
    file.execute("CREATE TABLE t(a)");
    const auto scopes = connector()->get_scopes();
    ASSERT_EQ(scopes.size(), 1U);
    EXPECT_EQ(scopes[0].name, "Table");
    EXPECT_EQ(scopes[0].value, "table");
    EXPECT_EQ(connector()->list_scope().at(0).value, "t");
}

TEST_F(TestSqliteConnector, TypesAreThoseOfTheData) {
    file.execute(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n INT NOT NULL, price DECIMAL(8,2), flag BOOLEAN, day DATE, "
        "at TIMESTAMP NOT NULL, mixed INT, doc JSON, bytes BLOB, label TEXT, twice AS (n * 2));"
        "INSERT INTO t VALUES (1, 5, 1.5, 0, '2024-01-01', '2024-01-01 10:00:00', 1, '{}', x'00', 'a'),"
        "(2, 6, 2, 1, NULL, '2024-01-01 10:00:00.5', 'x', '{}', NULL, NULL)");
    const schema::Schema schema = suggested("T");
    EXPECT_EQ(schema.table, "t");
    EXPECT_EQ(schema.scopes, (std::vector<std::pair<std::string, std::string>>{{"table", "t"}}));
    EXPECT_THAT(schema.sorting_key, ElementsAre("id"));
    EXPECT_EQ(types("t"), (std::map<std::string, std::string>{{"id", "Int64"},
                                                              {"n", "Int64"},
                                                              {"price", "Nullable(Float64)"},
                                                              {"flag", "Nullable(Bool)"},
                                                              {"day", "Nullable(Date32)"},
                                                              {"at", "DateTime64(3)"},
                                                              {"mixed", "Nullable(String)"},
                                                              {"doc", "Nullable(String)"},
                                                              {"bytes", "Nullable(String)"},
                                                              {"label", "Nullable(String)"},
                                                              {"twice", "Nullable(Int64)"}}));
    EXPECT_EQ(schema.columns.at(2).source_type, "DECIMAL(8,2)");
}

TEST_F(TestSqliteConnector, AKeyThatMayBeNullIsNoSortingKey) {
    file.execute("CREATE TABLE t(a TEXT, b TEXT NOT NULL, PRIMARY KEY(b, a))");
    const schema::Schema schema = suggested("t");
    EXPECT_THAT(schema.sorting_key, IsEmpty());
    EXPECT_THAT(schema.columns.at(0).remark, HasSubstr("no sorting key"));
    EXPECT_THAT(schema.columns.at(1).remark, ::testing::Not(HasSubstr("no sorting key")));

    file.execute("CREATE TABLE u(a TEXT, b TEXT, PRIMARY KEY(b, a)) WITHOUT ROWID");
    EXPECT_THAT(suggested("u").sorting_key, ElementsAre("b", "a"));
}

TEST_F(TestSqliteConnector, ViewsAreSuggestedToo) {
    file.execute("CREATE TABLE t(a INT); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT a, a + 0.5 AS half FROM t");
    EXPECT_EQ(types("v"),
              (std::map<std::string, std::string>{{"a", "Nullable(Int64)"}, {"half", "Nullable(Float64)"}}));
}

TEST_F(TestSqliteConnector, IngestQueryGivesTheColumnsUnderTheirNames) {
    file.execute(
        "CREATE TABLE \"order\"(\"select\" INT, \"a \"\"b\"\"\" TEXT, naïve TEXT, twice AS (\"select\" * 2)); "
        "INSERT INTO \"order\" VALUES (1, 'x', 'y')");
    const auto source = connector();
    const schema::Schema schema = suggested("order");
    const auto rows = source->query_db(source->ingest_query(schema));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0], (Value::Record{{"select", Value(std::int64_t{1})},
                                      {"a \"b\"", Value("x")},
                                      {"naïve", Value("y")},
                                      {"twice", Value(std::int64_t{2})}}));

    const auto two = source->query_db(source->ingest_query(schema, {"naïve", "select"}));
    EXPECT_EQ(two.at(0), (Value::Record{{"naïve", Value("y")}, {"select", Value(std::int64_t{1})}}));
    EXPECT_THROW(source->ingest_query(schema, {"nope"}), errors::InvalidArgument);
}

// In SQLite "gone" in double quotes is the text gone where there is no column of that name.
TEST_F(TestSqliteConnector, AColumnThatIsGoneIsAnErrorAndNotItsName) {
    file.execute("CREATE TABLE t(a, gone); INSERT INTO t VALUES (1, 2)");
    const auto source = connector();
    const std::string query = source->ingest_query(suggested("t"));
    file.execute("ALTER TABLE t DROP COLUMN gone");
    EXPECT_THROW(source->query_db(query), errors::ExternalDatasourceError);
}

TEST_F(TestSqliteConnector, SampleGivesTheFirstRows) {
    file.execute("CREATE TABLE t(a INT); INSERT INTO t VALUES (1), (2), (3)");
    EXPECT_EQ(connector()->sample(suggested("t"), {}, 2).size(), 2U);
    EXPECT_EQ(connector()->query_db_scalar("SELECT max(a) FROM t"), Value(std::int64_t{3}));
    EXPECT_TRUE(connector()->query_db_scalar("SELECT a FROM t WHERE a > 3").is_null());
}

TEST_F(TestSqliteConnector, EachCallSeesTheFileAsItIs) {
    const auto source = connector();
    EXPECT_THAT(source->list_scope(), IsEmpty());
    file.execute("CREATE TABLE t(a)");
    EXPECT_EQ(source->list_scope().size(), 1U);
}

TEST_F(TestSqliteConnector, AStatementEndsWithItsTime) {
    file.execute("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
    const auto source = connector();
    source->set_source_limits({.statement_timeout = std::chrono::milliseconds(200)});
    for (const char* const endless :
         {"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i % 1000 = 0"}) {
        try {
            source->query_db(endless);
            ADD_FAILURE() << "nothing was thrown";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("ran longer than the time-out of 200 ms"));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
        }
    }
    EXPECT_EQ(source->query_db_scalar("SELECT a FROM t"), Value(std::int64_t{1}));
}

TEST_F(TestSqliteConnector, AWaitForALockEnds) {
    file.execute("CREATE TABLE t(a); INSERT INTO t VALUES (1); BEGIN EXCLUSIVE");
    const auto source = connector();
    source->set_source_limits({.lock_timeout = std::chrono::milliseconds(50)});
    try {
        source->query_db("SELECT * FROM t");
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "SQLITE_BUSY");
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
    }
    file.execute("COMMIT");
    EXPECT_EQ(source->query_db_scalar("SELECT a FROM t"), Value(std::int64_t{1}));
}

TEST_F(TestSqliteConnector, AFileHasNoReplica) {
    file.execute("CREATE TABLE t(a)");
    const auto source = connector();
    EXPECT_THROW(source->set_source_limits({.replica = true}), errors::InvalidArgument);
    EXPECT_EQ(source->list_scope().size(), 1U) << "what is refused changes nothing";
}

}  // namespace
}  // namespace tinybird_cdk
