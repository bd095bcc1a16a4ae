// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tinybird_cdk/export.hpp>

#include "codec.hpp"
#include "connection.hpp"

namespace tinybird_cdk::postgresql {

/// How one column of a query travels.
struct QueryColumn {
    ResultColumn column;
    Decoder decoder;
    std::string cast;  ///< applied at the source, as in "::text"; empty: none
};

/// Describes a query without running it. Types that the codec does not know are cast to text at the source.
/// @throws errors::ExternalDatasourceError; errors::InvalidArgument for a statement without columns
std::vector<QueryColumn> describe_columns(Connection& connection, const std::string& query);

/// The COPY statement for a query, and how many characters stand before the query in it.
struct CopyStatement {
    std::string sql;
    std::size_t prefix = 0;
};
CopyStatement copy_statement(const std::string& query, const std::vector<QueryColumn>& columns,
                             std::optional<std::uint64_t> row_limit);

}  // namespace tinybird_cdk::postgresql
