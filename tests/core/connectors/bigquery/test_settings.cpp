// SPDX-License-Identifier: Apache-2.0
#include "connectors/bigquery/settings.hpp"

#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::bigquery {
namespace {

using ::testing::HasSubstr;

TEST(TestBigQuerySettings, AProjectIsNeeded) {
    EXPECT_EQ(settings_from(Environment::of({{"GOOGLE_CLOUD_PROJECT", "of-all"}})).project, "of-all");
    EXPECT_EQ(settings_from(Environment::of({{"GOOGLE_CLOUD_PROJECT", "of-all"}, {"BIGQUERY_PROJECT", "own"}})).project,
              "own");
    try {
        settings_from(Environment::of({}));
        FAIL() << "nobody named a project";
    } catch (const errors::MissingConfiguration& error) {
        EXPECT_EQ(error.variable(), "BIGQUERY_PROJECT");
    }
}

TEST(TestBigQuerySettings, AnEmulatorIsReadWithOrWithoutAScheme) {
    const auto endpoint = [](const std::string& host) {
        return settings_from(Environment::of({{"BIGQUERY_PROJECT", "p"}, {"BIGQUERY_EMULATOR_HOST", host}}));
    };
    EXPECT_EQ(endpoint("127.0.0.1:9050").endpoint, "http://127.0.0.1:9050");
    EXPECT_EQ(endpoint("https://localhost:9050/").endpoint, "https://localhost:9050");
    EXPECT_TRUE(endpoint("127.0.0.1:9050").emulated);
    EXPECT_FALSE(endpoint("").emulated);
    EXPECT_EQ(endpoint("").endpoint, "https://bigquery.googleapis.com");
    EXPECT_THROW(endpoint("ftp://x"), errors::InvalidArgument);
    EXPECT_THROW(endpoint("http://x?y=1"), errors::InvalidArgument);
}

TEST(TestBigQuerySettings, AFolderHasOneSlashWhereItEnds) {
    const auto folder = [](const std::string& name) {
        return settings_from(Environment::of({{"BIGQUERY_PROJECT", "p"}, {"GCS_FOLDER", name}})).folder;
    };
    EXPECT_EQ(folder(""), "");
    EXPECT_EQ(folder("/"), "");
    EXPECT_EQ(folder("//a//b///"), "a/b/");
    EXPECT_EQ(folder("a/b"), "a/b/");
}

TEST(TestBigQuerySettings, WhatCredentialsAndTheBucketReadIsListedToo) {
    std::vector<std::string_view> listed;
    for (const ConfigOption& option : options()) {
        EXPECT_FALSE(option.text.empty()) << option.variable;
        listed.push_back(option.variable);
    }
    for (const char* const variable :
         {"GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_QUOTA_PROJECT", "CLOUDSDK_CONFIG", "GCE_METADATA_HOST",
          "GCE_METADATA_IP", "NO_GCE_CHECK", "SSL_CERT_FILE", "STORAGE_EMULATOR_HOST"}) {
        EXPECT_THAT(listed, ::testing::Contains(variable));
    }
}

TEST(TestBigQuerySettings, TheTagIsALabel) {
    EXPECT_EQ(settings_from(Environment::of({{"BIGQUERY_PROJECT", "p"}, {"TB_CDK_TAG", "Night Run"}})).tag,
              "night_run");
}

}  // namespace
}  // namespace tinybird_cdk::bigquery
