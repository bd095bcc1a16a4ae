// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connection.hpp"

namespace tinybird_cdk::postgresql {

struct PlanTable {
    std::string schema;
    std::string name;

    /// "schema"."name", quoted once more for a literal in single quotes.
    [[nodiscard]] std::string quoted_literal() const;
};

/// What EXPLAIN tells of a query.
struct QueryPlan {
    std::uint64_t rows = 0;         ///< expected
    std::vector<PlanTable> tables;  ///< that it reads, partitions one by one
    std::string scanned;            ///< a large table that is read whole and filtered; empty: none
};

/// Plans a query without running it. @throws errors::ExternalDatasourceError as the query would
QueryPlan plan_of(Connection& connection, const std::string& query);

}  // namespace tinybird_cdk::postgresql
