// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/incremental.hpp>

#include "database.hpp"

namespace tinybird_cdk::sqlite {

/// How far a cursor column may be read such that no row with a lower value can be committed later. SQLite has one
/// writer at a time, so numbers may be read to the end; dates and times to the last second (or day) that is over in
/// UTC, which is what CURRENT_TIMESTAMP gives.
/// @throws errors::InvalidArgument for a column that holds values of several kinds
CursorBound cursor_bound(Database& database, const CursorRequest& request);

/// The one statement of a text, without the semicolon at its end and what follows it, so that it can stand in another.
std::string statement_text(Database& database, const std::string& sql);

/// The query's rows in a range of the cursor column.
std::string cursor_query(const CursorRequest& request, const CursorRange& range);

}  // namespace tinybird_cdk::sqlite
