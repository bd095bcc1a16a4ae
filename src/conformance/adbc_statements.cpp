// SPDX-License-Identifier: Apache-2.0
#include "conformance/adbc_statements.hpp"

#include <tinybird_cdk/record_batches.hpp>

namespace tinybird_cdk::conformance {

void AdbcStatements::execute(const std::vector<std::string>& statements) {
    adbc::Connection connection(source_, environment_);
    for (const std::string& statement : statements) {
        connection.execute(statement);
    }
}

std::vector<std::string> AdbcStatements::column(const std::string& query) {
    adbc::Connection connection(source_, environment_);
    std::vector<std::string> values;
    for (const auto& row : read_all(connection.query(query))) {
        values.push_back(row.at(0).second.to_text());
    }
    return values;
}

}  // namespace tinybird_cdk::conformance
