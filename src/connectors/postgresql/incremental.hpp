// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/incremental.hpp>

namespace tinybird_cdk::postgresql {

/// How far a cursor column may be read such that no row with a lower value can be committed later. To be asked before
/// the snapshot that is read is taken.
///
/// Dates and times: up to the start of the oldest transaction that still runs, for now() is the start of a transaction.
/// Numbers: the highest there is, after those who are writing to the query's tables at that moment have ended, for
/// numbers are given out before they are committed.
/// @throws errors::ExternalDatasourceError when that can't be told, or does not come about in a minute
CursorBound cursor_bound(const Environment& environment, const CursorRequest& request);

/// The query's rows in a range of the cursor column.
std::string cursor_query(const CursorRequest& request, const CursorRange& range);

}  // namespace tinybird_cdk::postgresql
