// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include <tinybird_cdk/cloud.hpp>

namespace tinybird_cdk::redshift {

/// Reads the list that UNLOAD leaves of the objects it wrote, and deletes it, for it is none of them
/// (https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html).
/// @return how many there are @throws errors::ExternalDatasourceError when there is no such list
std::uint64_t take_manifest(cloud::Client& client, const std::string& bucket, const std::string& key,
                            const std::stop_token& stop);

}  // namespace tinybird_cdk::redshift
