// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/row_writer.hpp>
#include <tinybird_cdk/tinybird.hpp>

/// Columns that a source writes and ClickHouse reads, with nobody in between who looks at values. Pure.
namespace tinybird_cdk::transfer {

/// Whether each value that the columns may have arrives as it left.
struct UnloadFit {
    std::vector<OutputColumn> columns;  ///< in the order of the source: how they are to be written
    std::string refusal;                ///< why not, naming the column; empty: they do
};

/// @param source each with the type that holds what is written, Nullable where NULL may come
/// @param refuses_nulls the source fails where a NULL meets a target that takes none
/// @param refuses_numbers the source fails where a whole number or a decimal meets one that does not hold it exactly
/// @throws errors::SchemaMismatchError as match_columns()
UnloadFit fit_unload(const std::vector<ResultColumn>& source, const tinybird::DataSource& target, Format format,
                     bool refuses_nulls, bool refuses_numbers = false);

}  // namespace tinybird_cdk::transfer
