// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "conformance/trial.hpp"

namespace tinybird_cdk::conformance {

/// Asks the source until no statement with the marker runs there. @throws CheckFailed when one goes on
void expect_nothing_runs(Trial& trial, const std::string& marker);

/// The descriptors that this process has open.
std::size_t open_descriptors();

}  // namespace tinybird_cdk::conformance
