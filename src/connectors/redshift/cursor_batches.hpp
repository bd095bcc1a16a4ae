// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/record_batches.hpp>

namespace tinybird_cdk::redshift {

/// The rows of a query, some at a time: the driver would have all of a result in memory before it gave the first row.
/// @param query that is run in place of the request's @param source with its time-out
std::unique_ptr<RecordBatches> cursor_batches(const adbc::Source& source, const Environment& environment,
                                              std::string query, const ExportRequest& request);

}  // namespace tinybird_cdk::redshift
