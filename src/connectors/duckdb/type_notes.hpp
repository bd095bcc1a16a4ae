// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <tinybird_cdk/type_notes.hpp>

namespace tinybird_cdk::duckdb {

/// The types of DuckDB, as DuckDB itself gives them from a database in memory.
/// @throws errors::MissingDriverError without its library
std::vector<TypeNote> type_notes();

}  // namespace tinybird_cdk::duckdb
