// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/config.hpp>

namespace tinybird_cdk::duckdb {

/// Which library, which database, and the settings that keep values as they are.
/// @throws errors::MissingConfiguration without DUCKDB_DATABASE
adbc::Source source_from(const Environment& environment);

/// There is no file: queries are over something else.
bool in_memory(const Environment& environment);

}  // namespace tinybird_cdk::duckdb
