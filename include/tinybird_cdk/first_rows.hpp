// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/config.hpp>

/// Queries for the first rows of others, for sources that would make all of them.
namespace tinybird_cdk::adbc {

/// The names of the columns of a query, which is not run for its rows. @throws errors::ExternalDatasourceError for what
/// is no query
using NamesOfColumns = std::function<std::vector<std::string>(const std::string& sql)>;

/// A query for the first rows of another one, in its own order, so that the database need not make more: with a LIMIT
/// behind it or, where it has one already, around it. The query itself where the database takes neither, or would give
/// columns other names: reading has to end after so many rows then. Pure but for what it asks.
/// @param sql without a semicolon behind it; ends in a line end if it may end in a comment
/// @throws what `names` throws of a failure that may pass
std::string first_rows(const std::string& sql, std::uint64_t rows, const NamesOfColumns& names);

/// The same, of a query that runs on a connection of its own. @throws errors::InterruptedError on a stop
std::string first_rows(const Source& source, const Environment& environment, const std::string& sql, std::uint64_t rows,
                       const std::stop_token& stop, std::optional<std::chrono::milliseconds> statement_timeout = {});

}  // namespace tinybird_cdk::adbc
