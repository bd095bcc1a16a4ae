// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tinybird_cdk::local {

/// Dies here as of kill -9 when TB_CDK_LOCAL_CRASH_AT names the point: the tests' way to stop between two steps that
/// belong together.
void crash_point(std::string_view name);

}  // namespace tinybird_cdk::local
