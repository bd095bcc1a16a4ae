// SPDX-License-Identifier: Apache-2.0
//
// The suite that every SQL connector passes, one test per check.
#include <string>

#include <gtest/gtest.h>

#include "helpers/conformance.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

class TestDuckdbConformance : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Checks, TestDuckdbConformance, ::testing::ValuesIn(testing::conformance_checks()),
                         [](const auto& check) { return check.param; });

TEST_P(TestDuckdbConformance, Passes) {
    testing::expect_conformance("duckdb", GetParam(),
                                testing::tinybird_environment().with("DUCKDB_LIBRARY", DUCKDB_OF_CHECKOUT));
}

}  // namespace
}  // namespace tinybird_cdk
