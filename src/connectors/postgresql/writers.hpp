// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <tinybird_cdk/incremental.hpp>

#include "connection.hpp"
#include "query_plan.hpp"

namespace tinybird_cdk::postgresql {

/// Waits until those who write to the tables at this moment have ended, as long as the request's lock time-out says.
/// @throws errors::ExternalDatasourceError when they don't end in time; errors::InterruptedError
void wait_for_writers(Connection& connection, const CursorRequest& request, const std::vector<PlanTable>& tables);

}  // namespace tinybird_cdk::postgresql
