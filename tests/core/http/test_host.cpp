// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/host.hpp"

namespace tinybird_cdk::http {
namespace {

TEST(TestHost, IsTakenFromAUrl) {
    EXPECT_EQ(host_of("https://a.example.com:9000/b?c"), "a.example.com");
    EXPECT_EQ(host_of("http://[::1]:9000/b"), "::1");
    EXPECT_EQ(host_of("http://user@10.0.0.1/b"), "10.0.0.1");
    EXPECT_EQ(host_of("no url at all"), "");
}

TEST(TestHost, PrivateOnes) {
    for (const char* host : {"localhost", "minio", "MINIO", "store.internal", "s3.corp.local", "a.localhost",
                             "127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
                             "100.64.0.1", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "0.0.0.0"}) {
        EXPECT_TRUE(is_private(host)) << host;
    }
}

TEST(TestHost, PublicOnes) {
    for (const char* host : {"8.8.8.8", "172.32.0.1", "172.15.0.1", "192.169.0.1", "100.128.0.1",
                             "2001:4860:4860::8888", "::ffff:8.8.8.8", "nobody.knows.invalid.example"}) {
        EXPECT_FALSE(is_private(host)) << host;
    }
}

}  // namespace
}  // namespace tinybird_cdk::http
