// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/config.hpp>

#include <cstdlib>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Environment complete() {
    return Environment::of({{"TB_CDK_TOKEN", "p.secret-token"}, {"TB_CDK_TAG", "nightly"}});
}

std::string endpoint_of(std::string_view text) {
    return config::tinybird(complete().with("TB_CDK_ENDPOINT", std::string(text))).endpoint;
}

/// The variable that was missed; empty when none was.
std::string missed(const Environment& environment) {
    try {
        config::tinybird(environment);
    } catch (const errors::MissingConfiguration& error) {
        EXPECT_THAT(error.what(), HasSubstr(error.variable()));
        EXPECT_THAT(error.hint(), AllOf(HasSubstr("export " + error.variable() + "="), HasSubstr("--local")));
        return error.variable();
    }
    return {};
}

TEST(TestConfig, GetsAVariable) {
    const Environment environment = Environment::of({{"A", "1"}, {"EMPTY", ""}});
    EXPECT_EQ(config::get("A", environment), "1");
    EXPECT_EQ(config::get("EMPTY", environment), "");
    EXPECT_EQ(config::get_optional("A", environment), "1");
    EXPECT_EQ(config::get_optional("EMPTY", environment), "");
    EXPECT_EQ(config::get_or("A", "2", environment), "1");
    EXPECT_EQ(config::get_or("EMPTY", "2", environment), "");
}

TEST(TestConfig, AMissingVariableIsNamedUnlessItIsOptional) {
    const Environment environment = Environment::of({});
    try {
        config::get("PGHOST", environment);
        FAIL();
    } catch (const errors::MissingConfiguration& error) {
        EXPECT_EQ(error.variable(), "PGHOST");
        EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
    }
    EXPECT_EQ(config::get_optional("PGHOST", environment), std::nullopt);
    EXPECT_EQ(config::get_or("PGHOST", "localhost", environment), "localhost");
}

TEST(TestConfig, NamesAreCaseSensitive) {
    EXPECT_EQ(config::get_optional("a", Environment::of({{"A", "1"}})), std::nullopt);
}

TEST(TestConfig, ReadsTheProcessUnlessToldOtherwise) {
    const char* const path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
    ASSERT_NE(path, nullptr);
    EXPECT_EQ(config::get("PATH"), path);
    EXPECT_EQ(config::get_optional("TINYBIRD_CDK_NO_SUCH_VARIABLE"), std::nullopt);
    EXPECT_TRUE(Environment::process().from_process());
}

TEST(TestConfig, AnEnvironmentOfItsOwnDoesNotSeeTheProcess) {
    const Environment environment = Environment::of({{"A", "1"}});
    EXPECT_EQ(environment.get("PATH"), std::nullopt);
    EXPECT_FALSE(environment.from_process());
    EXPECT_EQ(environment.overrides().size(), 1U);
}

TEST(TestConfig, WithChangesACopyOnly) {
    const Environment original = Environment::of({{"A", "1"}});
    const Environment changed = original.with("A", "2").with("B", "3");
    EXPECT_EQ(original.get("A"), "1");
    EXPECT_EQ(original.get("B"), std::nullopt);
    EXPECT_EQ(changed.get("A"), "2");
    EXPECT_EQ(changed.get("B"), "3");
}

TEST(TestConfig, WithOverridesTheProcess) {
    const Environment environment = Environment::process().with("PATH", "/nowhere");
    EXPECT_EQ(environment.get("PATH"), "/nowhere");
    EXPECT_TRUE(environment.from_process());
    EXPECT_NE(Environment::process().get("PATH"), "/nowhere");
}

TEST(TestConfig, TinybirdNeedsATokenAndATag) {
    const config::Tinybird tinybird = config::tinybird(complete());
    EXPECT_EQ(tinybird.token.reveal(), "p.secret-token");
    EXPECT_EQ(tinybird.tag, "nightly");
    EXPECT_EQ(tinybird.endpoint, "https://api.tinybird.co");

    EXPECT_EQ(missed(Environment::of({})), "TB_CDK_TOKEN");
    EXPECT_EQ(missed(Environment::of({{"TB_CDK_TAG", "t"}})), "TB_CDK_TOKEN");
    EXPECT_EQ(missed(complete().with("TB_CDK_TOKEN", "")), "TB_CDK_TOKEN");
    EXPECT_EQ(missed(Environment::of({{"TB_CDK_TOKEN", "abcd"}})), "TB_CDK_TAG");
    EXPECT_EQ(missed(complete().with("TB_CDK_TAG", "")), "TB_CDK_TAG");
    EXPECT_EQ(missed(complete()), "");
}

TEST(TestConfig, TheTokenIsMaskedFromThenOn) {
    config::tinybird(complete().with("TB_CDK_TOKEN", "tokenOfTheMaskTest"));
    EXPECT_EQ(logger::mask("sent tokenOfTheMaskTest"), "sent ***");
}

TEST(TestConfig, ControlCharactersCantReachAHeader) {
    for (const char* const variable : {"TB_CDK_TOKEN", "TB_CDK_TAG", "TB_CDK_ENDPOINT"}) {
        for (const std::string control : {"\n", "\r", "\t", "\x01", "\x7F"}) {
            try {
                config::tinybird(complete().with(variable, "https://value" + control + "X-Injected: 1"));
                ADD_FAILURE() << variable;
            } catch (const errors::InvalidArgument& error) {
                EXPECT_THAT(error.what(), AllOf(HasSubstr(variable), Not(HasSubstr("Injected"))));
            }
        }
    }
}

TEST(TestConfig, TheEndpointLosesItsSlashesAtTheEnd) {
    EXPECT_EQ(endpoint_of("https://api.us-east.tinybird.co/"), "https://api.us-east.tinybird.co");
    EXPECT_EQ(endpoint_of("http://localhost:7181///"), "http://localhost:7181");
    EXPECT_EQ(endpoint_of("http://[::1]:7181"), "http://[::1]:7181");
    EXPECT_EQ(endpoint_of("http://[::1]"), "http://[::1]");
    EXPECT_EQ(endpoint_of("HTTPS://proxy/tinybird/"), "HTTPS://proxy/tinybird");
    EXPECT_EQ(endpoint_of(""), "https://api.tinybird.co");
}

TEST(TestConfig, AnEndpointThatIsNoPlainUrlIsRefused) {
    for (const std::string_view text :
         {"api.tinybird.co", "ftp://api.tinybird.co", "https:/api.tinybird.co", "https://", "https:///v0",
          "http://:7181", "http://host:", "http://host:0", "http://host:65536", "http://host:80a", "http://host:-1",
          "http://[::1", "http://[::1]x", "https://api.tinybird.co?token=x", "https://api.tinybird.co#x",
          "https://api tinybird.co", " https://api.tinybird.co", "https://user@api.tinybird.co", "https://a\\b"}) {
        try {
            endpoint_of(text);
            ADD_FAILURE() << text << " was taken";
        } catch (const errors::InvalidArgument& error) {
            EXPECT_THAT(error.what(), HasSubstr("TB_CDK_ENDPOINT"));
            EXPECT_THAT(error.hint(), HasSubstr("https://api.tinybird.co"));
        }
    }
}

TEST(TestConfig, ARefusedEndpointShowsNoPassword) {
    try {
        endpoint_of("https://user:hunter2@api.tinybird.co");
        FAIL();
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("api.tinybird.co"), Not(HasSubstr("hunter2"))));
    }
}

TEST(TestConfig, TheOptionsDescribeWhatTinybirdReads) {
    const auto options = config::tinybird_options();
    ASSERT_EQ(options.size(), 5U);
    EXPECT_EQ(options[0].variable, "TB_CDK_TOKEN");
    EXPECT_TRUE(options[0].required && options[0].secret);
    EXPECT_EQ(options[1].variable, "TB_CDK_TAG");
    EXPECT_TRUE(options[1].required && !options[1].secret);
    EXPECT_EQ(options[2].variable, "TB_CDK_ENDPOINT");
    EXPECT_FALSE(options[2].required || options[2].secret);
    EXPECT_EQ(options[2].default_value, config::tinybird(complete()).endpoint);
}

}  // namespace
}  // namespace tinybird_cdk
