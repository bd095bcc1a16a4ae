// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace tinybird_cdk::local {

inline constexpr const char* row_number_column = "row_number";

/// A block in the Native format (`ingest::RowBlock::take()`) with one more column, of UInt64: its rows' numbers from 0.
std::string with_row_numbers(std::string block, std::size_t rows);

}  // namespace tinybird_cdk::local
