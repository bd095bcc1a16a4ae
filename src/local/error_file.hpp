// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tinybird_cdk::local {

/// A row that ClickHouse's reader could not read, as its error file has it.
struct UnreadRow {
    std::string reason;
    std::string raw;  ///< empty for NDJSON: the reader does not keep it
};

/// Reads the file that `input_format_record_errors_file_path` names and removes it. No file: no errors.
std::vector<UnreadRow> take_error_file(const std::filesystem::path& file);

}  // namespace tinybird_cdk::local
