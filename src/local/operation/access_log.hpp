// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "local/exchange.hpp"
#include "local/options.hpp"

namespace tinybird_cdk::local {

/// One line on standard error for each request; no line holds a token.
void log_access(const Exchange& exchange, LogFormat format);

}  // namespace tinybird_cdk::local
