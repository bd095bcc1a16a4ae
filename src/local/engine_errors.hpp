// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "local/answers.hpp"
#include "local/chdb/connection.hpp"

namespace tinybird_cdk::local {

/// Whether the engine lacks something that it may have later: memory, space on the disk, merged parts.
bool is_temporary(const chdb::EngineError& error) noexcept;

/// What a client is told: 408 for a query that took too long, 503 when trying later may help, else 400.
Answer answer_of(const chdb::EngineError& error);

}  // namespace tinybird_cdk::local
