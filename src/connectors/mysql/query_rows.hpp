// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <tinybird_cdk/export.hpp>

#include "connection.hpp"
#include "statement.hpp"

namespace tinybird_cdk::mysql {

/// The rows of a query. It is described when the object is made; the first `write()` reads in the same transaction, so
/// in the same snapshot. A further one begins anew, in a connection of its own.
class QueryRows final : public Rows {
public:
    QueryRows(const Environment& environment, const ExportRequest& request);

    [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }
    void write(RowWriter& writer, const std::stop_token& stop) override;
    /// What the server's statistics say of a query of one table without conditions.
    [[nodiscard]] std::optional<std::uint64_t> estimated_rows() const override;

private:
    /// The statement goes before the connection that it runs in.
    struct Source {
        Source(const Environment& environment, const SourceLimits& limits, const std::string& query,
               const std::stop_token& stop)
            : connection(environment, limits, stop), statement(connection, query) {}
        Connection connection;
        Statement statement;
    };

    void refuse_other_columns(const Statement& statement) const;

    const Environment environment_;
    const std::string query_;
    const std::optional<std::uint64_t> row_limit_;
    const SourceLimits limits_;
    std::unique_ptr<Source> source_;  ///< none once it was used
    std::vector<ResultColumn> columns_;
};

}  // namespace tinybird_cdk::mysql
