// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "transfer/load.hpp"

namespace tinybird_cdk::transfer {

/// Carries the objects of a directory to a data source, as load_cloud_directory(). Nothing is deleted, and what is made
/// for it is below the directory.
/// @param objects at least one, in their order @param options with the way they go
LoadResult load_objects(tinybird::Client& client, CloudDir& directory, std::vector<cloud::Object> objects, Mode mode,
                        const std::string& data_source, const CloudLoadOptions& options);

}  // namespace tinybird_cdk::transfer
