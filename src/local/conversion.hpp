// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/schema.hpp>

#include "local/import_format.hpp"

namespace tinybird_cdk::local {

/// How one column gets from what is staged into its type, as SQL. ClickHouse's own readers wrap numbers (300 into a
/// UInt8 is 44) and shift dates, so values are staged as texts and converted by expressions that give NULL for what
/// does not fit; a row with such a value goes to quarantine.
struct Conversion {
    std::string value;  ///< in the column's type or a Nullable of it
    std::string bad;    ///< whether the row must go to quarantine; "0" when it never must
    std::string raw;    ///< the value as a text
};

/// Of the column at `place`, over the columns that `ingest::TextBlock` fills.
Conversion conversion_of(const schema::Column& column, std::size_t place, ImportFormat format);

/// SQL that turns a text into a scalar type, or into NULL.
std::string scalar_value(const schema::Type& plain, const std::string& text);

}  // namespace tinybird_cdk::local
