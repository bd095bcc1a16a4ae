// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud.hpp>

#include "cloud/gcs/api.hpp"

namespace tinybird_cdk::cloud::gcs {

/// What one compose takes (https://cloud.google.com/storage/docs/composite-objects).
inline constexpr std::size_t most_sources = 32;

/// Joins objects inside the store: a tree of composes, whose inner objects are removed on every way out. With header
/// lines, the first object is taken as it is, and those behind it are streamed through without their first lines, for
/// compose takes whole objects only. @param part_bytes of the upload in that case
void join_objects(Api& api, std::string_view bucket, const std::vector<Object>& parts, std::string_view target,
                  const CatOptions& options, std::size_t part_bytes);

}  // namespace tinybird_cdk::cloud::gcs
