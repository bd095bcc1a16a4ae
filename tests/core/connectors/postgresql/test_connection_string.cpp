// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgresql/connection_string.hpp"

#include <cstdlib>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::postgresql {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// What libpq makes of a connection string: the value of one keyword.
std::string parsed(const std::string& text, const std::string& keyword) {
    char* error = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(text.c_str(), &error),
                                                                               PQconninfoFree);
    if (!options) {
        const std::unique_ptr<char, decltype(&PQfreemem)> message(error, PQfreemem);
        ADD_FAILURE() << message.get();
        return {};
    }
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (keyword == option->keyword) {
            return option->val == nullptr ? "<unset>" : option->val;
        }
    }
    return "<unknown>";
}

/// The environment of the process is what libpq reads. Each test begins with none of its variables there.
class TestPostgresqlConnectionString : public ::testing::Test {
protected:
    TestPostgresqlConnectionString() {
        for (const char* const variable :
             {"PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGAPPNAME", "PGOPTIONS", "PGSSLMODE",
              "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGCONNECT_TIMEOUT", "TB_CDK_TAG"}) {
            ::unsetenv(variable);
        }
    }
    static void set_in_process(const char* variable, const char* value) { ASSERT_EQ(::setenv(variable, value, 1), 0); }
};

TEST_F(TestPostgresqlConnectionString, TheProcessIsLeftToLibpq) {
    set_in_process("PGHOST", "host.of.the.process");
    set_in_process("PGPASSWORD", "planted-secret");
    const std::string text = connection_string(Environment::process());
    EXPECT_EQ(parsed(text, "host"), "<unset>");
    EXPECT_THAT(text, Not(HasSubstr("planted-secret")));
}

TEST_F(TestPostgresqlConnectionString, OverridesAreGiven) {
    set_in_process("PGHOST", "host.of.the.process");
    const std::string text =
        connection_string(Environment::process().with("PGHOST", "other").with("PGPASSWORD", R"(it's a \ "pass" word)"));
    EXPECT_EQ(parsed(text, "host"), "other");
    EXPECT_EQ(parsed(text, "password"), R"(it's a \ "pass" word)");
    EXPECT_EQ(parsed(text, "port"), "<unset>");
}

/// A name that looks like a connection string is a name.
TEST_F(TestPostgresqlConnectionString, ADatabaseIsNoConnectionString) {
    const std::string text = connection_string(Environment::of({{"PGDATABASE", "host=elsewhere dbname=x"}}));
    EXPECT_EQ(parsed(text, "dbname"), "host=elsewhere dbname=x");
    EXPECT_EQ(parsed(text, "host"), "<unset>");
}

TEST_F(TestPostgresqlConnectionString, AnEnvironmentOfItsOwnKeepsTheProcessOut) {
    for (const char* const variable : {"PGHOST", "PGPASSWORD", "PGUSER", "PGAPPNAME", "PGOPTIONS", "PGDATABASE"}) {
        set_in_process(variable, "of-the-process");
    }
    set_in_process("PGPORT", "1");
    set_in_process("PGSSLMODE", "verify-full");
    set_in_process("PGCONNECT_TIMEOUT", "999");
    const std::string text = connection_string(Environment::of({{"PGHOST", "own"}, {"TB_CDK_TAG", "tag"}}));
    EXPECT_THAT(text, Not(HasSubstr("of-the-process")));
    EXPECT_EQ(parsed(text, "host"), "own");
    // An empty value counts as given: libpq does not look into the process.
    EXPECT_EQ(parsed(text, "password"), "");
    EXPECT_EQ(parsed(text, "dbname"), "");
    EXPECT_THAT(parsed(text, "user"), Not(::testing::AnyOf("", "<unset>")));
    EXPECT_NE(parsed(text, "port"), "1");
    EXPECT_NE(parsed(text, "sslmode"), "verify-full");
    EXPECT_EQ(parsed(text, "connect_timeout"), "15");
    EXPECT_EQ(parsed(text, "application_name"), "tinybird-cdk tag");
}

TEST_F(TestPostgresqlConnectionString, WhatLibpqTakesFromTheProcessOnlyIsRefused) {
    EXPECT_THROW(connection_string(Environment::of({{"PGSYSCONFDIR", "/elsewhere"}})), errors::InvalidArgument);
    set_in_process("PGSERVICE", "of-the-process");
    EXPECT_THROW(connection_string(Environment::of({{"PGHOST", "own"}})), errors::InvalidArgument);
    EXPECT_NO_THROW(connection_string(Environment::process()));
    const std::string text = connection_string(Environment::of({{"PGSERVICE", "own"}}));
    EXPECT_EQ(parsed(text, "service"), "own");
}

TEST_F(TestPostgresqlConnectionString, AConnectionIsNotWaitedForForEver) {
    EXPECT_EQ(parsed(connection_string(Environment::of({})), "connect_timeout"), "15");
    EXPECT_EQ(parsed(connection_string(Environment::of({{"PGCONNECT_TIMEOUT", "3"}})), "connect_timeout"), "3");
    // What stands in a service file must win.
    EXPECT_EQ(parsed(connection_string(Environment::of({{"PGSERVICE", "own"}})), "connect_timeout"), "<unset>");
    set_in_process("PGCONNECT_TIMEOUT", "7");
    EXPECT_EQ(parsed(connection_string(Environment::process()), "connect_timeout"), "<unset>");
}

TEST_F(TestPostgresqlConnectionString, TheTagIsPartOfTheNameOfTheApplication) {
    EXPECT_EQ(parsed(connection_string(Environment::of({{"TB_CDK_TAG", "nightly"}})), "fallback_application_name"),
              "tinybird-cdk nightly");
    EXPECT_EQ(parsed(connection_string(Environment::of({})), "fallback_application_name"), "tinybird-cdk");
}

}  // namespace
}  // namespace tinybird_cdk::postgresql
