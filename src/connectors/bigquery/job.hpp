// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include <tinybird_cdk/value.hpp>

#include "api.hpp"
#include "page.hpp"

namespace tinybird_cdk::bigquery {

/// What an EXPORT DATA has written
/// (https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#ExportDataStatistics).
struct Exported {
    std::uint64_t rows = 0;
    std::optional<std::uint64_t> objects = {};
};

/// Rows of a page of a result at most: its text is in memory, and BigQuery ends one at 20 MB anyway
/// (https://cloud.google.com/bigquery/quotas#query_jobs).
constexpr std::uint64_t rows_of_a_page = 5000;

/// How pages are asked for.
struct PageForm {
    std::uint64_t rows = rows_of_a_page;  ///< at most
    /// Timestamps as text with all their digits; else they are microseconds, and have no more than six.
    bool iso_timestamps = false;
};

/// A query that runs, or has run. When it goes away before its end it is ended.
class Job {
public:
    /// Nothing is asked for yet. @param id that nobody has used in this project @param location where it will run, if
    /// that is known: should the answer that says it be lost, the job is not found without it
    Job(Api& api, std::string id, const std::string& location = {});
    ~Job();
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;

    /// Asks for it; does not wait. Once. @param timeout after which BigQuery ends it
    /// @throws errors::ExternalDatasourceError when it is refused, errors::InterruptedError
    void begin(const std::string& query, std::optional<std::chrono::milliseconds> timeout, const std::stop_token& stop);

    /// Waits for its end. @return how many rows it gives @throws as read()
    std::uint64_t wait(const std::stop_token& stop);
    /// The table that has them, as in "projects/p/datasets/d/tables/t"; it stays for a day.
    /// @throws errors::ExternalDatasourceError
    std::string result_table(const std::stop_token& stop) const;

    /// A page (https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/getQueryResults).
    /// @return false: no more are needed
    using TakePage = std::function<bool(Page& page)>;
    /// Waits for its end and gives its pages from the first one on. May be called again.
    /// @throws errors::ExternalDatasourceError when it failed, errors::InterruptedError
    void read(const PageForm& form, const TakePage& take, const std::stop_token& stop);

    /// Waits for the end of an EXPORT DATA. @throws as read()
    Exported wait_for_export(const std::stop_token& stop);

    /// Cancels it unless it has ended, and waits for that, half a minute at most: nothing is written by it after that.
    /// @return false: it may go on, which is logged
    bool end() noexcept;

    /// Whether it came to a good end, so that its result can be read again.
    [[nodiscard]] bool has_result() const noexcept { return has_result_; }
    /// Google's page of it.
    [[nodiscard]] std::string link() const;

private:
    enum class State {
        not_begun,
        in_doubt,  ///< it was asked for, and no answer is known
        refused,   ///< likewise, and refused; an earlier try whose answer was lost may have begun it all the same
        runs,
        ended,
    };

    /// Of its result, when it has ended. @param token of the page; empty: the first one
    Page page(const PageForm& form, const std::string& token, const std::stop_token& stop);
    [[nodiscard]] Value description(const std::stop_token& stop) const;
    /// @param may_come it may reach BigQuery only after this
    void cancel_and_wait(bool may_come);
    /// @return false: there is none
    bool cancel(bool may_come);
    [[nodiscard]] Api::Query where() const;

    Api& api_;
    const std::string id_;
    std::string location_;  ///< empty: not known yet
    State state_ = State::not_begun;
    bool has_result_ = false;
};

}  // namespace tinybird_cdk::bigquery
