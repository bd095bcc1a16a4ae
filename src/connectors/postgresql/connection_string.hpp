// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/config.hpp>

namespace tinybird_cdk::postgresql {

/// libpq's connection string (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING) with what
/// libpq would not find in the environment of the process itself: the variables that `environment` overrides and, when
/// it does not come from the process at all, whatever keeps the process's own variables out.
/// @param standby only a server that takes no writes will do: of several hosts the first such one
/// @throws errors::InvalidArgument for a variable that libpq takes from the process only
std::string connection_string(const Environment& environment, bool standby = false);

}  // namespace tinybird_cdk::postgresql
