// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/limits.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk {
namespace {

TEST(TestLimits, AreChangedByText) {
    const Limits limits = Limits{}.with(" imports_per_minute=25, multipart_bytes = 2GB,v1_bytes=64kB");
    EXPECT_EQ(limits.imports_per_minute, 25U);
    EXPECT_EQ(limits.largest_v0(Format::csv), 2'000'000'000U);
    EXPECT_EQ(limits.largest_v0(Format::parquet), 50'000'000U);
    EXPECT_EQ(limits.largest_v1(), 64'000U);
    EXPECT_EQ(limits.event_request_bytes, 10'000'000U);
    EXPECT_FALSE(limits.with("multipart_bytes=0").largest_v0(Format::ndjson));
    EXPECT_FALSE(Limits{}.with("").largest_v1());
}

TEST(TestLimits, WhatCannotBeReadIsNamed) {
    for (const char* text :
         {"imports=5", "imports_per_minute", "imports_per_minute=", "imports_per_minute=-1", "multipart_bytes=1TB",
          "multipart_bytes=1.5GB", "v1_bytes=99999999999999999999", "v1_bytes=18446744073709551615GB"}) {
        EXPECT_THROW(static_cast<void>(Limits{}.with(text)), errors::InvalidArgument) << text;
    }
}

config::Tinybird configured(const std::string& endpoint, const std::string& limits = {}) {
    return config::tinybird(Environment::of({{"TB_CDK_TOKEN", "t"},
                                             {"TB_CDK_TAG", "t"},
                                             {"TB_CDK_ENDPOINT", endpoint},
                                             {"TB_CDK_LIMITS", limits},
                                             {"SSL_CERT_FILE", "/etc/own.pem"}}));
}

TEST(TestLimits, NothingIsPacedOnLoopbackUnlessAsked) {
    for (const char* endpoint :
         {"http://127.0.0.1:7181", "http://localhost", "http://LOCALHOST:1/x", "http://[::1]:7181"}) {
        EXPECT_TRUE(configured(endpoint).on_loopback()) << endpoint;
        EXPECT_EQ(configured(endpoint).limits.imports_per_minute, 0U);
        EXPECT_EQ(configured(endpoint, "imports_per_minute=2").limits.imports_per_minute, 2U);
    }
    for (const char* endpoint : {"https://api.tinybird.co", "https://localhost.example", "http://128.0.0.1", ""}) {
        EXPECT_FALSE(configured(endpoint).on_loopback()) << endpoint;
        EXPECT_EQ(configured(endpoint).limits.imports_per_minute, 5U);
    }
}

TEST(TestLimits, CertificatesComeFromTheirVariables) {
    EXPECT_EQ(configured("https://x").ca_file, "/etc/own.pem");
}

}  // namespace
}  // namespace tinybird_cdk
