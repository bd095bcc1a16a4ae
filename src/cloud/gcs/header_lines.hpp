// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/body.hpp>
#include <tinybird_cdk/cloud.hpp>

#include "cloud/gcs/api.hpp"

/// Objects that begin with the same header line.
namespace tinybird_cdk::cloud::gcs {

/// The one header line of all these objects, without its line break. Empty objects have none.
/// @throws errors::InvalidArgument when they differ, or are compressed
std::string common_header(Api& api, std::string_view bucket, const std::vector<Object>& parts,
                          const std::stop_token& stop);

/// What follows the header line in each of `parts`, one after the other. A line break is put where an object ends
/// without one. @param before the object that comes before them: its last byte says whether a line break is needed
std::unique_ptr<Body> without_headers(Api& api, std::string_view bucket, const Object& before,
                                      std::vector<Object> parts, const std::stop_token& stop);

}  // namespace tinybird_cdk::cloud::gcs
