// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include <tinybird_cdk/schema.hpp>

#include "local/engine.hpp"
#include "local/import_format.hpp"
#include "local/ingest/csv_reader.hpp"

namespace tinybird_cdk::local {

/// The columns of a file, guessed from its begin. Objects of NDJSON become a column for each of their fields, named
/// `outer_inner`. @param types_too without it all columns are String. @throws Refusal 400
std::vector<schema::Column> guess_schema(Engine& engine, const std::filesystem::path& file, ImportFormat format,
                                         const ingest::CsvDialect& dialect, bool types_too);

}  // namespace tinybird_cdk::local
