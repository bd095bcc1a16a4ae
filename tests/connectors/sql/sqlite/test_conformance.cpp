// SPDX-License-Identifier: Apache-2.0
//
// The suite that every SQL connector passes, one test per check.
#include <string>

#include <gtest/gtest.h>

#include "helpers/conformance.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

class TestSqliteConformance : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Checks, TestSqliteConformance, ::testing::ValuesIn(testing::conformance_checks()),
                         [](const auto& check) { return check.param; });

TEST_P(TestSqliteConformance, Passes) {
    testing::expect_conformance("sqlite", GetParam(), testing::tinybird_environment());
}

}  // namespace
}  // namespace tinybird_cdk
