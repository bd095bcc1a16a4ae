// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/source_limits.hpp>

#include "settings.hpp"

namespace tinybird_cdk::snowflake {

/// How the driver connects: as whom, where to, and with which parameters of the session.
adbc::Source source_from(const Settings& settings);

/// The same with time-outs of Snowflake's own, in whole seconds: a statement ends there whatever becomes of this
/// machine, also one that waits for a warehouse.
adbc::Source with_time_limits(adbc::Source source, const SourceLimits& limits);

}  // namespace tinybird_cdk::snowflake
