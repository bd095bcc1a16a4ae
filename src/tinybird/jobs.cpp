// SPDX-License-Identifier: Apache-2.0
#include "tinybird/jobs.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/text.hpp"
#include "tinybird/answers.hpp"

namespace tinybird_cdk::tinybird {

namespace {

/// An import of what Tinybird takes at once is over by then, as fast as the local one reads.
constexpr std::chrono::minutes longest_end{2};
constexpr std::chrono::seconds between_lists{1};
constexpr int most_lists = 3;

std::string path_of(const std::string& id) {
    return "/v0/jobs/" + core::url_encode(id);
}

std::string_view without_query(std::string_view url) {
    return url.substr(0, url.find_first_of("?#"));
}

}  // namespace

Jobs::Jobs(Api& api, const ClientOptions& options)
    : api_(api),
      clock_(options.clock ? options.clock : Clock::system()),
      first_poll_(options.job_first_poll),
      largest_poll_(options.job_largest_poll) {}

Response Jobs::look(const std::string& id, const std::stop_token& stop) {
    return api_.send({.path = path_of(id), .parameters = {{"debug", "blocks,block_log"}}, .stop = stop});
}

Job Jobs::described(const Response& response, const std::string& id) const {
    return read_job(json_of(response, "GET " + api_.configuration().endpoint + path_of(id)));
}

Response Jobs::wait(const std::string& id, const std::stop_token& stop, const std::function<void(const Job&)>& on_job) {
    std::chrono::milliseconds delay = first_poll_;
    while (true) {
        Response response = look(id, stop);
        const Job job = described(response, id);
        const std::string& status = job.status;
        if (on_job) {
            on_job(job);
        }
        if (status == "done") {
            return response;
        }
        if (status == "error" || status == "cancelled") {
            throw errors::JobError(
                id, fmt::format("job {} ended with status {}: {}", id, status, error_text(response.body)),
                fmt::format("See its description: GET /v0/jobs/{}.", id));
        }
        if (status.empty()) {
            throw errors::HTTPError(response.status, fmt::format("the description of job {} has no status", id),
                                    "Check TB_CDK_ENDPOINT: is it Tinybird's API?");
        }
        if (!clock_->sleep(delay, stop)) {
            throw errors::InterruptedError(
                fmt::format("interrupted while waiting for job {}, which goes on at Tinybird", id));
        }
        delay = std::min(delay * 3 / 2, largest_poll_);
    }
}

Job Jobs::get(const std::string& id) {
    return read_job(api_.send_for_json({.path = "/v0/jobs/" + core::url_encode(id)}));
}

std::vector<Job> Jobs::list() {
    const Value answer = api_.send_for_json({.path = "/v0/jobs"});
    std::vector<Job> jobs;
    if (const Value* const list = find(answer, "jobs")) {
        if (const auto* items = std::get_if<Value::List>(&list->variant())) {
            std::transform(items->begin(), items->end(), std::back_inserter(jobs), read_job);
        }
    }
    return jobs;
}

Job Jobs::cancel(const std::string& id) {
    // A job that is cancelled twice is cancelled.
    Job job = read_job(api_.send_for_json(
        {.method = "POST", .path = fmt::format("/v0/jobs/{}/cancel", core::url_encode(id)), .idempotent = true}));
    job.id = job.id.empty() ? id : job.id;
    return job;
}

Job Jobs::end(const std::string& id) {
    const auto begun = clock_->now();
    try {
        cancel(id);
    } catch (const errors::Error& error) {
        // Imports that work are refused, and so are jobs that have ended.
        logger::debug(fmt::format("job {} is not cancelled: {}", id, error.what()));
    }
    std::chrono::milliseconds delay = first_poll_;
    for (;;) {
        Job job = described(look(id, {}), id);
        if (job.ended() || clock_->now() - begun >= longest_end || !clock_->sleep(delay, {})) {
            job.id = job.id.empty() ? id : job.id;
            return job;
        }
        delay = std::min(delay * 3 / 2, largest_poll_);
    }
}

std::optional<std::string> Jobs::find_import(std::string_view url, std::string_view data_source) {
    for (int looked = 1;; ++looked) {
        std::optional<Job> latest;
        for (Job& job : list()) {
            const Value* const target = find(job.description, "datasource");
            const auto imported = text_of(job.description, "url");
            if (job.kind == "import" && imported && without_query(*imported) == without_query(url) &&
                target != nullptr && text_of(*target, "name") == data_source &&
                (!latest || job.created_at > latest->created_at)) {
                latest = std::move(job);
            }
        }
        if (latest) {
            return latest->id;
        }
        if (looked == most_lists || !clock_->sleep(between_lists, {})) {
            return std::nullopt;
        }
    }
}

Job Jobs::retry(const std::string& id) {
    return read_job(
        api_.send_for_json({.method = "POST", .path = fmt::format("/v0/jobs/{}/retry", core::url_encode(id))}));
}

}  // namespace tinybird_cdk::tinybird
