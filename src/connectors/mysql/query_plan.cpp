// SPDX-License-Identifier: Apache-2.0
#include "query_plan.hpp"

#include <charconv>

namespace tinybird_cdk::mysql {

namespace {

std::optional<std::uint64_t> number(const std::optional<std::string>& text) {
    std::uint64_t value = 0;
    if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

std::vector<PlanStep> plan_of(Connection& connection, const std::string& query) {
    // MySQL has two columns more than MariaDB, "partitions" in front of "type" and "filtered" behind "rows".
    constexpr std::size_t mariadb_columns = 10;
    constexpr std::size_t mysql_columns = 12;
    std::vector<PlanStep> steps;
    for (const TextRow& row : connection.run("EXPLAIN " + query)) {
        if (row.size() != mariadb_columns && row.size() != mysql_columns) {
            return {};
        }
        const std::size_t more = row.size() == mysql_columns ? 1 : 0;
        steps.push_back({.table = row[2].value_or(""),
                         .access = row[3 + more].value_or(""),
                         .rows = number(row[8 + more]),
                         .extra = row.back().value_or("")});
    }
    return steps;
}

}  // namespace tinybird_cdk::mysql
