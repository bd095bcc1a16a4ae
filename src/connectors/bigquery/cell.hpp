// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tinybird_cdk/row_writer.hpp>
#include <tinybird_cdk/value.hpp>

#include "field.hpp"

namespace tinybird_cdk::bigquery {

/// Writes a value of an answer, {"v": …}
/// (https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/getQueryResults, as page_form() asks for). @throws
/// errors::ExternalDatasourceError for one that is not in the notation of its type
void write_cell(RowWriter& writer, const Field& field, const Value& cell);

}  // namespace tinybird_cdk::bigquery
