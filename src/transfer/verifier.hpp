// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/row_writer.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "transfer/column_match.hpp"
#include "transfer/load.hpp"
#include "transfer/proof_sql.hpp"

namespace tinybird_cdk::transfer {

/// Compares what a load sent with what the data source holds. Not thread-safe.
class Verifier {
public:
    /// Looks at the data source as it is before the load, so that a token that may not read ends it before anything is
    /// sent. @throws errors::InvalidArgument when the columns can't be told
    Verifier(tinybird::Client& client, Mode mode, const std::string& data_source, const ColumnMatch& match,
             const LoadOptions& options);

    /// @param sent what the writer saw, nothing for no rows. @throws errors::NotProvedError
    Verification check(const std::optional<RowStatistics>& sent, const tinybird::Response& response);

private:
    struct Column {
        std::uint64_t nulls = 0;
        std::uint64_t checksum = 0;
        std::optional<std::string> lowest;
        std::optional<std::string> highest;
    };
    struct Snapshot {
        std::uint64_t rows = 0;
        std::vector<Column> columns;
    };

    [[nodiscard]] Snapshot look();
    void compare_column(std::size_t i, const ColumnStatistics& sent, const Snapshot& after);

    tinybird::Client& client_;
    const std::string& data_source_;
    const std::string condition_;
    const std::stop_token stop_;
    std::vector<ProofColumn> columns_;
    std::optional<Snapshot> before_;  ///< of an append
    std::vector<std::string> differences_;
};

}  // namespace tinybird_cdk::transfer
