// SPDX-License-Identifier: Apache-2.0
//
// Of the suite that every SQL connector passes, what the emulator allows and does not take minutes; the rest is for a
// real account: tb-cdk conformance --connector snowflake.
#include <string>

#include <gtest/gtest.h>

#include "account.hpp"
#include "helpers/conformance.hpp"

namespace tinybird_cdk {
namespace {

class TestSnowflakeConformance : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Checks, TestSnowflakeConformance,
                         ::testing::Values("connection", "scopes", "types", "null_and_empty", "random_text",
                                           "row_limit", "no_columns", "bad_sql"),
                         [](const auto& check) { return check.param; });

TEST_P(TestSnowflakeConformance, Passes) {
    testing::expect_conformance("snowflake", GetParam(), testing::snowflake_environment());
}

}  // namespace
}  // namespace tinybird_cdk
