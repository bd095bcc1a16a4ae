// SPDX-License-Identifier: Apache-2.0
#include "tinybird/jobs.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"
#include "tinybird/answers.hpp"

namespace tinybird_cdk::tinybird {

Jobs::Jobs(Api& api, const ClientOptions& options)
    : api_(api),
      clock_(options.clock ? options.clock : Clock::system()),
      first_poll_(options.job_first_poll),
      largest_poll_(options.job_largest_poll) {}

Response Jobs::wait(const std::string& id, const std::stop_token& stop, const std::function<void(const Job&)>& on_job) {
    std::chrono::milliseconds delay = first_poll_;
    while (true) {
        // `debug` asks for the blocks, which carry the counts of this import.
        const std::string path = "/v0/jobs/" + core::url_encode(id);
        Response response = api_.send({.path = path, .parameters = {{"debug", "blocks,block_log"}}, .stop = stop});
        const Job job = read_job(json_of(response, "GET " + api_.configuration().endpoint + path));
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

Job Jobs::retry(const std::string& id) {
    return read_job(
        api_.send_for_json({.method = "POST", .path = fmt::format("/v0/jobs/{}/retry", core::url_encode(id))}));
}

}  // namespace tinybird_cdk::tinybird
