// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/incremental.hpp>

namespace tinybird_cdk::duckdb {

/// How far a cursor column may be read such that no row with a lower value can be committed later. A file that is open
/// for reading has no writer, and a later one's now() is later: numbers go to the highest there is, times to the last
/// second that is over.
/// @param source whose sessions are in UTC
CursorBound cursor_bound(const adbc::Source& source, const Environment& environment, const CursorRequest& request);

/// The query's rows in a range of the cursor column.
std::string cursor_query(const CursorRequest& request, const CursorRange& range);

}  // namespace tinybird_cdk::duckdb
