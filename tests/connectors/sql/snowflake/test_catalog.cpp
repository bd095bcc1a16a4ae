// SPDX-License-Identifier: Apache-2.0
// Who is let in, what the connector says of databases, schemas, tables and queries, and the objects that unloads need.
// Logins, roles, integrations and stages are played by tests/helpers/snowflake_service, the rest is fakesnow's.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/registry.hpp>
#include <tinybird_cdk/snowflake.hpp>

#include "account.hpp"
#include "connectors/snowflake/failure.hpp"
#include "core/ids.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Namespace;
using ::testing::Not;
using testing::snowflake_environment;

std::vector<std::string> values_of(const std::vector<ScopeItem>& items) {
    std::vector<std::string> values;
    for (const ScopeItem& item : items) {
        values.push_back(item.value);
    }
    return values;
}

class TestSnowflakeCatalog : public ::testing::Test {
protected:
    Namespace data;
    std::unique_ptr<SqlConnector> connector = sql_connector_for("snowflake", snowflake_environment());
    snowflake::Connector& own = dynamic_cast<snowflake::Connector&>(*connector);
};

TEST_F(TestSnowflakeCatalog, ScopesLeadFromADatabaseToATable) {
    std::vector<std::string> scopes;
    for (const Scope& scope : connector->get_scopes()) {
        scopes.push_back(scope.value);
    }
    EXPECT_THAT(scopes, ElementsAre("database", "schema", "table"));
    EXPECT_THAT(values_of(connector->list_scope()), Contains(data.database()));
    const auto schemas = values_of(connector->list_scope({{"database", data.database()}}));
    EXPECT_THAT(schemas, Contains(data.name()));
    EXPECT_THAT(schemas, Not(Contains("INFORMATION_SCHEMA")));
    EXPECT_TRUE(connector->list_scope({{"database", data.database()}, {"schema", data.name()}}).empty());
}

TEST_F(TestSnowflakeCatalog, TablesHaveTheirRowsAndViewsHaveNone) {
    data.execute("CREATE TABLE {s}.USERS (ID INT)");
    data.execute("INSERT INTO {s}.USERS VALUES (1), (2), (3)");
    data.execute("CREATE VIEW {s}.SEEN AS SELECT ID FROM {s}.USERS");
    const auto items = connector->list_scope({{"database", data.database()}, {"schema", data.name()}});
    ASSERT_THAT(values_of(items), ElementsAre("SEEN", "USERS"));
    EXPECT_EQ(items[0].kind, "view");
    EXPECT_EQ(items[0].rows, std::nullopt);
    EXPECT_EQ(items[1].kind, "table");
    EXPECT_EQ(items[1].rows, 3U);
}

TEST_F(TestSnowflakeCatalog, NamesMayHaveQuotesAndAnyLetters) {
    const std::string name = "we\"ird \u0442\u0431\u043b";
    data.execute(
        "CREATE TABLE {s}.\"we\"\"ird \u0442\u0431\u043b\" (\"s\u00e9lect\" INT, \"a\"\"b\" VARCHAR, \"order\" INT)");
    data.execute("INSERT INTO {s}.\"we\"\"ird \u0442\u0431\u043b\" VALUES (1, '', NULL)");
    const auto items = connector->list_scope({{"database", data.database()}, {"schema", data.name()}});
    EXPECT_THAT(values_of(items), ElementsAre(name));
    const ResultSet rows = connector->sample(connector->suggest_schema(data.table(name)));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(Value(rows[0]).to_json(), "{\"s\u00e9lect\":1,\"a\\\"b\":\"\",\"order\":null}");
}

/// Some words are no name of a query in FROM.
TEST_F(TestSnowflakeCatalog, AReservedNameIsRefusedWithoutQuotes) {
    EXPECT_EQ(connector->query_db_scalar("SELECT * FROM (SELECT 1 AS A) AS \"sample\"").to_text(), "1");
    EXPECT_THROW(connector->query_db("SELECT * FROM (SELECT 1 AS A) AS sample"), errors::ExternalDatasourceError);
}

TEST_F(TestSnowflakeCatalog, ColumnsThatAnExternalTableDeclaresAreOnesOfTheTable) {
    if (!testing::emulator_url()) {
        GTEST_SKIP() << "on a real account: an external table needs a stage with files";
    }
    data.execute(
        "CREATE EXTERNAL TABLE {s}.T (N INT AS (VALUE:c1::INT), S VARCHAR AS (VALUE:c2::VARCHAR)) LOCATION = @FILES "
        "FILE_FORMAT = (TYPE = CSV)");
    const schema::Schema schema = connector->suggest_schema(data.table("T"));
    std::vector<std::string> names;
    for (const schema::Column& column : schema.columns) {
        names.push_back(column.name);
    }
    EXPECT_THAT(names, ElementsAre("VALUE", "N", "S"));
    EXPECT_THAT(connector->ingest_query(schema), HasSubstr("SELECT \"VALUE\", \"N\", \"S\""));
}

TEST_F(TestSnowflakeCatalog, ASchemaIsSuggestedForEachType) {
    data.execute(
        "CREATE TABLE {s}.T (A NUMBER(2,0) NOT NULL, B NUMBER(4,0), C NUMBER(9,0), D NUMBER(18,0), E INT, F "
        "NUMBER(10,2), G FLOAT, H BOOLEAN, I VARCHAR(10), J BINARY, K DATE, L TIME, M TIMESTAMP_NTZ, N TIMESTAMP_TZ, O "
        "VARIANT, P OBJECT, \"q r\" INT)");
    const schema::Schema schema = connector->suggest_schema(data.table("T"));
    std::vector<std::string> types;
    for (const schema::Column& column : schema.columns) {
        types.push_back(column.name + " " + column.type.to_string());
    }
    EXPECT_THAT(types,
                ElementsAre("A Int8", "B Nullable(Int16)", "C Nullable(Int32)", "D Nullable(Int64)",
                            "E Nullable(Int128)", "F Nullable(Decimal(10, 2))", "G Nullable(Float64)",
                            "H Nullable(Bool)", "I Nullable(String)", "J Nullable(String)", "K Nullable(Date32)",
                            "L Nullable(String)", "M Nullable(DateTime64(9))", "N Nullable(DateTime64(9, 'UTC'))",
                            "O Nullable(String)", "P Nullable(String)", "q r Nullable(Int128)"));
    EXPECT_EQ(connector->ingest_query(schema, {"A", "q r"}),
              "SELECT \"A\", \"q r\"\nFROM \"" + data.database() + "\".\"" + data.name() + "\".\"T\"");
}

TEST_F(TestSnowflakeCatalog, QueriesGiveTypedValues) {
    const ResultSet rows = connector->query_db(
        "SELECT 1 AS I, 1.50 AS N, 0.1::FLOAT AS F, TRUE AS B, 'x' AS S, NULL AS Z, PARSE_JSON('{\"a\":[1]}') AS V -- "
        "that is all;");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(Value(rows[0]).to_json(), R"({"I":1,"N":1.5,"F":0.1,"B":true,"S":"x","Z":null,"V":"{\"a\":[1]}"})");
    EXPECT_THAT(Value(connector->query_db("SHOW DATABASES").at(0)).to_json(), HasSubstr("\"name\""));
}

TEST_F(TestSnowflakeCatalog, RefusalsHaveTheServersTextAndALinkToTheQuery) {
    try {
        connector->query_db(data.sql("SELECT * FROM {s}.MISSING"));
        FAIL() << "there is no such table";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("Snowflake failed"));
        EXPECT_THAT(error.what(), HasSubstr("MISSING"));
        EXPECT_THAT(error.hint(), HasSubstr("https://app.snowflake.com/"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
    }
    EXPECT_THROW(connector->suggest_schema(data.table("MISSING")), errors::ExternalDatasourceError);
}

/// Names stand in quotes, and Snowflake keeps those that were made without in capitals.
TEST_F(TestSnowflakeCatalog, ANameInOtherLettersHasAHint) {
    data.execute("CREATE TABLE {s}.USERS (ID INT)");
    std::string small = data.name();
    std::transform(small.begin(), small.end(), small.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    for (const Parents& scopes :
         {data.table("no such"), Parents{{"database", data.database()}, {"schema", small}, {"table", "none"}}}) {
        try {
            const auto columns = connector->suggest_schema(scopes).columns.size();
            FAIL() << "there is no such table, and it has " << columns << " columns";
        } catch (const errors::Error& error) {
            EXPECT_THAT(error.hint(), HasSubstr("capitals")) << error.what();
            EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
        }
    }
}

TEST_F(TestSnowflakeCatalog, AStatementMayEndInAComment) {
    EXPECT_EQ(connector->query_db_scalar("SELECT 'a;' AS A; -- that is all;\n").to_text(), "a;");
    EXPECT_THROW(connector->query_db("SELECT 1; SELECT 2"), errors::InvalidArgument);
}

TEST_F(TestSnowflakeCatalog, NothingIsWritten) {
    data.execute("CREATE TABLE {s}.T AS SELECT 1 AS A");
    EXPECT_THROW(connector->query_db(data.sql("DELETE FROM {s}.T")), errors::InvalidArgument);
    EXPECT_THROW(connector->query_db(data.sql("/* SELECT */ CREATE TABLE {s}.U AS SELECT 1 AS A")),
                 errors::InvalidArgument);
    EXPECT_EQ(connector->query_db_scalar(data.sql("SELECT COUNT(*) FROM {s}.T")).to_text(), "1");
}

TEST_F(TestSnowflakeCatalog, NothingIsWrittenBehindAShow) {
    data.execute("CREATE TABLE {s}.T AS SELECT 1 AS A");
    EXPECT_THROW(connector->query_db(data.sql("SHOW TABLES ->> DELETE FROM {s}.T")), errors::InvalidArgument);
    EXPECT_THROW(connector->query_db(data.sql("SHOW TABLES; DELETE FROM {s}.T")), errors::InvalidArgument);
    EXPECT_EQ(connector->query_db_scalar(data.sql("SELECT COUNT(*) FROM {s}.T")).to_text(), "1");
    EXPECT_FALSE(connector->query_db("SHOW DATABASES; -- '->>'").empty());
}

TEST_F(TestSnowflakeCatalog, AStopEndsTheWorkOfAServiceThatDoesNotAnswer) {
    if (!testing::emulator_url()) {
        GTEST_SKIP() << "on a real account: it can't be told not to answer";
    }
    const std::string query = "SELECT 1 /* never answered */ AS " + data.name();
    std::stop_source stop;
    connector->set_stop(stop.get_token());
    const std::jthread stopper([&](const std::stop_token& end) {
        while (!end.stop_requested() && testing::queries_with(data.name() + "\n) LIMIT 0").empty()) {
            std::this_thread::yield();
        }
        stop.request_stop();
    });
    EXPECT_THROW(connector->query_db(query), errors::InterruptedError);
}

TEST_F(TestSnowflakeCatalog, AStopEndsTheWork) {
    std::stop_source stop;
    stop.request_stop();
    connector->set_stop(stop.get_token());
    EXPECT_THROW(connector->query_db("SELECT 1"), errors::InterruptedError);
}

/// The statement that describes the columns comes first, and no warehouse is free for it.
TEST_F(TestSnowflakeCatalog, AStatementThatWaitsForAWarehouseEndsWithItsTime) {
    if (!testing::emulator_url()) {
        GTEST_SKIP() << "on a real account: its warehouse can't be told to be busy";
    }
    const std::string query = "SELECT 1 /* waits for a warehouse */ AS A";
    EXPECT_EQ(connector->query_db_scalar(query).to_text(), "1");
    connector->set_source_limits({.statement_timeout = std::chrono::milliseconds(1500)});
    try {
        connector->query_db(query);
        FAIL() << "there is no warehouse for it";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("timeout of 2 second(s)"));
        EXPECT_THAT(error.what(), HasSubstr("000630"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
    }
    connector->set_source_limits({});
    EXPECT_EQ(connector->query_db_scalar(query).to_text(), "1");
}

TEST_F(TestSnowflakeCatalog, WhatTheSessionLacksIsNamed) {
    if (!testing::emulator_url()) {
        GTEST_SKIP() << "on a real account: its user has a warehouse and a database";
    }
    for (const auto& [query, variable] : {std::pair{"SELECT 1 /* without a warehouse */ AS A", "SF_WAREHOUSE"},
                                          {"SELECT 1 /* without a database */ AS A", "SF_DATABASE"}}) {
        try {
            connector->query_db(query);
            ADD_FAILURE() << query;
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.hint(), HasSubstr(variable));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
        }
    }
}

/// As the client in the driver words them (net.OpError and net/http of Go).
TEST(TestSnowflakeFailure, ALostConnectionMayCome) {
    for (const char* const text :
         {"Post \"https://a.b/queries\": dial tcp 10.0.0.1:443: connect: connection timed out",
          "Post \"https://a.b/queries\": dial tcp 10.0.0.1:443: connect: no route to host",
          "Post \"https://a.b/queries\": dial tcp 10.0.0.1:443: connect: network is unreachable",
          "Post \"https://a.b/queries\": dial tcp: lookup a.b on 10.0.0.2:53: server misbehaving",
          "Get \"https://a.b/part\": context deadline exceeded",
          "Get \"https://a.b/part\": http2: use of closed network connection",
          "arrow/ipc: could not read message: read tcp 10.0.0.3:5->10.0.0.1:443: wsarecv: forcibly closed",
          "[Snowflake] 261001: failed to POST. HTTP: 503, URL: https://a.b/queries"}) {
        const auto meaning = snowflake::meaning_of(text);
        ASSERT_TRUE(meaning) << text;
        EXPECT_EQ(meaning->exit_code, errors::ExitCode::temporary) << text;
        EXPECT_THAT(meaning->hint, HasSubstr("was lost")) << text;
    }
    // The service may quote anything.
    EXPECT_EQ(snowflake::meaning_of("[Snowflake] 100038 (22018): Numeric value 'dial tcp' is not recognized"),
              std::nullopt);
}

TEST_F(TestSnowflakeCatalog, RolesAndWarehousesAreListed) {
    const auto roles = own.get_roles();
    ASSERT_FALSE(roles.empty());
    EXPECT_FALSE(roles.front().name.empty());
    const auto warehouses = own.get_warehouses();
    ASSERT_FALSE(warehouses.empty());
    EXPECT_FALSE(warehouses.front().size.empty());
}

TEST_F(TestSnowflakeCatalog, AStageIsMadeOfAnIntegration) {
    if (!testing::emulator_url()) {
        GTEST_SKIP() << "on a real account: only an administrator makes integrations";
    }
    const std::string integration = "integration_" + core::random_hex(8);
    const std::string location = "gcs://unloads-of-the-kit/" + integration;
    const std::string sql = own.get_integration_query({.allowed_location = location, .name = integration});
    for (std::size_t begin = 0, end = sql.find(";\n"); end != std::string::npos; end = sql.find(";\n", begin)) {
        data.execute(sql.substr(begin, end - begin));
        begin = end + 2;
    }
    std::vector<std::string> names;
    for (const auto& one : own.get_integrations()) {
        names.push_back(one.name);
    }
    std::string in_capitals = integration;
    std::transform(in_capitals.begin(), in_capitals.end(), in_capitals.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    EXPECT_THAT(names, Contains(in_capitals));
    const std::string name = data.sql("{s}.UNLOADS");
    const auto stage = own.create_stage(location, integration, name);
    EXPECT_EQ(stage.name, name);
    ASSERT_EQ(stage.identity.size(), 1U);
    EXPECT_EQ(stage.identity[0].first, "STORAGE_GCP_SERVICE_ACCOUNT");
    EXPECT_EQ(own.create_stage(location, integration, name).name, name);
    EXPECT_THROW(own.create_stage(location + "/elsewhere", integration, name), errors::InvalidArgument);
    EXPECT_THROW(own.create_stage("gcs://another-bucket/", integration, data.sql("{s}.OTHER")),
                 errors::ExternalDatasourceError);
}

/// What the emulator's users have: see tests/helpers/snowflake.py.
class TestSnowflakeLogin : public ::testing::Test {
protected:
    void SetUp() override {
        if (!testing::emulator_url()) {
            GTEST_SKIP() << "on a real account: these users are the emulator's";
        }
    }

    /// The environment with nothing to log in with.
    static Environment nobody() { return snowflake_environment().with("SF_PWD", ""); }
    static std::string key(const std::string& name) {
        std::ifstream file(Environment::process().get("CDK_TEST_SNOWFLAKE_KEYS").value_or("") + "/" + name);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
    static std::string key_file(const std::string& name) {
        return Environment::process().get("CDK_TEST_SNOWFLAKE_KEYS").value_or("") + "/" + name;
    }
    static std::string one(const Environment& environment) {
        return sql_connector_for("snowflake", environment)->query_db_scalar("SELECT 1").to_text();
    }
    static errors::ExternalDatasourceError refusal(const Environment& environment) {
        try {
            one(environment);
        } catch (const errors::ExternalDatasourceError& error) {
            return error;
        }
        throw std::runtime_error("was let in");
    }
};

TEST_F(TestSnowflakeLogin, EachWayLetsIn) {
    const std::string password = Environment::process().get("CDK_TEST_SNOWFLAKE_KEY_PWD").value_or("");
    EXPECT_EQ(one(snowflake_environment()), "1");
    EXPECT_EQ(one(nobody().with("SF_PRIVATE_KEY", key("key.p8"))), "1");
    EXPECT_EQ(one(nobody().with("SF_PRIVATE_KEY_FILE", key_file("key.p8"))), "1");
    EXPECT_EQ(one(nobody().with("SF_PRIVATE_KEY", key("encrypted.p8")).with("SF_PRIVATE_KEY_PWD", password)), "1");
    EXPECT_EQ(one(nobody().with("SF_OAUTH_TOKEN", "an-oauth-token").with("SF_USER", "")), "1");
    EXPECT_EQ(one(nobody().with("SF_PAT", "an-access-token")), "1");
}

TEST_F(TestSnowflakeLogin, AWrongPasswordIsNotTriedAgain) {
    const auto error = refusal(snowflake_environment().with("SF_PWD", "wrong-password"));
    EXPECT_EQ(error.sqlstate(), "390100");
    EXPECT_THAT(error.what(), HasSubstr("Incorrect username or password"));
    EXPECT_THAT(error.hint(), HasSubstr("SF_PWD"));
    EXPECT_THAT(error.hint(), HasSubstr("KIT"));
    EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
    EXPECT_THAT(std::string(error.what()) + error.hint(), Not(HasSubstr("wrong-password")));
}

TEST_F(TestSnowflakeLogin, AKeyOfNobodyIsRefused) {
    const auto error = refusal(nobody().with("SF_PRIVATE_KEY_FILE", key_file("other.p8")));
    EXPECT_EQ(error.sqlstate(), "390144");
    EXPECT_THAT(error.hint(), HasSubstr("public key"));
    // The same key, of another account.
    EXPECT_EQ(refusal(nobody().with("SF_PRIVATE_KEY_FILE", key_file("key.p8")).with("SF_ACCOUNT", "other-account"))
                  .sqlstate(),
              "390144");
}

/// The driver panics over it, and lets nobody in after that.
TEST_F(TestSnowflakeLogin, AKeyOfAnotherKindIsRefusedAndTheNextOneLetsIn) {
    try {
        one(nobody().with("SF_PRIVATE_KEY_FILE", key_file("curve.p8")));
        FAIL() << "it is no RSA key";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("SF_PRIVATE_KEY_FILE is no RSA key"));
        EXPECT_THAT(error.hint(), HasSubstr("openssl genpkey -algorithm RSA"));
    }
    EXPECT_EQ(one(nobody().with("SF_PRIVATE_KEY_FILE", key_file("key.p8"))), "1");
}

TEST_F(TestSnowflakeLogin, TokensThatMeanNothingAreRefused) {
    EXPECT_EQ(refusal(nobody().with("SF_OAUTH_TOKEN", "expired-token")).sqlstate(), "390303");
    EXPECT_EQ(refusal(nobody().with("SF_PAT", "revoked-token")).sqlstate(), "394400");
    EXPECT_THAT(refusal(nobody().with("SF_PAT", "revoked-token")).hint(), HasSubstr("SF_PAT"));
}

TEST_F(TestSnowflakeLogin, ASecondFactorIsNothingForAProgram) {
    const auto error = refusal(snowflake_environment().with("SF_USER", "PERSON").with("SF_PWD", "secret of a person"));
    EXPECT_THAT(error.what(), HasSubstr("Multi-factor"));
    EXPECT_THAT(error.hint(), HasSubstr("SF_PAT"));
}

/// The driver takes each of them for a failure of the network.
TEST_F(TestSnowflakeLogin, ARefusalIsFinalUnlessItPasses) {
    const auto refused = [](const std::string& user) { return refusal(snowflake_environment().with("SF_USER", user)); };
    const auto anywhere = refused("ANYWHERE");
    EXPECT_EQ(anywhere.sqlstate(), "390432");
    EXPECT_THAT(anywhere.hint(), HasSubstr("SET NETWORK_POLICY"));
    EXPECT_EQ(anywhere.exit_code(), errors::ExitCode::bad_input);
    const auto disabled = refused("DISABLED");
    EXPECT_EQ(disabled.sqlstate(), "390101");
    EXPECT_THAT(disabled.hint(), HasSubstr("disabled"));
    EXPECT_EQ(disabled.exit_code(), errors::ExitCode::bad_input);
    EXPECT_EQ(refused("LOCKED").exit_code(), errors::ExitCode::temporary);
    const auto unknown = refused("UNLUCKY");
    EXPECT_EQ(unknown.sqlstate(), "390998");
    EXPECT_THAT(unknown.what(), HasSubstr("Words that no client knows yet."));
    EXPECT_THAT(unknown.hint(), HasSubstr("the user UNLUCKY"));
    EXPECT_EQ(unknown.exit_code(), errors::ExitCode::bad_input);
}

TEST_F(TestSnowflakeLogin, AWrongKeyPasswordIsSaid) {
    const auto error =
        refusal(nobody().with("SF_PRIVATE_KEY", key("encrypted.p8")).with("SF_PRIVATE_KEY_PWD", "guessed"));
    EXPECT_THAT(error.hint(), HasSubstr("SF_PRIVATE_KEY_PWD"));
    EXPECT_THAT(std::string(error.what()), Not(HasSubstr("PRIVATE KEY-----")));
}

TEST_F(TestSnowflakeLogin, SecretsAreMaskedWhereverTheyAreWritten) {
    sql_connector_for("snowflake", nobody().with("SF_PAT", "an-access-token"));
    EXPECT_EQ(logger::mask("token is an-access-token"), "token is ***");
    sql_connector_for("snowflake", nobody().with("SF_PRIVATE_KEY", key("key.p8")));
    EXPECT_THAT(logger::mask(key("key.p8")), Not(HasSubstr(key("key.p8").substr(40, 40))));
}

}  // namespace
}  // namespace tinybird_cdk
