// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/warehouse_connector.hpp>

#include "settings.hpp"

namespace tinybird_cdk::redshift {

/// By EXPLAIN, without running the query.
UnloadEstimate estimate(const Settings& settings, const Environment& environment, const ExportRequest& request);

/// Has Redshift write the result to the location.
CloudDir unload(const Settings& settings, const Environment& environment, const UnloadRequest& request);

}  // namespace tinybird_cdk::redshift
