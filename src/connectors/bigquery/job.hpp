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

/// Rows of a page of a result: it is in memory, and BigQuery ends one at about 10 MB anyway.
constexpr std::uint64_t rows_of_a_page = 5000;

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

    /// Waits for its end. @return how many rows it gives @throws as read()
    std::uint64_t wait(const std::stop_token& stop);
    /// The table that has them, as in "projects/p/datasets/d/tables/t"; it stays for a day.
    /// @throws errors::ExternalDatasourceError
    std::string result_table(const std::stop_token& stop) const;

    /// Rows of a page, each {"f": […]}. @return false: no more are needed
    using TakeRows = std::function<bool(const Value::List& rows)>;
    /// Waits for its end and gives its rows from the first one on. May be called again.
    /// @throws errors::ExternalDatasourceError when it failed or pages are missing, errors::InterruptedError
    void read(const TakeRows& take, const std::stop_token& stop);

    /// Waits for the end of an EXPORT DATA. @throws as read()
    Exported wait_for_export(const std::stop_token& stop);

    /// Whether it came to a good end, so that its result can be read again.
    [[nodiscard]] bool has_result() const noexcept { return has_result_; }
    /// Google's page of it.
    [[nodiscard]] std::string link() const;

private:
    void insert(const std::string& query, std::optional<std::chrono::milliseconds> timeout,
                const std::stop_token& stop);
    /// Of its result, when it has ended. @param token of the page; empty: the first one
    Value page(const char* rows, const std::string& token, const std::stop_token& stop);
    [[nodiscard]] Value description(const std::stop_token& stop) const;
    void cancel() noexcept;
    void cancel_and_wait();
    [[nodiscard]] Api::Query where() const;

    Api& api_;
    const std::string id_;
    std::string location_;  ///< empty: not known yet
    bool ended_ = false;
    bool has_result_ = false;
};

}  // namespace tinybird_cdk::bigquery
