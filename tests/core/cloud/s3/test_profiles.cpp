// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/s3/settings.hpp"

namespace tinybird_cdk::cloud::s3 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Profiles, ReadsWhatAwsReads) {
    const auto sections = parse_config_file(
        "# comment\r\n"
        "[default]\r\n"
        "Region = eu-west-3 ; comment\r\n"
        "aws_secret_access_key=a=b/c+d#e\r\n"
        "[profile  'with blank']\n"
        "s3 =\n"
        "  addressing_style = path\n"
        "  max_concurrent_requests = 20\n"
        "region = us-east-2\n"
        "nonsense\n"
        "[broken\n"
        "key = lost\n");
    EXPECT_THAT(sections.at("default"),
                ElementsAre(Pair("aws_secret_access_key", "a=b/c+d#e"), Pair("region", "eu-west-3")));
    EXPECT_THAT(sections.at("profile with blank"),
                ElementsAre(Pair("region", "us-east-2"), Pair("s3", ""), Pair("s3.addressing_style", "path"),
                            Pair("s3.max_concurrent_requests", "20")));
    EXPECT_EQ(sections.size(), 2U);
}

Address address(std::map<std::string, std::string, std::less<>> variables, std::string_view bucket = "bucket",
                std::string_view key = "a b") {
    const Environment environment = Environment::of(std::move(variables));
    const Settings settings = settings_of(environment, Profiles(environment));
    return address_of(settings, settings.first_region(), bucket, key);
}

std::string url(const Address& address) {
    return address.origin + address.path;
}

TEST(Settings, AddressesOfAws) {
    EXPECT_EQ(url(address({})), "https://bucket.s3.us-east-1.amazonaws.com/a%20b");
    EXPECT_EQ(address({}).host, "bucket.s3.us-east-1.amazonaws.com");
    EXPECT_EQ(url(address({{"AWS_REGION", "eu-west-3"}}, "with.dots")),
              "https://s3.eu-west-3.amazonaws.com/with.dots/a%20b");
    EXPECT_EQ(url(address({{"AWS_DEFAULT_REGION", "cn-north-1"}})),
              "https://bucket.s3.cn-north-1.amazonaws.com.cn/a%20b");
    EXPECT_EQ(url(address({{"AWS_USE_DUALSTACK_ENDPOINT", "true"}})),
              "https://bucket.s3.dualstack.us-east-1.amazonaws.com/a%20b");
    EXPECT_EQ(url(address({{"AWS_USE_FIPS_ENDPOINT", "true"}, {"AWS_USE_DUALSTACK_ENDPOINT", "TRUE"}})),
              "https://bucket.s3-fips.dualstack.us-east-1.amazonaws.com/a%20b");
    EXPECT_EQ(url(address({{"TB_CDK_S3_ADDRESSING_STYLE", "path"}})),
              "https://s3.us-east-1.amazonaws.com/bucket/a%20b");
    EXPECT_EQ(url(address({}, "bucket", "")), "https://bucket.s3.us-east-1.amazonaws.com/");
}

TEST(Settings, AddressesOfOthers) {
    EXPECT_EQ(url(address({{"AWS_ENDPOINT_URL", "http://127.0.0.1:9000/"}})), "http://127.0.0.1:9000/bucket/a%20b");
    EXPECT_EQ(url(address({{"AWS_ENDPOINT_URL", "http://other"}, {"AWS_ENDPOINT_URL_S3", "https://own:443/base"}})),
              "https://own:443/base/bucket/a%20b");
    EXPECT_EQ(address({{"AWS_ENDPOINT_URL_S3", "https://own:443"}}).host, "own");
    EXPECT_EQ(address({{"AWS_ENDPOINT_URL_S3", "http://own:443"}}).host, "own:443");
    EXPECT_EQ(url(address({{"AWS_ENDPOINT_URL_S3", "https://own"}, {"TB_CDK_S3_ADDRESSING_STYLE", "virtual"}})),
              "https://bucket.own/a%20b");
    EXPECT_EQ(url(address({{"AWS_ENDPOINT_URL_S3", "https://own"}, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}})),
              "https://bucket.s3.us-east-1.amazonaws.com/a%20b");
    EXPECT_EQ(url(address({{"AWS_ENDPOINT_URL_S3", "http://h"}}, "bucket", "")), "http://h/bucket");
}

TEST(Settings, NonsenseIsNamed) {
    EXPECT_THROW(address({{"AWS_ENDPOINT_URL_S3", "127.0.0.1:9000"}}), errors::InvalidArgument);
    EXPECT_THROW(address({{"AWS_ENDPOINT_URL_S3", "http://user:password@host"}}), errors::InvalidArgument);
    EXPECT_THROW(address({{"TB_CDK_S3_ADDRESSING_STYLE", "dns"}}), errors::InvalidArgument);
    try {
        address({{"AWS_USE_FIPS_ENDPOINT", "1"}});
        FAIL();
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("AWS_USE_FIPS_ENDPOINT"));
    }
}

}  // namespace
}  // namespace tinybird_cdk::cloud::s3
