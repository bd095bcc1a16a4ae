// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/incremental.hpp>

namespace tinybird_cdk::any_adbc {

/// How far a cursor column may be read. Nothing is known of the database, so the lag that was given has to cover
/// transactions that are still open: numbers go to the highest there is less the lag, times to this machine's clock
/// less the lag.
/// @throws errors::InvalidArgument without a lag (one of nothing will do), and for columns of other types
CursorBound cursor_bound(const adbc::Source& source, const Environment& environment, const CursorRequest& request);

/// The query's rows in a range of the cursor column, in standard SQL, names quoted as the database quotes them.
/// @param vendor what the database is, as its driver says
std::string cursor_query(const std::string& vendor, const CursorRequest& request, const CursorRange& range);

}  // namespace tinybird_cdk::any_adbc
