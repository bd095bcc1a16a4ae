// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::local {

/// The columns that a header line names, in its order; nothing when the record is no header: each field of a header is
/// the name of a column, once; "Unit price" is Unit_price.
std::optional<std::vector<std::size_t>> header_columns(const std::vector<std::string>& fields,
                                                       const std::vector<schema::Column>& columns);

}  // namespace tinybird_cdk::local
