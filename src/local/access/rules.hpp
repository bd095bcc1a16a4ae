// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "local/access/tokens.hpp"
#include "local/catalog.hpp"
#include "local/router.hpp"

namespace tinybird_cdk::local {

/// Paths that tell nothing of the workspace.
bool is_open(const std::string& path);

/// Why this token may not make this call. What no rule names is for ADMIN.
std::optional<std::string> refusal_of(const Call& call, const AccessToken& token, const Catalog& catalog);

/// May see it in a list: whatever the token may do with it.
bool may_see(const AccessToken& token, const DataSource& source);
bool may_read(const AccessToken& token, const DataSource& source);

/// @throws Refusal 403 when a query names a table that the token may not read. A name counts wherever it could be one
/// of a table, so a column that is called like another data source is written with its own: orders.users
void check_tables(std::string_view sql, const AccessToken& token, const Catalog& catalog);

}  // namespace tinybird_cdk::local
