// SPDX-License-Identifier: Apache-2.0
#include "tinybird/job_endings.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "tinybird/answers.hpp"
#include "tinybird/jobs.hpp"

namespace tinybird_cdk::tinybird {

namespace {

/// An import of what Tinybird takes at once is over by then, as fast as the local one reads.
constexpr std::chrono::minutes longest_work{2};
/// Whoever stops a process often kills it after half a minute.
constexpr std::chrono::seconds longest_silence{15};
constexpr std::chrono::seconds longest_call{5};
constexpr std::chrono::seconds between_lists{1};

/// Nobody can stop these calls, so none waits for long, and their caller decides what is repeated.
ClientOptions in_short(ClientOptions options) {
    options.connect_timeout = std::min<std::chrono::milliseconds>(options.connect_timeout, longest_call);
    options.idle_timeout = std::min<std::chrono::milliseconds>(options.idle_timeout, longest_call);
    options.retry.timeout_attempts = 0;
    options.retry.gateway_attempts = 0;
    options.retry.connection_attempts = 0;
    options.retry.server_error_attempts = 0;
    options.retry.rate_limit_budget = std::chrono::milliseconds(0);
    return options;
}

/// Whether asking once more would be answered alike.
bool is_refusal(const errors::Error& error) {
    constexpr int timed_out = 408;
    constexpr int limited = 429;
    const auto* const http = dynamic_cast<const errors::HTTPError*>(&error);
    return http != nullptr && http->status() >= 400 && http->status() < 500 && http->status() != timed_out &&
           http->status() != limited;
}

}  // namespace

struct JobEndings::Ending {
    EndedJob seen;
    bool asked = false;    ///< cancelling it was answered
    bool refused = false;  ///< looking at it was

    [[nodiscard]] bool is_over() const { return seen.job.ended() || (refused && asked); }
    [[nodiscard]] bool is_worked_on() const {
        return seen.failure == nullptr && (seen.job.status == "working" || seen.job.status == "cancelling");
    }
};

JobEndings::JobEndings(const config::Tinybird& configuration, const ClientOptions& options)
    : api_(configuration, in_short(options)),
      clock_(options.clock ? options.clock : Clock::system()),
      first_poll_(options.job_first_poll),
      largest_poll_(options.job_largest_poll) {}

void JobEndings::look(Ending& ending) {
    try {
        Response response = api_.send(look_at_job(ending.seen.id));
        ending.seen.job =
            read_job(json_of(response, "GET " + api_.configuration().endpoint + path_of_job(ending.seen.id)));
        ending.seen.response = std::move(response);
        ending.seen.failure = nullptr;
    } catch (const errors::Error& error) {
        logger::debug(fmt::format("job {} can't be seen: {}", ending.seen.id, error.what()));
        ending.seen.failure = std::current_exception();
        ending.refused = is_refusal(error);
    }
}

void JobEndings::cancel(Ending& ending) {
    ending.seen.waited = ending.seen.failure == nullptr && ending.seen.job.status == "waiting";
    try {
        const Response response = api_.send(cancel_of_job(ending.seen.id));
        ending.asked = true;
        if (const auto answer = ending.refused ? object_of(response.body) : std::nullopt) {
            // Nothing else will be seen of it.
            ending.seen.job = read_job(*answer);
        }
    } catch (const errors::Error& error) {
        // Imports that work are refused, and so are jobs that have ended.
        logger::debug(fmt::format("job {} is not cancelled: {}", ending.seen.id, error.what()));
        ending.asked = is_refusal(error);
    }
}

std::vector<EndedJob> JobEndings::end(const std::vector<std::string>& ids) {
    std::vector<Ending> endings;
    std::transform(ids.begin(), ids.end(), std::back_inserter(endings),
                   [](const std::string& id) { return Ending{.seen = {.id = id}}; });
    const auto last = clock_->now() + longest_work;
    auto limit = clock_->now() + longest_silence;
    const auto in_time = [&] { return clock_->now() < limit; };
    const auto over = [](const Ending& ending) { return ending.is_over(); };
    std::chrono::milliseconds delay = first_poll_;
    for (;;) {
        for (Ending& ending : endings) {
            if (!ending.is_over() && in_time()) {
                look(ending);
                if (ending.is_worked_on()) {
                    limit = std::min(last, clock_->now() + longest_silence);
                }
            }
            if (!ending.is_over() && !ending.asked && in_time()) {
                cancel(ending);
            }
        }
        if (std::all_of(endings.begin(), endings.end(), over) || !in_time() || !clock_->sleep(delay, {})) {
            break;
        }
        delay = std::min(delay * 3 / 2, largest_poll_);
    }
    std::vector<EndedJob> ended;
    std::transform(endings.begin(), endings.end(), std::back_inserter(ended),
                   [](Ending& ending) { return std::move(ending.seen); });
    return ended;
}

std::vector<std::string> JobEndings::find_imports(std::string_view url, std::string_view data_source, int looks) {
    for (int looked = 1;; ++looked) {
        std::vector<Job> imports;
        try {
            for (Job& job : read_jobs(api_.send_for_json({.path = "/v0/jobs", .parameters = {{"kind", "import"}}}))) {
                if (imports_url(job, data_source, url)) {
                    imports.push_back(std::move(job));
                }
            }
        } catch (const errors::Error& error) {
            logger::debug(fmt::format("the imports into \"{}\" can't be looked for: {}", data_source, error.what()));
            if (is_refusal(error)) {
                return {};
            }
        }
        if (!imports.empty() || looked >= looks || !clock_->sleep(between_lists, {})) {
            std::stable_sort(imports.begin(), imports.end(),
                             [](const Job& a, const Job& b) { return a.created_at > b.created_at; });
            std::vector<std::string> ids;
            std::transform(imports.begin(), imports.end(), std::back_inserter(ids),
                           [](const Job& job) { return job.id; });
            return ids;
        }
    }
}

}  // namespace tinybird_cdk::tinybird
