// SPDX-License-Identifier: Apache-2.0
//
// How the connector reaches its server: variables, option files, socket, TLS, settings of the session, failures.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/registry.hpp>

#include "connectors/sql/mysql/server.hpp"

namespace tinybird_cdk {
namespace {

using ::testing::HasSubstr;
using testing::MysqlDatabase;
using ::testing::Not;

Value ask(const Environment& environment, const std::string& query) {
    return sql_connector_for("mysql", environment)->query_db_scalar(query);
}

/// Of the server that bin/test started, as a program would have it that sets no variable of the process.
std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

/// Whatever the settings of the server are.
TEST(TestMysqlConnection, NotationIsFixed) {
    MysqlDatabase source;
    source.run(
        "CREATE TABLE t (ts timestamp, c char(5), d date); SET time_zone = '+00:00'; "
        "INSERT INTO t VALUES ('2024-02-01 12:00:00', 'a', '0000-00-00'); "
        "SET @zone = @@GLOBAL.time_zone, @mode = @@GLOBAL.sql_mode; "
        "SET GLOBAL time_zone = '+09:00', GLOBAL sql_mode = "
        "'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,PIPES_AS_CONCAT,NO_ZERO_DATE,EMPTY_STRING_IS_NULL'");
    ResultSet rows;
    EXPECT_NO_THROW(
        rows = source.connector()->query_db("SELECT ts, c, d, \"x\" AS q, '\\\\' AS b, '' AS e, 1 || 0 AS o FROM t"));
    source.run("SET GLOBAL time_zone = @zone, GLOBAL sql_mode = @mode");
    ASSERT_EQ(rows.size(), 1U);
    const Value row(rows[0]);
    EXPECT_EQ(row.at("ts").to_text(), "2024-02-01 12:00:00");
    EXPECT_EQ(row.at("c").to_text(), "a");
    EXPECT_EQ(row.at("d").to_text(), "0000-00-00");
    EXPECT_EQ(row.at("q").to_text(), "x");
    EXPECT_EQ(row.at("b").to_text(), "\\");
    EXPECT_EQ(row.at("e"), Value(""));
    EXPECT_EQ(row.at("o").to_text(), "1");
}

TEST(TestMysqlConnection, TheSessionIsReadOnlyAndPatient) {
    MysqlDatabase source;
    const ResultSet rows = source.connector()->query_db(
        "SELECT @@SESSION.net_write_timeout AS w, @@SESSION.tx_read_only AS r, @@SESSION.tx_isolation AS i, "
        "@@character_set_results AS c, @@in_transaction AS t");
    const Value row(rows.at(0));
    EXPECT_EQ(row.at("w").to_text(), "86400");
    EXPECT_EQ(row.at("r").to_text(), "1");
    EXPECT_EQ(row.at("i").to_text(), "REPEATABLE-READ");
    EXPECT_EQ(row.at("c").to_text(), "utf8mb4");
    EXPECT_EQ(row.at("t").to_text(), "1");
}

TEST(TestMysqlConnection, ASocketIsUsedWhenThereIsNoHost) {
    const Environment environment =
        Environment::process().with("MYSQL_HOST", "").with("MYSQL_UNIX_PORT", variable("CDK_TEST_MYSQL_SOCKET"));
    EXPECT_EQ(ask(environment, "SELECT user()").to_text(), "cdk@localhost");
    EXPECT_THAT(ask(Environment::process(), "SELECT user()").to_text(), HasSubstr("@127.0.0.1"));
}

/// A folder with an option file.
class OptionFile {
public:
    OptionFile(const std::string& name, const std::string& text)
        : folder_(std::filesystem::temp_directory_path() / ("cdk_cnf_" + std::to_string(::getpid()))) {
        std::filesystem::create_directory(folder_);
        std::ofstream(folder_ / name) << text;
    }
    ~OptionFile() { std::filesystem::remove_all(folder_); }
    OptionFile(const OptionFile&) = delete;
    OptionFile& operator=(const OptionFile&) = delete;
    [[nodiscard]] std::string folder() const { return folder_; }

private:
    std::filesystem::path folder_;
};

std::string client_section(const std::string& password) {
    return "[client]\nhost=127.0.0.1\nport=" + variable("MYSQL_TCP_PORT") + "\nuser=cdk\npassword=\"" + password +
           "\"\ndatabase=test\ndefault-character-set=latin1\n";
}

TEST(TestMysqlConnection, OptionFilesSayWhatIsUnset) {
    const OptionFile file(".my.cnf", client_section(variable("MYSQL_PWD")));
    EXPECT_EQ(ask(Environment::of({{"HOME", file.folder()}}), "SELECT 'é'").to_text(), "é");
    EXPECT_EQ(
        ask(Environment::of({{"HOME", file.folder()}, {"MYSQL_DATABASE", "information_schema"}}), "SELECT database()")
            .to_text(),
        "information_schema");
    const OptionFile other("my.cnf", client_section(variable("MYSQL_PWD")));
    EXPECT_EQ(ask(Environment::of({{"MYSQL_HOME", other.folder()}}), "SELECT database()").to_text(), "test");
}

/// libmariadb finds them by the variables of the process.
TEST(TestMysqlConnection, OptionFilesOfTheProcessAreRead) {
    const OptionFile file(".my.cnf", client_section(variable("MYSQL_PWD")));
    std::map<std::string, std::string> before;
    for (const char* const name :
         {"HOME", "MYSQL_HOST", "MYSQL_TCP_PORT", "MYSQL_USER", "MYSQL_PWD", "MYSQL_DATABASE"}) {
        before[name] = variable(name);
        ::unsetenv(name);
    }
    ::setenv("HOME", file.folder().c_str(), 1);
    std::string database;
    EXPECT_NO_THROW(database = ask(Environment::process(), "SELECT database()").to_text());
    for (const auto& [name, value] : before) {
        ::setenv(name.c_str(), value.c_str(), 1);
    }
    EXPECT_EQ(database, "test");
}

TEST(TestMysqlConnection, SecretsAreNeverShown) {
    logger::remember_secret("");
    const std::string planted = "planted-secret-of-a-file";
    const OptionFile file(".my.cnf", client_section(planted));
    try {
        ask(Environment::of({{"HOME", file.folder()}}), "SELECT 1");
        FAIL() << "a wrong password worked";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), Not(HasSubstr(planted)));
        EXPECT_THAT(error.hint(), Not(HasSubstr(planted)));
    }
    ask(Environment::process(), "SELECT 1");
    EXPECT_EQ(logger::mask("x " + variable("MYSQL_PWD") + " y"), "x *** y");
}

TEST(TestMysqlConnection, FailuresAreToldApartAndKeepThePassword) {
    const Environment base = Environment::process();
    const auto failing = [&](const std::string& name, const std::string& value) {
        try {
            ask(base.with(name, value), "SELECT 1");
        } catch (const errors::Error& error) {
            EXPECT_THAT(error.what(), Not(HasSubstr("planted-secret")));
            EXPECT_FALSE(error.hint().empty()) << error.what();
            return error.exit_code();
        }
        ADD_FAILURE() << name << "=" << value << " worked";
        return errors::ExitCode::done;
    };
    EXPECT_EQ(failing("MYSQL_TCP_PORT", "1"), errors::ExitCode::temporary);
    EXPECT_EQ(failing("MYSQL_PWD", "planted-secret"), errors::ExitCode::bad_input);
    EXPECT_EQ(failing("MYSQL_DATABASE", "there_is_none"), errors::ExitCode::bad_input);
    EXPECT_EQ(failing("MYSQL_USER", "nobody_here"), errors::ExitCode::bad_input);
    EXPECT_EQ(failing("MYSQL_TCP_PORT", "a lot"), errors::ExitCode::bad_input);
    EXPECT_EQ(failing("MYSQL_SSL_MODE", "perhaps"), errors::ExitCode::bad_input);
    EXPECT_EQ(failing("MYSQL_HOST", "no-such-host.invalid"), errors::ExitCode::temporary);
    try {
        ask(base.with("MYSQL_HOST", "").with("MYSQL_UNIX_PORT", "/no/such/socket"), "SELECT 1");
        ADD_FAILURE() << "a socket that is not there worked";
    } catch (const errors::Error& error) {
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
    }
}

/// What the server says of the encryption of a session; empty without.
std::string cipher(const Environment& environment) {
    return ask(environment,
               "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'")
        .to_text();
}

TEST(TestMysqlConnection, TlsIsUsedAsTheModeSays) {
    const Environment base = Environment::process();
    const auto with_mode = [&](const std::string& mode, const std::string& authority = {}) {
        return base.with("MYSQL_SSL_MODE", mode).with("MYSQL_SSL_CA", authority);
    };
    const std::string authority = variable("CDK_TEST_MYSQL_CA");
    EXPECT_EQ(cipher(with_mode("DISABLED")), "");
    for (const Environment& environment :
         {with_mode(""), with_mode("PREFERRED"), with_mode("required"), with_mode("VERIFY_CA", authority),
          with_mode("VERIFY_IDENTITY", authority), with_mode("", authority)}) {
        EXPECT_THAT(cipher(environment), HasSubstr("TLS_"));
    }
    // The certificate is for 127.0.0.1, not for this other notation of it.
    EXPECT_THAT(cipher(with_mode("VERIFY_CA", authority).with("MYSQL_HOST", "127.1")), HasSubstr("TLS_"));
    for (const Environment& environment :
         {with_mode("VERIFY_IDENTITY"), with_mode("VERIFY_CA"), with_mode("REQUIRED", "/no/such/file"),
          with_mode("VERIFY_IDENTITY", authority).with("MYSQL_HOST", "127.1")}) {
        try {
            ask(environment, "SELECT 1");
            ADD_FAILURE() << "an unknown authority or another name was trusted";
        } catch (const errors::Error& error) {
            EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input) << error.what();
        }
    }
}

TEST(TestMysqlConnection, ResultsArriveOverTls) {
    const Environment environment = Environment::process().with("MYSQL_SSL_MODE", "REQUIRED");
    EXPECT_EQ(ask(environment, "SELECT md5(group_concat(seq)) FROM seq_1_to_100000"),
              ask(Environment::process(), "SELECT md5(group_concat(seq)) FROM seq_1_to_100000"));
    const ResultSet rows = sql_connector_for("mysql", environment)->query_db("SELECT seq FROM seq_1_to_100000");
    ASSERT_EQ(rows.size(), 100'000U);
    EXPECT_EQ(Value(rows.back()).at("seq").to_text(), "100000");
}

}  // namespace
}  // namespace tinybird_cdk
