// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "connectors/mysql/connection_options.hpp"

namespace tinybird_cdk::mysql {
namespace {

ConnectionOptions of(std::map<std::string, std::string, std::less<>> variables) {
    return connection_options(Environment::of(std::move(variables)));
}

TEST(TestMysqlConnectionOptions, VariablesAreRead) {
    const ConnectionOptions options = of({{"MYSQL_HOST", "db"},
                                          {"MYSQL_TCP_PORT", "3307"},
                                          {"MYSQL_USER", "u"},
                                          {"MYSQL_PWD", "a planted password"},
                                          {"MYSQL_DATABASE", "d"},
                                          {"MYSQL_UNIX_PORT", "/s"},
                                          {"TB_CDK_TAG", "nightly"}});
    EXPECT_EQ(options.host, "db");
    EXPECT_EQ(options.port, 3307U);
    EXPECT_EQ(options.user, "u");
    EXPECT_EQ(options.password.reveal(), "a planted password");
    EXPECT_EQ(options.database, "d");
    EXPECT_EQ(options.socket, "/s");
    EXPECT_EQ(options.program, "tinybird-cdk nightly");
    EXPECT_EQ(logger::mask("a planted password"), "***");
}

TEST(TestMysqlConnectionOptions, WhatIsUnsetOrEmptyIsLeftOpen) {
    const ConnectionOptions options = of({{"MYSQL_HOST", ""}, {"MYSQL_TCP_PORT", ""}, {"MYSQL_SSL_MODE", ""}});
    EXPECT_EQ(options.host, std::nullopt);
    EXPECT_EQ(options.port, 0U);
    EXPECT_EQ(options.tls, std::nullopt);
    EXPECT_FALSE(options.has_password);
    EXPECT_FALSE(options.default_option_files) << "a given environment must not read the files of the process";
    EXPECT_TRUE(options.option_file.empty());
    EXPECT_TRUE(of({{"MYSQL_PWD", ""}}).has_password) << "an empty password is one";
}

TEST(TestMysqlConnectionOptions, WhatIsNoPortOrModeIsRefused) {
    for (const char* const port : {"0", "65536", "33o6", "-1", "3306 "}) {
        EXPECT_THROW(of({{"MYSQL_TCP_PORT", port}}), errors::InvalidArgument) << port;
    }
    EXPECT_THROW(of({{"MYSQL_SSL_MODE", "yes"}}), errors::InvalidArgument);
    EXPECT_THROW(of({{"MYSQL_SSL_MODE", "VERIFY_CA"}}), errors::InvalidArgument);
}

TEST(TestMysqlConnectionOptions, TlsModes) {
    EXPECT_EQ(of({{"MYSQL_SSL_MODE", "verify_identity"}}).tls, TlsMode::verify_identity);
    EXPECT_EQ(of({{"MYSQL_SSL_CA", "ca.pem"}}).tls, TlsMode::verify_ca) << "who names an authority means it";
    EXPECT_EQ(of({{"MYSQL_SSL_CA", "ca.pem"}, {"MYSQL_SSL_MODE", "PREFERRED"}}).tls, TlsMode::preferred);
    EXPECT_TRUE(of({{"MYSQL_SSL_MODE", "REQUIRED"}}).needs_tls());
    EXPECT_FALSE(of({{"MYSQL_SSL_MODE", "PREFERRED"}}).needs_tls());
    EXPECT_FALSE(of({}).needs_tls());
}

TEST(TestMysqlConnectionOptions, OptionFilesOfTheProcess) {
    EXPECT_TRUE(connection_options(Environment::process()).default_option_files);
    EXPECT_FALSE(connection_options(Environment::process().with("MYSQL_HOME", "/nowhere")).default_option_files);
}

}  // namespace
}  // namespace tinybird_cdk::mysql
