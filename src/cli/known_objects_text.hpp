// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <tinybird_cdk/connector.hpp>

#include "cli/object_load.hpp"

namespace tinybird_cdk::cli {

/// Prints what a load of what is new would do with each object. @return the exit code: whether it would be refused
int show_known_objects(const std::vector<KnownObject>& objects, const ObjectLoad& load);

}  // namespace tinybird_cdk::cli
