// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <tinybird_cdk/type_notes.hpp>

namespace tinybird_cdk::bigquery {

/// What the connector makes of BigQuery's types.
std::vector<TypeNote> type_notes();

}  // namespace tinybird_cdk::bigquery
