// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "local/catalog.hpp"

namespace tinybird_cdk::local {

/// "`name` Type DEFAULT …".
std::string column_definition(const schema::Column& column);
/// What comes behind ENGINE = in a CREATE TABLE.
std::string engine_definition(const DataSource& source);

/// Refuses a data source whose definition would reach outside the workspace or say more than it should: engines of
/// other systems, functions that read files in a DEFAULT. @throws errors::InvalidArgument
void check_definition(const DataSource& source);
void check_column(const schema::Column& column);
void check_ttl(const std::string& ttl);

}  // namespace tinybird_cdk::local
