// SPDX-License-Identifier: Apache-2.0
#include "transfer/watched_body.hpp"

#include <array>
#include <string_view>

#include <gtest/gtest.h>

#include "helpers/unsized_body.hpp"

namespace tinybird_cdk::transfer {
namespace {

TEST(WatchedBody, TellsWithTheLastByteWhereTheSizeIsKnown) {
    const auto inner = body_of("12345");
    bool whole = false;
    WatchedBody body(*inner, [&] { whole = true; });
    std::array<char, 3> block{};
    EXPECT_EQ(body.read(block), 3U);
    EXPECT_FALSE(whole);
    EXPECT_EQ(body.read(block), 2U);
    EXPECT_TRUE(whole);
}

TEST(WatchedBody, TellsAtTheEndWhereItIsNot) {
    testing::UnsizedBody inner("123");
    bool whole = false;
    WatchedBody body(inner, [&] { whole = true; });
    std::array<char, 3> block{};
    EXPECT_EQ(body.read(block), 3U);
    EXPECT_FALSE(whole);
    EXPECT_EQ(body.read(block), 0U);
    EXPECT_TRUE(whole);
}

TEST(WatchedBody, CountsAnewWhenItIsReadAgain) {
    const auto inner = body_of("12345");
    int times = 0;
    WatchedBody body(*inner, [&] { ++times; });
    std::array<char, 3> block{};
    EXPECT_EQ(body.read(block), 3U);
    ASSERT_TRUE(body.rewind());
    EXPECT_EQ(body.read(block), 3U);
    EXPECT_EQ(times, 0);
    EXPECT_EQ(body.read(block), 2U);
    EXPECT_EQ(times, 1);
}

}  // namespace
}  // namespace tinybird_cdk::transfer
