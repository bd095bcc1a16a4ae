// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/incremental.hpp>

namespace tinybird_cdk::mysql {

/// How far a cursor column may be read such that no row with a lower value can be committed later. To be asked before
/// the snapshot that is read is taken.
///
/// Numbers: the highest there is. Dates and times: up to now, less a second. In both cases after those who are writing
/// at this moment have ended (`wait_for_writers()`), unless a lag stands for that.
/// @throws errors::ExternalDatasourceError when that can't be told, or does not come about in time
CursorBound cursor_bound(const Environment& environment, const CursorRequest& request);

/// The query's rows in a range of the cursor column.
std::string cursor_query(const CursorRequest& request, const CursorRange& range);

}  // namespace tinybird_cdk::mysql
