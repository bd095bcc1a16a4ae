// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/conformance/random_text.hpp>

#include <gtest/gtest.h>

namespace tinybird_cdk::conformance {
namespace {

TEST(TestRandomText, FitsBetweenSingleQuotesAndHoldsWhatIsHard) {
    RandomText random(7);
    std::string all;
    for (int i = 0; i < 1000; ++i) {
        all += random.text();
    }
    EXPECT_EQ(all.find('\''), std::string::npos);
    EXPECT_EQ(all.find('\\'), std::string::npos);
    for (const char* const hard : {"\n", "\"", ",", "\t", "漢字", "😀"}) {
        EXPECT_NE(all.find(hard), std::string::npos) << hard;
    }
}

TEST(TestRandomText, IsTheSameForTheSameSeed) {
    RandomText one(42);
    RandomText other(42);
    RandomText third(43);
    std::string texts[3];
    for (int i = 0; i < 100; ++i) {
        texts[0] += one.text();
        texts[1] += other.text();
        texts[2] += third.text();
    }
    EXPECT_EQ(texts[0], texts[1]);
    EXPECT_NE(texts[0], texts[2]);
    EXPECT_EQ(one.seed(), 42U);
}

// The same numbers on every machine and with every standard library: a seed from elsewhere gives the same data.
TEST(TestRandomText, TheSequenceIsFixed) {
    RandomText random(1);
    EXPECT_EQ(random.below(1000), 528U);
    EXPECT_EQ(random.hex(8), "eae89490");
}

}  // namespace
}  // namespace tinybird_cdk::conformance
