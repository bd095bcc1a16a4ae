// SPDX-License-Identifier: Apache-2.0
#include "core/ids.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace tinybird_cdk::core {
namespace {

TEST(TestIds, HaveTheDigitsAskedFor) {
    for (const std::size_t digits : {0U, 1U, 2U, 11U, 12U, 1000U}) {
        const std::string id = random_hex(digits);
        EXPECT_EQ(id.size(), digits);
        EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
    }
}

TEST(TestIds, DoNotRepeat) {
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) {
        EXPECT_TRUE(ids.insert(random_hex(16)).second);
    }
}

TEST(TestIds, UseAllDigits) {
    const std::string id = random_hex(2000);
    for (const char digit : std::string("0123456789abcdef")) {
        EXPECT_NE(id.find(digit), std::string::npos) << digit;
    }
}

}  // namespace
}  // namespace tinybird_cdk::core
