// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/value.hpp>

namespace tinybird_cdk::framework {

/// Runs an export and keeps all its rows in memory. Values that JSON has no number for (NaN, infinities) are text.
ResultSet read_all(Rows& rows);

}  // namespace tinybird_cdk::framework
