// SPDX-License-Identifier: Apache-2.0
//
// Time-outs, and whom to read from. A real replica is in test_replica.py.
#include <chrono>
#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "connectors/sql/mysql/server.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::HasSubstr;
using testing::MysqlDatabase;
using testing::Target;
using namespace std::chrono_literals;

class TestMysqlSourceLimits : public ::testing::Test {
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

    MysqlDatabase source;
    std::unique_ptr<SqlConnector> connector = source.connector();
};

TEST_F(TestMysqlSourceLimits, AStatementEndsWithItsTime) {
    connector->set_source_limits({.statement_timeout = 300ms});
    expect_failure([&] { connector->query_db("SELECT count(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b"); },
                   errors::ExitCode::temporary, "max_statement_time exceeded");
    EXPECT_EQ(connector->query_db_scalar("SELECT @@max_statement_time").to_text(), "0.3");
    connector->set_source_limits({});
    EXPECT_EQ(connector->query_db_scalar("SELECT @@max_statement_time").to_text(), "0");
}

// While rows are on their way.
TEST_F(TestMysqlSourceLimits, ALoadEndsWithItsTime) {
    schema::Schema schema;
    schema.columns = {{"seq", "", schema::UInt64(), "", "", ""}};
    Target target(schema);
    LoadOptions options;
    options.limits = SourceLimits{.statement_timeout = 300ms};
    expect_failure([&] { connector->append("SELECT seq FROM seq_1_to_1000000000000", target.name(), options); },
                   errors::ExitCode::temporary, "max_statement_time exceeded");
    EXPECT_EQ(target.text("count()"), "0");
    EXPECT_EQ(source.text("SELECT count(*) FROM information_schema.PROCESSLIST WHERE info LIKE '%000000000000%' AND id "
                          "<> connection_id()"),
              "0");
}

TEST_F(TestMysqlSourceLimits, AWaitForALockEnds) {
    source.run("CREATE TABLE t (id int); LOCK TABLES t WRITE");
    connector->set_source_limits({.lock_timeout = 100ms});
    expect_failure([&] { connector->query_db("SELECT * FROM t"); }, errors::ExitCode::temporary, "error 1205");
    source.run("UNLOCK TABLES");
    EXPECT_TRUE(connector->query_db("SELECT * FROM t").empty());
    // In whole seconds, upwards.
    EXPECT_EQ(
        connector->query_db_scalar("SELECT concat(@@lock_wait_timeout, ' ', @@innodb_lock_wait_timeout)").to_text(),
        "1 1");
}

TEST_F(TestMysqlSourceLimits, OnlyAReplicaWillDo) {
    connector->set_source_limits({.replica = true});
    expect_failure([&] { connector->query_db("SELECT 1"); }, errors::ExitCode::bad_input, "this server takes writes");
    expect_failure([&] { connector->list_scope(); }, errors::ExitCode::bad_input, "this server takes writes");
    // Who may not ask is not let through.
    source.run("CREATE USER " + source.name() + " IDENTIFIED BY 'some words'");
    const auto blind = sql_connector_for("mysql", Environment::process()
                                                      .with("MYSQL_DATABASE", "")
                                                      .with("MYSQL_USER", source.name())
                                                      .with("MYSQL_PWD", "some words"));
    blind->set_source_limits({.replica = true});
    expect_failure([&] { blind->query_db("SELECT 1"); }, errors::ExitCode::bad_input, "may not see whether");
    // A server that takes no writes is as good.
    source.run("SET GLOBAL read_only = 1");
    Value answer;
    EXPECT_NO_THROW(answer = blind->query_db_scalar("SELECT 1"));
    source.run("SET GLOBAL read_only = 0; DROP USER " + source.name());
    EXPECT_EQ(answer.to_text(), "1");
}

}  // namespace
}  // namespace tinybird_cdk
