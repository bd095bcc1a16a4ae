// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/load_preview.hpp>

#include "transfer/load.hpp"

namespace tinybird_cdk::transfer {

/// Rows that are read to see how large a row is, and whether it fits.
inline constexpr std::uint64_t preview_rows = 1000;

/// @param source the columns of the query, @param estimated_rows what the source expects of all of it
/// @param first an export of its first rows only
/// @throws errors::InvalidArgument for an export that is not rows; errors::SchemaMismatchError as the load would
LoadPreview preview(const std::vector<ResultColumn>& source, std::optional<std::uint64_t> estimated_rows, Rows& first,
                    Mode mode, const std::string& query, const std::string& data_source,
                    const std::optional<tinybird::DataSource>& target, const LoadOptions& options,
                    const Limits& limits);

/// The same without rows: what the source says of the query.
LoadPreview preview(const QueryDescription& source, Mode mode, const std::string& query, const std::string& data_source,
                    const std::optional<tinybird::DataSource>& target, const LoadOptions& options);

/// Which way such a load goes: its format and its requests are those of that way.
void set_route(LoadPreview& preview, const WarehousePreview& warehouse);

}  // namespace tinybird_cdk::transfer
