// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/version.hpp>

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tinybird_cdk {
namespace {

TEST(TestVersion, IsThatOfTheHeaders) {
    EXPECT_STREQ(version(), header_version);
}

TEST(TestVersion, IsSemantic) {
    EXPECT_THAT(version(), ::testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

}  // namespace
}  // namespace tinybird_cdk
