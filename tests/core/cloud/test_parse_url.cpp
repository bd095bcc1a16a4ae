// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk {
namespace {

struct Case {
    std::string url;
    std::string service;
    std::string bucket;
    std::string key;
    std::string account = {};
};

class TestParseUrl : public testing::TestWithParam<Case> {};

TEST_P(TestParseUrl, NamesTheObject) {
    const cloud::Location location = cloud::parse_url(GetParam().url);
    EXPECT_EQ(location.service, GetParam().service);
    EXPECT_EQ(location.bucket, GetParam().bucket);
    EXPECT_EQ(location.key, GetParam().key);
    EXPECT_EQ(location.account, GetParam().account);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, TestParseUrl,
    testing::Values(Case{"s3://b/k", "s3", "b", "k"}, Case{"S3://b/a/b c%20?#.csv", "s3", "b", "a/b c%20?#.csv"},
                    Case{"s3://b", "s3", "b", ""}, Case{"s3://b/", "s3", "b", ""}, Case{"s3://b//k", "s3", "b", "/k"},
                    Case{"gs://b/k", "gcs", "b", "k"}, Case{"gcs://b/k/", "gcs", "b", "k/"},
                    Case{"azure://c/k", "azure", "c", "k"}, Case{"az://c/k", "azure", "c", "k"},
                    Case{"https://b.s3.amazonaws.com/k", "s3", "b", "k"},
                    Case{"https://a.b.c.s3.eu-west-1.amazonaws.com/k%20%2B/x?X-Amz-Signature=1", "s3", "a.b.c",
                         "k +/x"},
                    Case{"https://s3.eu-west-1.amazonaws.com/b/k", "s3", "b", "k"},
                    Case{"https://s3.amazonaws.com/b/k", "s3", "b", "k"},
                    Case{"https://s3-eu-west-1.amazonaws.com/b/k", "s3", "b", "k"},
                    Case{"https://b.s3-eu-west-1.amazonaws.com/k", "s3", "b", "k"},
                    Case{"https://s3.s3.eu-west-1.amazonaws.com/k", "s3", "s3", "k"},
                    Case{"https://b.s3.dualstack.us-west-2.amazonaws.com/k", "s3", "b", "k"},
                    Case{"https://b.s3.cn-north-1.amazonaws.com.cn/k", "s3", "b", "k"},
                    Case{"https://storage.googleapis.com/b/k/l", "gcs", "b", "k/l"},
                    Case{"https://b.storage.googleapis.com/k", "gcs", "b", "k"},
                    Case{"https://storage.cloud.google.com/b/k", "gcs", "b", "k"},
                    Case{"https://storage.googleapis.com/storage/v1/b/b/o/d%2Fk", "gcs", "b", "d/k"},
                    Case{"https://storage.googleapis.com/download/storage/v1/b/b/o/d%2Fk?alt=media", "gcs", "b", "d/k"},
                    Case{"https://storage.googleapis.com/storage/v1/b", "gcs", "storage", "v1/b"},
                    Case{"https://acc.blob.core.windows.net/c/k?sig=1", "azure", "c", "k", "acc"},
                    Case{"https://acc.z41.blob.storage.azure.net/c/k", "azure", "c", "k", "acc"}));

TEST(TestParseUrlErrors, AnotherServiceIsNamed) {
    for (const char* url : {"ftp://b/k", "https://example.com/b/k", "b/k", "", "https://s3.example.com/b",
                            "https://evil.com/s3.amazonaws.com", "://b"}) {
        EXPECT_THROW(cloud::parse_url(url), errors::UnsupportedCloudServiceError) << url;
    }
}

TEST(TestParseUrlErrors, ABucketIsNeeded) {
    for (const char* url : {"s3://", "gs:///k", "https://s3.amazonaws.com/", "https://acc.blob.core.windows.net"}) {
        EXPECT_THROW(cloud::parse_url(url), errors::InvalidArgument) << url;
    }
    EXPECT_THROW(cloud::parse_url("https://b.s3.amazonaws.com/%zz"), errors::InvalidArgument);
}

}  // namespace
}  // namespace tinybird_cdk
