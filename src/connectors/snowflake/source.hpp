// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tinybird_cdk/adbc.hpp>

#include "settings.hpp"

namespace tinybird_cdk::snowflake {

/// How the driver connects: as whom, where to, and with which parameters of the session.
adbc::Source source_from(const Settings& settings);

}  // namespace tinybird_cdk::snowflake
