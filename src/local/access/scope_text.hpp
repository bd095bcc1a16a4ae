// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "local/access/tokens.hpp"
#include "local/catalog.hpp"

namespace tinybird_cdk::local {

/// Reads "DATASOURCES:READ:events". @throws Refusal 400 for a scope that is not served, 404 for an unknown data source
Scope parse_scope(std::string_view text, const Catalog& catalog);
/// Reads {"type": "DATASOURCES:READ", "resource": "events"}.
Scope scope_of_json(const nlohmann::json& json, const Catalog& catalog);
/// As the API answers it; the resource by the name it has now.
nlohmann::json scope_json(const Scope& scope, const Catalog& catalog);

}  // namespace tinybird_cdk::local
