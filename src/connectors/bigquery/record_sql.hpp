// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "field.hpp"

namespace tinybird_cdk::bigquery {

/// SQL that gives a TIME with as many digits of a second as it needs, as the kit writes it.
std::string time_text(const std::string& value);

/// SQL that gives a RANGE, which may be NULL, as the kit writes it: its bounds with as many digits as they need.
std::string range_as_text(const Field& field, const std::string& value);

/// SQL that gives a record, or an array of records, as the JSON text that the kit writes when it reads them itself.
/// BigQuery's own TO_JSON_STRING would make text of integers beyond 2^53, and writes times in another notation. Pure.
/// @param value SQL of a column that is a STRUCT or an ARRAY of them; NULL of the one stays NULL, of the other is []
std::string record_as_json(const Field& field, const std::string& value);

}  // namespace tinybird_cdk::bigquery
