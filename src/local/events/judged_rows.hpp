// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <tinybird_cdk/schema.hpp>

#include "local/import_format.hpp"

namespace tinybird_cdk::local {

/// SQL over rows of texts (`ingest::TextBlock`): which fit, and what to write of them where.
struct JudgedRows {
    std::string values;     ///< the columns of the data source, of a row that fits
    std::string bad;        ///< whether a row does not fit
    std::string raw_texts;  ///< the columns of its quarantine, without those behind them
    std::string bad_names;  ///< Array(String): the columns that did not fit
    std::string reasons;    ///< Array(String): why
};

JudgedRows judged_rows(const std::vector<schema::Column>& columns, ImportFormat format);

/// Floats are read to the nearest value, as the fast path does.
inline constexpr const char* judging_settings = "SETTINGS precise_float_parsing = 1";

}  // namespace tinybird_cdk::local
