// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connection.hpp"

namespace tinybird_cdk::mysql {

/// One line of EXPLAIN.
struct PlanStep {
    std::string table;
    std::string access;                 ///< as in "ALL", "range"
    std::optional<std::uint64_t> rows;  ///< expected
    std::string extra;
};

/// Plans a query without running it; nothing where the server's answer has another form.
/// @throws errors::ExternalDatasourceError as the query would
std::vector<PlanStep> plan_of(Connection& connection, const std::string& query);

}  // namespace tinybird_cdk::mysql
