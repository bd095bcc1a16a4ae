// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/schema.hpp>

#include "local/import_format.hpp"

namespace tinybird_cdk::local {

/// How one column gets from the staged input into its type. ClickHouse's own readers wrap numbers (300 into a UInt8 is
/// 44) and shift dates, so columns are staged as text and converted by expressions that give NULL for what does not
/// fit; a column whose converted value is missing sends its row to quarantine.
struct Conversion {
    std::string staged_type;  ///< of the staged column
    std::string value;        ///< SQL over the staged column: the value in its type, or NULL
    std::string bad;          ///< SQL over both: whether the row must go to quarantine
};

/// @param staged the staged column's name in SQL, @param converted that of the value made from it
Conversion conversion_of(const schema::Column& column, ImportFormat format, const std::string& staged,
                         const std::string& converted);

}  // namespace tinybird_cdk::local
