// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/mysql/sql_error.hpp"

namespace tinybird_cdk::mysql {
namespace {

errors::ExternalDatasourceError thrown(const SqlError& error, Doing doing) {
    try {
        throw_error(error, doing);
    } catch (const errors::ExternalDatasourceError& result) {
        return result;
    }
}

TEST(TestMysqlSqlError, NumberMessageAndStateAreKept) {
    const auto error = thrown({1064, "42000", "You have an error\nin your SQL"}, Doing::querying);
    EXPECT_STREQ(error.what(), "MySQL: error 1064: You have an error in your SQL");
    EXPECT_EQ(error.sqlstate(), "42000");
    EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
    EXPECT_THAT(thrown({2002, "HY000", "refused"}, Doing::connecting).what(), ::testing::HasSubstr("can't be reached"));
}

TEST(TestMysqlSqlError, WhatMayPassIsTemporary) {
    for (const unsigned int number : {2002U, 2003U, 2006U, 2013U, 1040U, 1205U, 1213U, 1317U, 1412U, 1053U}) {
        EXPECT_TRUE(thrown({number, "", ""}, Doing::querying).retryable()) << number;
    }
    for (const unsigned int number : {1045U, 1049U, 1054U, 1064U, 1146U, 1792U}) {
        EXPECT_FALSE(thrown({number, "", ""}, Doing::querying).retryable()) << number;
    }
}

TEST(TestMysqlSqlError, TlsThatBreaksIsNotTlsThatIsRefused) {
    constexpr unsigned int tls_failed = 2026;
    const auto refused = thrown({tls_failed, "HY000", "certificate verify failed"}, Doing::connecting);
    EXPECT_FALSE(refused.retryable());
    EXPECT_THAT(refused.hint(), ::testing::HasSubstr("MYSQL_SSL_CA"));
    // MySQL 9.7 to a session that is killed, by libmariadb 3.3.
    const auto broken = thrown({tls_failed, "HY000", "TLS/SSL error: unexpected eof while reading"}, Doing::querying);
    EXPECT_TRUE(broken.retryable());
    EXPECT_EQ(broken.hint(), "Try again.");
}

TEST(TestMysqlSqlError, WhoSaysIt) {
    EXPECT_TRUE((SqlError{2013, "", ""}.is_of_client()));
    EXPECT_TRUE((SqlError{5013, "", ""}.is_of_client()));
    EXPECT_TRUE((SqlError{}.is_of_client()));
    EXPECT_FALSE((SqlError{1064, "", ""}.is_of_client()));
    EXPECT_FALSE((SqlError{3024, "", ""}.is_of_client()));
}

}  // namespace
}  // namespace tinybird_cdk::mysql
