// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/glob.hpp"

namespace tinybird_cdk::cloud {
namespace {

struct Case {
    std::string pattern;
    std::string key;
    bool matches;
};

class TestGlob : public testing::TestWithParam<Case> {};

TEST_P(TestGlob, Matches) {
    EXPECT_EQ(Glob(GetParam().pattern).matches(GetParam().key), GetParam().matches)
        << GetParam().pattern << " of " << GetParam().key;
}

INSTANTIATE_TEST_SUITE_P(
    Keys, TestGlob,
    testing::Values(Case{"a.csv", "a.csv", true}, Case{"a.csv", "a.csvx", false}, Case{"a.csv", "xa.csv", false},
                    Case{"", "", true}, Case{"", "a", false}, Case{"*", "", true}, Case{"*", "ab", true},
                    Case{"*", "a/b", false}, Case{"**", "a/b", true}, Case{"d/*.csv.gz", "d/1.csv.gz", true},
                    Case{"d/*.csv.gz", "d/.csv.gz", true}, Case{"d/*.csv.gz", "d/e/1.csv.gz", false},
                    Case{"d/**.csv", "d/e/f/1.csv", true}, Case{"d/**/1.csv", "d/e/f/1.csv", true},
                    Case{"d/**/1.csv", "d/1.csv", false}, Case{"**/*.csv", "a/b/c.csv", true}, Case{"?", "a", true},
                    Case{"?", "é", true}, Case{"?", "ab", false}, Case{"?", "/", false}, Case{"[a-c]x", "bx", true},
                    Case{"[a-c]x", "dx", false}, Case{"[!a-c]x", "dx", true}, Case{"[!a-c]x", "/x", false},
                    Case{"[^a]", "b", true}, Case{"[]a]", "]", true}, Case{"[a-]", "-", true}, Case{"[а-я]", "ж", true},
                    Case{"[\\]]", "]", true}, Case{"\\*", "*", true}, Case{"\\*", "a", false},
                    Case{"a\\[1\\]", "a[1]", true}, Case{"*a*b*c*", "xxaxxbxxcxx", true},
                    Case{"*a*b*c*", "xxaxxcxxbxx", false}, Case{"a*", "a\xff", true}, Case{"a?", "a\xff", true}));

TEST(TestGlobs, ManyStarsDoNotTakeForEver) {
    std::string pattern;
    for (int i = 0; i < 100; ++i) {
        pattern += "*a";
    }
    EXPECT_FALSE(Glob(pattern + "b").matches(std::string(1000, 'a')));
}

TEST(TestGlobs, ThePrefixIsWhatStandsBeforeTheFirstWildcard) {
    EXPECT_EQ(Glob("dir/part-*.csv").prefix(), "dir/part-");
    EXPECT_EQ(Glob("dir/\\*x[ab]").prefix(), "dir/*x");
    EXPECT_EQ(Glob("dir/a").prefix(), "dir/a");
    EXPECT_TRUE(Glob("a?").has_wildcards());
    EXPECT_FALSE(Glob("a\\?").has_wildcards());
}

TEST(TestGlobs, WhatMeansNothingIsRefused) {
    for (const char* pattern : {"[", "[a", "a[]", "[z-a]", "a\\", "[!"}) {
        EXPECT_THROW(Glob{pattern}, errors::InvalidArgument) << pattern;
    }
}

}  // namespace
}  // namespace tinybird_cdk::cloud
