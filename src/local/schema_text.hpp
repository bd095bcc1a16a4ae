// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::local {

/// Reads Tinybird's `schema` parameter: "`id` Int32 `json:$.id` DEFAULT 0, name String".
/// @throws errors::InvalidArgument
std::vector<schema::Column> parse_schema(std::string_view text);

}  // namespace tinybird_cdk::local
