// SPDX-License-Identifier: Apache-2.0
#include "job.hpp"

#include <exception>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "query_request.hpp"

namespace tinybird_cdk::bigquery {

namespace {

/// How long a question for the end of a job may wait at the server. A stop ends it at once.
constexpr const char* patience = "10000";

constexpr int bad_request = 400;
constexpr int not_found = 404;
constexpr int conflict = 409;
constexpr std::chrono::milliseconds between_looks{500};

}  // namespace

Job::Job(Api& api, std::string id, const std::string& location)
    : api_(api), id_(std::move(id)), location_(api.settings().location.empty() ? location : api.settings().location) {}

Job::~Job() {
    end();
}

void Job::begin(const std::string& query, std::optional<std::chrono::milliseconds> timeout,
                const std::stop_token& stop) {
    if (stop.stop_requested()) {
        throw errors::InterruptedError();
    }
    state_ = State::in_doubt;
    const rest::Answer answer =
        api_.send("POST", jobs_path(api_.settings()), {}, run_request(api_.settings(), id_, query, timeout), stop);
    if (answer.ok() || answer.status == conflict) {
        state_ = State::runs;
    } else if (answer.status == bad_request) {
        state_ = State::ended;
    } else if (answer.status < 500) {
        state_ = State::refused;
    }
    if (answer.status == conflict) {
        // The id is random: this is the same request, of which the first answer was lost.
        return;
    }
    if (!answer.ok()) {
        throw error_of(refusal_of(answer), cant_run);
    }
    if (std::string location = rest::text_at(document_of(answer, cant_run), {"jobReference", "location"});
        !location.empty()) {
        location_ = std::move(location);
    }
}

Page Job::page(const PageForm& form, const std::string& token, const std::stop_token& stop) {
    const std::string path = fmt::format("projects/{}/queries/{}", part(api_.settings().project), part(id_));
    Api::Query query{{"maxResults", fmt::format("{}", form.rows)}, {"timeoutMs", patience}};
    // One excludes the other.
    if (form.iso_timestamps) {
        query.emplace_back("formatOptions.timestampOutputFormat", "ISO8601_STRING");
    } else {
        query.emplace_back("formatOptions.useInt64Timestamp", "true");
    }
    if (!location_.empty()) {
        query.emplace_back("location", location_);
    }
    if (!token.empty()) {
        query.emplace_back("pageToken", token);
    }
    for (;;) {
        rest::Answer answer = api_.send("GET", path, query, {}, stop);
        if (!answer.ok()) {
            const Refusal refusal = refusal_of(answer);
            // A job that failed mostly answers 400. A token that has run out, or rights that were taken away, look like
            // other failures of a job, which then still runs; to cancel one that does not is no harm.
            if (answer.status == bad_request) {
                state_ = State::ended;
            }
            throw error_of(refusal, "the query failed", link());
        }
        Page page(std::move(answer), "the query failed");
        const std::string complete = rest::text_at(page.head(), {"jobComplete"});
        if (complete == "true") {
            state_ = State::ended;
            has_result_ = true;
            return page;
        }
        if (complete != "false") {
            throw errors::ExternalDatasourceError("BigQuery does not say whether the query has ended", {},
                                                  "The job: " + link());
        }
    }
}

std::uint64_t Job::wait(const std::stop_token& stop) {
    return count_at(page({.rows = 0}, {}, stop).head(), {"totalRows"}).value_or(0);
}

void Job::read(const PageForm& form, const TakePage& take, const std::stop_token& stop) {
    std::string next;
    do {
        Page result = page(form, next, stop);
        if (!take(result)) {
            return;
        }
        next = rest::text_at(result.head(), {"pageToken"});
    } while (!next.empty());
}

Value Job::description(const std::stop_token& stop) const {
    return api_.get(fmt::format("{}/{}", jobs_path(api_.settings()), part(id_)), where(), "the job can't be described",
                    stop);
}

std::string Job::result_table(const std::stop_token& stop) const {
    const Value job = description(stop);
    const auto name = [&](std::string_view of) {
        std::string text = rest::text_at(job, {"configuration", "query", "destinationTable", of});
        if (text.empty()) {
            throw errors::ExternalDatasourceError("BigQuery does not say which table has the result", {},
                                                  "The job: " + link());
        }
        return text;
    };
    return fmt::format("projects/{}/datasets/{}/tables/{}", name("projectId"), name("datasetId"), name("tableId"));
}

Exported Job::wait_for_export(const std::stop_token& stop) {
    wait(stop);
    const Value document = description(stop);
    const auto rows = count_at(document, {"statistics", "query", "exportDataStatistics", "rowCount"});
    if (!rows) {
        throw errors::ExternalDatasourceError("BigQuery does not say how many rows it has written", {},
                                              "The job: " + link());
    }
    return {.rows = *rows, .objects = count_at(document, {"statistics", "query", "exportDataStatistics", "fileCount"})};
}

Api::Query Job::where() const {
    return location_.empty() ? Api::Query() : Api::Query{{"location", location_}};
}

std::string Job::link() const {
    return fmt::format("https://console.cloud.google.com/bigquery?project={}&j=bq:{}:{}&page=queryresults",
                       part(api_.settings().project), location_, id_);
}

bool Job::cancel(bool may_come) {
    constexpr int most_tries = 10;
    const std::string path = fmt::format("{}/{}/cancel", jobs_path(api_.settings()), part(id_));
    for (int tries = 1;; ++tries) {
        const rest::Answer answer = api_.send("POST", path, where(), {}, {});
        if (answer.ok()) {
            return true;
        }
        if (answer.status != not_found) {
            throw error_of(refusal_of(answer), fmt::format("job {}", id_));
        }
        if (!may_come || tries == most_tries) {
            return false;
        }
        api_.clock().sleep(between_looks, {});
    }
}

void Job::cancel_and_wait(bool may_come) {
    constexpr int most_looks = 60;
    constexpr int most_failures = 5;
    if (!cancel(may_come)) {
        return;
    }
    const std::string path = fmt::format("{}/{}", jobs_path(api_.settings()), part(id_));
    int failures = 0;
    for (int look = 0; look < most_looks; ++look) {
        try {
            const Value job = api_.get(path, where(), fmt::format("job {}", id_), {});
            if (rest::text_at(job, {"status", "state"}) == "DONE") {
                logger::info(fmt::format("BigQuery: job {} has ended", id_));
                return;
            }
        } catch (const errors::ExternalDatasourceError&) {
            // A look that fails says nothing of the job.
            if (++failures == most_failures) {
                throw;
            }
        }
        api_.clock().sleep(between_looks, {});
    }
    throw errors::ExternalDatasourceError(fmt::format("BigQuery: job {} was cancelled and still runs", id_));
}

bool Job::end() noexcept {
    const State before = std::exchange(state_, State::ended);
    if (before == State::not_begun || before == State::ended) {
        return true;
    }
    try {
        cancel_and_wait(before == State::in_doubt);
        return true;
    } catch (const std::exception& error) {
        try {
            if (before == State::refused) {
                // Who may not run queries mostly may not cancel them.
                logger::info(fmt::format("BigQuery: job {} was refused, and not cancelled: {}", id_, error.what()));
                return true;
            }
            logger::warning(
                fmt::format("BigQuery: job {} could not be cancelled, so it may go on: {}", id_, error.what()));
        } catch (...) {  // NOLINT(bugprone-empty-catch): no memory for the warning either
        }
        return false;
    }
}

}  // namespace tinybird_cdk::bigquery
