// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stop_token>
#include <string_view>

#include "connection.hpp"

namespace tinybird_cdk::mysql {

/// Waits until every statement that runs at the server at this moment is over, and every transaction that such
/// statements may have left open has ended: what they wrote is seen by snapshots that are taken after that.
/// @param column whose lower values may come from them, for messages
/// @throws errors::ExternalDatasourceError when it can't be told who writes (no PROCESS privilege, a replica), or when
/// they don't end in time; errors::InterruptedError
void wait_for_writers(Connection& connection, std::string_view column, std::chrono::milliseconds patience,
                      const std::stop_token& stop);

}  // namespace tinybird_cdk::mysql
