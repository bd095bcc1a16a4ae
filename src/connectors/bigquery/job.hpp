// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <tinybird_cdk/value.hpp>

#include "api.hpp"
#include "field.hpp"

namespace tinybird_cdk::bigquery {

/// What a dry run says of a query; it costs nothing.
struct Described {
    std::vector<Field> fields;
    std::uint64_t bytes_processed = 0;  ///< that the query would read
    std::string location = {};          ///< where it would run, as in "EU"; empty: not said
};

/// @throws errors::ExternalDatasourceError for a query that can't be run, errors::InvalidArgument for a statement that
/// is no SELECT
Described describe(Api& api, const std::string& query, const std::stop_token& stop);

/// What an EXPORT DATA has written
/// (https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#ExportDataStatistics).
struct Exported {
    std::uint64_t rows = 0;
    std::optional<std::uint64_t> objects = {};
};

/// A query that runs, or has run. When it goes away before its end it is cancelled, and that is waited for (half a
/// minute at most): nothing is written by it after that.
class Job {
public:
    /// Asks for it; does not wait. @param id that nobody has used in this project @param timeout after which BigQuery
    /// ends it @param location where it will run, if that is known: should the answer that says it be lost, the job is
    /// not found without it
    Job(Api& api, std::string id, const std::string& query, std::optional<std::chrono::milliseconds> timeout,
        const std::stop_token& stop, const std::string& location = {});
    ~Job();
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

    /// Rows of a page, each {"f": […]}. @return false: no more are needed
    using TakeRows = std::function<bool(const Value::List& rows)>;
    /// Waits for its end and gives its rows from the first one on. May be called again.
    /// @throws errors::ExternalDatasourceError when it failed, errors::InterruptedError
    void read(const TakeRows& take, const std::stop_token& stop);

    /// Waits for the end of an EXPORT DATA. @throws as read()
    Exported wait_for_export(const std::stop_token& stop);

    /// Google's page of it.
    [[nodiscard]] std::string link() const;

private:
    void insert(const std::string& query, std::optional<std::chrono::milliseconds> timeout,
                const std::stop_token& stop);
    void cancel() noexcept;
    void cancel_and_wait();
    [[nodiscard]] Api::Query where() const;

    Api& api_;
    const std::string id_;
    std::string location_;  ///< empty: not known yet
    bool ended_ = false;
};

}  // namespace tinybird_cdk::bigquery
