// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include <tinybird_cdk/registry.hpp>

namespace tinybird_cdk::framework {

/// The connectors of this build. Defined in a table that CMake generates from the folders below src/connectors.
std::vector<const ConnectorSpec*> built_in_connectors();
/// Connectors that the source tree has but this build has not.
std::vector<std::string_view> connectors_left_out();

}  // namespace tinybird_cdk::framework
