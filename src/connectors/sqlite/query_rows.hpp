// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/value.hpp>

#include "database.hpp"

namespace tinybird_cdk::sqlite {

/// The rows of a query. Each value has its own storage class, whatever its column declares: integers, floats, text
/// and blobs go on as what they are (https://www.sqlite.org/datatype3.html).
///
/// A statement of its own is a read transaction, so that one `write()` sees one state of the database.
class QueryRows final : public Rows {
public:
    /// Prepares the query, so that what is wrong with it is known at once.
    QueryRows(DatabaseOptions options, const ExportRequest& request);

    [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }
    void write(RowWriter& writer, const std::stop_token& stop) override;

private:
    void refuse_other_columns() const;

    Database database_;
    Statement statement_;
    std::vector<ResultColumn> columns_;
    std::optional<std::uint64_t> row_limit_;
};

/// All rows of a query, each value by its storage class; blobs as base64.
ResultSet read_all(Database& database, std::string_view sql);

}  // namespace tinybird_cdk::sqlite
