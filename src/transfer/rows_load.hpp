// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "transfer/column_match.hpp"
#include "transfer/load.hpp"

namespace tinybird_cdk::transfer {

/// Carries rows to a data source: in one import where that may be, else an append goes in several. Those after the
/// first are kept in an unlinked temporary file while they are sent, for what is before them is in already.
/// @return nothing, and nothing was sent, when there are no rows
std::optional<LoadResult> load_rows(tinybird::Client& client, Rows& rows, Mode mode, const std::string& data_source,
                                    ColumnMatch match, const LoadOptions& options, tinybird::ImportOptions request);

}  // namespace tinybird_cdk::transfer
