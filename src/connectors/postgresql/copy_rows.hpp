// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/export.hpp>

#include "connection.hpp"
#include "query_columns.hpp"

namespace tinybird_cdk::postgresql {

/// The rows of a query by binary COPY. The query is described when the object is made; the first `write()` reads in the
/// same transaction, so in the same snapshot. A further one begins anew, in a connection of its own.
class CopyRows final : public Rows {
public:
    CopyRows(const Environment& environment, std::string_view query, std::optional<std::uint64_t> row_limit,
             const std::stop_token& stop, const SourceLimits& limits = {});

    [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return result_columns_; }
    void write(RowWriter& writer, const std::stop_token& stop) override;
    [[nodiscard]] std::optional<std::uint64_t> estimated_rows() const override;

private:
    void describe_again();

    const Environment environment_;
    const std::string query_;
    const std::optional<std::uint64_t> row_limit_;
    const SourceLimits limits_;
    std::unique_ptr<Connection> connection_;  ///< none once it was used
    std::vector<QueryColumn> columns_;
    std::vector<ResultColumn> result_columns_;
};

}  // namespace tinybird_cdk::postgresql
