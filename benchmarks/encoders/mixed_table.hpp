// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tinybird_cdk/row_writer.hpp>

namespace tinybird_cdk::benchmarks {

/// One row with a value of each common kind.
struct MixedRow {
    std::int64_t id;
    std::int64_t quantity;
    std::string price;
    double ratio;
    bool active;
    std::optional<std::string> name;
    std::string note;
    std::int64_t day;
    std::int64_t created_seconds;
    std::uint32_t created_nanoseconds;
    std::int64_t updated_seconds;
    std::uint32_t updated_nanoseconds;
    std::array<std::byte, 16> key;
    std::string document;
    std::vector<std::int64_t> scores;
};

/// The columns that the rows have.
/// @param with_targets as a load into a known data source has them
std::vector<OutputColumn> mixed_columns(bool with_targets);

/// The same rows in every run.
std::vector<MixedRow> mixed_rows(std::size_t count);

void write(RowWriter& writer, const MixedRow& row);

}  // namespace tinybird_cdk::benchmarks
