// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/value.hpp>

namespace tinybird_cdk::cli {

/// Rows as an aligned table with a header. Numbers are to the right. Control characters are shown as escapes, so that
/// data can't move the cursor.
std::string table_text(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);
std::string table_text(const ResultSet& rows);
std::string json_text(const ResultSet& rows);
std::string csv_text(const ResultSet& rows);

/// "336,776"
std::string count_text(std::uint64_t count);
/// "31.2 MB"
std::string bytes_text(double bytes);
/// "2026-11-30 08:00:00", in UTC
std::string moment_text(std::chrono::system_clock::time_point time);
/// "1:04" or "0.8 s"
std::string duration_text(double seconds);

/// The columns that a text takes on a terminal: its code points (wide characters count as one).
std::size_t display_width(std::string_view text);

}  // namespace tinybird_cdk::cli
