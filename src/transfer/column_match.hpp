// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/row_writer.hpp>
#include <tinybird_cdk/tinybird.hpp>

namespace tinybird_cdk::transfer {

/// How the columns of a query go into those of a data source.
struct ColumnMatch {
    std::vector<OutputColumn> columns;  ///< in the order of the query
    std::vector<std::string> places;    ///< the data source's column that each goes to; empty where it is not known
    bool header = false;                ///< CSV needs a line of names, for the order differs
};

/// Matches by name where every column of the query is one of the data source, else (CSV only) by position when the
/// counts agree. @param target nothing: it can't be read, so nothing is checked
/// @throws errors::SchemaMismatchError when a value would have no place, or a place no value
ColumnMatch match_columns(const std::vector<ResultColumn>& source, const std::optional<tinybird::DataSource>& target,
                          Format format);

}  // namespace tinybird_cdk::transfer
