// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include "transfer/peeked_body.hpp"

namespace tinybird_cdk::transfer {
namespace {

std::string all_of(Body& body, std::size_t block_bytes) {
    std::string text;
    std::string block(block_bytes, '\0');
    while (const std::size_t count = body.read(block)) {
        text.append(block, 0, count);
    }
    return text;
}

TEST(PeekedBody, GivesAllBytesOnceAndAgainAfterARewind) {
    for (const std::string& text : {std::string(), std::string("a"), std::string("ab"), std::string("abcdef")}) {
        for (const std::size_t block : {std::size_t{1}, std::size_t{2}, std::size_t{100}}) {
            SCOPED_TRACE(text + std::to_string(block));
            const auto inner = body_of(text);
            PeekedBody body(*inner, 2);
            EXPECT_EQ(body.begin(), text.substr(0, 2));
            EXPECT_EQ(body.size(), text.size());
            EXPECT_EQ(all_of(body, block), text);
            ASSERT_TRUE(body.rewind());
            EXPECT_EQ(all_of(body, block), text);
        }
    }
}

TEST(PeekedBody, MayBeRewoundInTheMiddleOfWhatWasLookedAt) {
    const auto inner = body_of("abcdef");
    PeekedBody body(*inner, 3);
    char first = 0;
    EXPECT_EQ(body.read({&first, 1}), 1U);
    ASSERT_TRUE(body.rewind());
    EXPECT_EQ(all_of(body, 4), "abcdef");
    EXPECT_EQ(body.begin(), "abc");
}

}  // namespace
}  // namespace tinybird_cdk::transfer
