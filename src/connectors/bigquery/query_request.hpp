// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/value.hpp>

#include "api.hpp"
#include "field.hpp"

/// What jobs.insert is asked for (https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/insert).
namespace tinybird_cdk::bigquery {

/// What a dry run says of a query; it costs nothing.
struct Described {
    std::vector<Field> fields;
    /// That the query would read, or more than that. Nothing: BigQuery does not know, as of external tables, or does
    /// not tell, as of tables with policies for their rows.
    std::optional<std::uint64_t> bytes_processed = {};
    std::string location = {};  ///< where it would run, as in "EU"; empty: not said
};

/// @throws errors::ExternalDatasourceError for a query that can't be run, errors::InvalidArgument for a statement that
/// is no SELECT
Described describe(Api& api, const std::string& query, const std::stop_token& stop);

/// A dry run of any statement, which does nothing. @return BigQuery's text when it would not run it; empty: it would
/// @throws errors::ExternalDatasourceError when it can't say so now
std::string why_refused(Api& api, const std::string& statement, const std::stop_token& stop);

/// The body that runs a query. Pure. @param timeout after which BigQuery ends it
std::string run_request(const Settings& settings, const std::string& id, const std::string& query,
                        std::optional<std::chrono::milliseconds> timeout);

/// Below /bigquery/v2. Pure.
std::string jobs_path(const Settings& settings);

/// A number of an answer, which the API writes as text. Nothing: it is not there, or is none.
std::optional<std::uint64_t> count_at(const Value& value, std::initializer_list<std::string_view> path);

/// What could not be done, of errors.
inline constexpr const char* cant_run = "the query can't be run";

}  // namespace tinybird_cdk::bigquery
