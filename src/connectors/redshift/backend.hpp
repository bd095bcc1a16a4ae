// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/config.hpp>

#include "settings.hpp"

/// Redshift's processes, of which each serves a connection, and runs on when it is lost.
namespace tinybird_cdk::redshift {

/// The number of a connection's process.
std::string backend_of(adbc::Connection& connection, const std::stop_token& stop);

/// Ends a process from another connection, and waits until it runs nothing. That it is gone already is no error.
/// @throws errors::Error when it can't be ended, or runs on
void end_backend(const std::string& backend, const Settings& settings, const Environment& environment);

}  // namespace tinybird_cdk::redshift
