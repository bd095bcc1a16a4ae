// SPDX-License-Identifier: Apache-2.0
#include "tinybird/jobs.hpp"

#include <algorithm>

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

Response Jobs::wait(const std::string& id, const std::stop_token& stop,
                    const std::function<void(std::string_view)>& on_status) {
    std::chrono::milliseconds delay = first_poll_;
    while (true) {
        // `debug` asks for the blocks, which carry the counts of this import.
        Response response = api_.send(
            {.path = "/v0/jobs/" + core::url_encode(id), .parameters = {{"debug", "blocks,block_log"}}, .stop = stop});
        const Value job = response.json();
        const std::string status = text_of(job, "status").value_or("");
        if (on_status) {
            on_status(status);
        }
        if (status == "done") {
            return response;
        }
        if (status == "error" || status == "cancelled") {
            throw errors::JobError(
                id, fmt::format("job {} ended with status {}: {}", id, status, error_text(response.body)),
                fmt::format("See its description: GET /v0/jobs/{}.", id));
        }
        if (!clock_->sleep(delay, stop)) {
            throw errors::InterruptedError(
                fmt::format("interrupted while waiting for job {}, which goes on at Tinybird", id));
        }
        delay = std::min(delay * 3 / 2, largest_poll_);
    }
}

}  // namespace tinybird_cdk::tinybird
