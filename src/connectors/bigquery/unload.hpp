// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/warehouse_connector.hpp>

#include "api.hpp"

namespace tinybird_cdk::bigquery {

/// A dry run, at no cost. @param api outlives the estimate, whose last look asks it @throws as describe()
UnloadEstimate estimate(Api& api, const ExportRequest& request);

/// Has BigQuery write the result to the location. @param job_id that nobody has used
CloudDir unload(Api& api, const UnloadRequest& request, const std::string& job_id);

}  // namespace tinybird_cdk::bigquery
