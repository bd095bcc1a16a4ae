// SPDX-License-Identifier: Apache-2.0
#include "tinybird/jobs.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"
#include "tinybird/answers.hpp"

namespace tinybird_cdk::tinybird {

std::string path_of_job(std::string_view id) {
    return "/v0/jobs/" + core::url_encode(id);
}

Call look_at_job(std::string_view id) {
    return {.path = path_of_job(id), .parameters = {{"debug", "blocks,block_log"}}, .repeat_server_errors = true};
}

Call cancel_of_job(std::string_view id) {
    // A job that is cancelled twice is cancelled.
    return {.method = "POST", .path = path_of_job(id) + "/cancel", .idempotent = true};
}

Jobs::Jobs(Api& api, const ClientOptions& options)
    : api_(api),
      clock_(options.clock ? options.clock : Clock::system()),
      first_poll_(options.job_first_poll),
      largest_poll_(options.job_largest_poll) {}

Response Jobs::look(const std::string& id, const std::stop_token& stop) {
    Call call = look_at_job(id);
    call.stop = stop;
    return api_.send(std::move(call));
}

Job Jobs::described(const Response& response, const std::string& id) const {
    return read_job(json_of(response, "GET " + api_.configuration().endpoint + path_of_job(id)));
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
    return read_job(api_.send_for_json({.path = path_of_job(id)}));
}

std::vector<Job> Jobs::list() {
    return read_jobs(api_.send_for_json({.path = "/v0/jobs"}));
}

Job Jobs::cancel(const std::string& id) {
    Job job = read_job(api_.send_for_json(cancel_of_job(id)));
    job.id = job.id.empty() ? id : job.id;
    return job;
}

Job Jobs::retry(const std::string& id) {
    return read_job(api_.send_for_json({.method = "POST", .path = path_of_job(id) + "/retry"}));
}

}  // namespace tinybird_cdk::tinybird
