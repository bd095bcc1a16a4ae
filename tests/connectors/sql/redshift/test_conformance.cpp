// SPDX-License-Identifier: Apache-2.0
//
// The suite that every SQL connector passes, one test per check. The server is our own, before a PostgreSQL: see
// tests/helpers/redshift.py.
#include <string>

#include <gtest/gtest.h>

#include "helpers/conformance.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

class TestRedshiftConformance : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Checks, TestRedshiftConformance, ::testing::ValuesIn(testing::conformance_checks()),
                         [](const auto& check) { return check.param; });

TEST_P(TestRedshiftConformance, Passes) {
    testing::expect_conformance("redshift", GetParam(), testing::tinybird_environment());
}

}  // namespace
}  // namespace tinybird_cdk
