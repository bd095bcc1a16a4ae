// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/source_limits.hpp>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk {
namespace {

using namespace std::chrono_literals;

TEST(TestSourceLimits, TimesHaveAUnit) {
    EXPECT_EQ(parse_timeout("500ms"), 500ms);
    EXPECT_EQ(parse_timeout("30s"), 30s);
    EXPECT_EQ(parse_timeout(" 5 m "), 5min);
    EXPECT_EQ(parse_timeout("596h"), 596h);
    for (const char* const wrong : {"", "5", "s", "0s", "-1s", "1.5s", "5 weeks", "597h", "99999999999999999999h"}) {
        EXPECT_THROW(parse_timeout(wrong), errors::InvalidArgument) << wrong;
    }
}

TEST(TestSourceLimits, RatesAreBytesInASecond) {
    EXPECT_EQ(parse_rate("10"), 10U);
    EXPECT_EQ(parse_rate("10B/s"), 10U);
    EXPECT_EQ(parse_rate("500kB"), 500'000U);
    EXPECT_EQ(parse_rate("10MB"), 10'000'000U);
    EXPECT_EQ(parse_rate("10 mb/s"), 10'000'000U);
    EXPECT_EQ(parse_rate("2GB"), 2'000'000'000U);
    for (const char* const wrong : {"", "0", "MB", "-1MB", "1.5MB", "10MiB", "10MB/m", "18446744073709551615GB"}) {
        EXPECT_THROW(parse_rate(wrong), errors::InvalidArgument) << wrong;
    }
}

}  // namespace
}  // namespace tinybird_cdk
