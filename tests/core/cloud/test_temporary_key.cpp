// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cloud/temporary_key.hpp"

namespace tinybird_cdk::cloud {
namespace {

TEST(TestTemporaryKey, StandsInItsDirectoryWithTheExtensionsOfAnother) {
    const std::string key = temporary_key("a/b/", "other/part-0.csv.gz");
    EXPECT_TRUE(key.starts_with("a/b/tinybird_cdk_")) << key;
    EXPECT_TRUE(key.ends_with(".csv.gz")) << key;
    EXPECT_NE(key, temporary_key("a/b/", "other/part-0.csv.gz"));
    EXPECT_EQ(temporary_key("", "none").find('.'), std::string::npos);
}

TEST(TestTemporaryKey, IsKnownAgain) {
    EXPECT_TRUE(is_temporary(temporary_key("a/", "b.csv")));
    EXPECT_TRUE(is_temporary(temporary_key("", "b")));
    EXPECT_TRUE(is_temporary("d/tb-cdk-0123456789abcdef01234567-3"));
}

TEST(TestTemporaryKey, NamesOfUsersAreNoneOfThem) {
    for (const char* key :
         {"", "a.csv", "tinybird_cdk_export.csv", "tinybird_cdk_2026.csv", "tb-cdk-1.csv",
          "tinybird_cdk_0123456789AB.csv", "tinybird_cdk_0123456789ab/part.csv", "tinybird_cdk_202611241030.csv",
          "tinybird_cdk_0123456789abc.csv", "tinybird_cdk_20261124T101112_9f86d081884c"}) {
        EXPECT_FALSE(is_temporary(key)) << key;
    }
}

}  // namespace
}  // namespace tinybird_cdk::cloud
