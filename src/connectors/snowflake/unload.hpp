// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tinybird_cdk/warehouse_connector.hpp>

#include "session.hpp"
#include "stage.hpp"

namespace tinybird_cdk::snowflake {

/// Snowflake compiles the query and says how much it would read; nothing is run.
UnloadEstimate estimate(Session& session, const ExportRequest& request);

/// Has Snowflake write the result to the location, which is below the stage. When it throws, the query has been
/// cancelled at Snowflake, and what it wrote is deleted.
CloudDir unload(Session& session, const Stage& stage, const UnloadRequest& request);

}  // namespace tinybird_cdk::snowflake
