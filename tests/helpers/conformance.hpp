// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <tinybird_cdk/config.hpp>

namespace tinybird_cdk::testing {

/// The names of all checks of the conformance suite, as parameters of a test.
std::vector<std::string> conformance_checks();

/// Runs one check of the suite on a connector, with the cases that it brings along, against the Tinybird that bin/test
/// started. Fails the test for each result that failed.
/// @param environment of the source, and of Tinybird
void expect_conformance(const std::string& connector, const std::string& check, const Environment& environment);

}  // namespace tinybird_cdk::testing
