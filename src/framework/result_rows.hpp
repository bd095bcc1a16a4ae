// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/value.hpp>

namespace tinybird_cdk::framework {

/// Runs an export and keeps all its rows in memory. Values that JSON has no number for (NaN, infinities) are text.
/// @throws errors::InterruptedError when the token asks to stop
ResultSet read_all(Rows& rows, const std::stop_token& stop);

}  // namespace tinybird_cdk::framework
