// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "local/import.hpp"
#include "local/router.hpp"
#include "local/server.hpp"

namespace tinybird_cdk::local {

/// What the parameters and headers of a call say of an import. @throws Refusal 400
ImportRequest import_request_of(const Call& call, bool replace);

/// A condition goes into a statement of the server's own, so it must be one expression that reads no other place.
/// @throws Refusal 400, chdb::EngineError
void check_condition(Services& services, const DataSource& source, const std::string& condition);

}  // namespace tinybird_cdk::local
