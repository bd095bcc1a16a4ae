// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tinybird_cdk/source_limits.hpp>

#include "connection.hpp"

namespace tinybird_cdk::mysql {

/// Sets what the session keeps to, before its transaction begins.
/// @throws errors::ExternalDatasourceError when a replica is asked for, and the server is none or it can't be told
void limit_session(Connection& connection, const SourceLimits& limits);

}  // namespace tinybird_cdk::mysql
