// SPDX-License-Identifier: Apache-2.0
//
// Time-outs, and whom to read from. A real standby is in test_standby.py.
#include <chrono>
#include <functional>
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
using namespace std::chrono_literals;

class TestPostgresqlSourceLimits : public ::testing::Test {
protected:
    static void expect_failure(const std::function<void()>& call, errors::ExitCode code, const std::string& text) {
        try {
            call();
            ADD_FAILURE() << "nothing was thrown";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr(text));
            EXPECT_EQ(error.exit_code(), code);
        }
    }

    PostgresqlSchema source;
    std::unique_ptr<SqlConnector> connector = PostgresqlSchema::connector();
};

TEST_F(TestPostgresqlSourceLimits, AStatementEndsWithItsTime) {
    connector->set_source_limits({.statement_timeout = 300ms});
    expect_failure([&] { connector->query_db("SELECT pg_sleep(300)"); }, errors::ExitCode::temporary,
                   "canceling statement due to statement timeout");
    EXPECT_EQ(connector->query_db_scalar("SHOW statement_timeout").to_text(), "300ms");
    connector->set_source_limits({});
    EXPECT_EQ(connector->query_db_scalar("SHOW statement_timeout").to_text(), "0");
}

// While rows are on their way.
TEST_F(TestPostgresqlSourceLimits, ALoadEndsWithItsTime) {
    schema::Schema schema;
    schema.columns = {{"n", "", schema::Int64(), "", "", ""}};
    Target target(schema);
    LoadOptions options;
    options.limits = SourceLimits{.statement_timeout = 300ms};
    expect_failure(
        [&] { connector->append("SELECT n FROM generate_series(1, 1000000000000) n", target.name(), options); },
        errors::ExitCode::temporary, "canceling statement due to statement timeout");
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_F(TestPostgresqlSourceLimits, AWaitForALockEnds) {
    source.run("CREATE TABLE t (id int)");
    source.run("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
    connector->set_source_limits({.lock_timeout = 100ms});
    const std::string query = "SELECT * FROM " + source.name() + ".t";
    expect_failure([&] { connector->query_db(query); }, errors::ExitCode::temporary,
                   "canceling statement due to lock timeout");
    source.run("COMMIT");
    EXPECT_TRUE(connector->query_db(query).empty());
}

// The lock time-out is the patience with writers too.
TEST_F(TestPostgresqlSourceLimits, AWaitForWritersEnds) {
    source.run("CREATE TABLE t (id bigserial)");
    PostgresqlSchema other;
    // The one that is not committed has the lower number.
    other.run("BEGIN; INSERT INTO " + source.name() + ".t DEFAULT VALUES");
    source.run("INSERT INTO t DEFAULT VALUES");
    schema::Schema schema;
    schema.columns = {{"id", "", schema::Int64(), "", "", ""}};
    Target target(schema);
    LoadOptions options;
    options.limits = SourceLimits{.lock_timeout = 300ms};
    options.incremental = {.column = "id", .lag = {}};
    expect_failure([&] { connector->append("SELECT id FROM " + source.name() + ".t", target.name(), options); },
                   errors::ExitCode::temporary, "has been writing to the query's tables for more than 0.3 s");
    other.run("COMMIT");
    EXPECT_EQ(connector->append("SELECT id FROM " + source.name() + ".t", target.name(), options).rows, 2U);
}

TEST_F(TestPostgresqlSourceLimits, OnlyAReplicaWillDo) {
    connector->set_source_limits({.replica = true});
    try {
        connector->query_db("SELECT 1");
        ADD_FAILURE() << "a primary was read";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("not in hot standby mode"));
        EXPECT_THAT(error.hint(), HasSubstr("A replica was asked for"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
    }
    EXPECT_THROW(connector->list_scope(), errors::ExternalDatasourceError);
}

}  // namespace
}  // namespace tinybird_cdk
