// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "local/catalog.hpp"

namespace tinybird_cdk::local {

/// "`name` Type DEFAULT …".
std::string column_definition(const schema::Column& column);
/// What comes behind ENGINE = in a CREATE TABLE.
std::string engine_definition(const DataSource& source);

/// "ReplacingMergeTree(version)" is Tinybird's engine ReplacingMergeTree with the option engine_ver.
struct EngineParts {
    std::string name;
    std::vector<std::pair<std::string, std::string>> options;  ///< "engine_ver" → "version"
};
EngineParts parts_of_engine(const std::string& engine);
/// The other way, from the parameters of a call. @throws errors::InvalidArgument when an option is missing in between
std::string engine_of(const std::map<std::string, std::string>& parameters);

/// Refuses a data source whose definition would reach outside the workspace or say more than it should: engines of
/// other systems, functions that read files in a DEFAULT. @throws errors::InvalidArgument
void check_definition(const DataSource& source);
void check_column(const schema::Column& column);
void check_ttl(const std::string& ttl);

}  // namespace tinybird_cdk::local
