// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "local/access/rules.hpp"
#include "local/server.hpp"

/// https://www.tinybird.co/docs/api-reference/jobs-api
namespace tinybird_cdk::local {

namespace {

constexpr std::chrono::hours longest_kept{48};

std::string text_of(const nlohmann::json& job, const char* name) {
    const auto found = job.find(name);
    return found != job.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// A moment in the form of our own, which sorts as text: "2026-01-01", "2026-01-01T10:00:00Z", "2026-01-01 10:00:00.5".
std::string moment_of(const Call& call, const char* name) {
    std::string text = call.parameter(name).value_or("");
    if (text.empty()) {
        return text;
    }
    constexpr std::string_view form = "0000-00-00 00:00:00";
    if (text.size() > 10 && text[10] == 'T') {
        text[10] = ' ';
    }
    if (text.ends_with('Z')) {
        text.pop_back();
    }
    const bool whole = text.size() == 10 || text.size() == 16 || text.size() >= form.size();
    bool fits = whole;
    for (std::size_t i = 0; fits && i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        fits = i < form.size() ? (form[i] == '0' ? digit : text[i] == form[i])
                               : digit || (i == form.size() && text[i] == '.');
    }
    if (!fits) {
        throw Refusal(400, fmt::format("{} is no moment: write it as 2026-01-01 10:00:00, in UTC", name));
    }
    return text;
}

/// Whoever may add to a data source, or read it, may know of its loads.
bool may_see(const Services& services, const Call& call, const nlohmann::json& job) {
    if (call.caller->is_admin() || call.caller->has("DATASOURCES:CREATE")) {
        return true;
    }
    const auto source = job.find("datasource");
    if (source == job.end() || !source->is_object() || text_of(job, "kind") != "import") {
        return false;
    }
    const auto known = services.catalog.find(text_of(*source, "id"));
    return known && local::may_see(*call.caller, *known);
}

Answer list(const Services& services, const Call& call) {
    constexpr std::array<std::string_view, 6> statuses{"waiting", "working",    "done",
                                                       "error",   "cancelling", "cancelled"};
    const std::string kind = call.parameter("kind").value_or("");
    const std::string status = call.parameter("status").value_or("");
    if (!status.empty() && std::find(statuses.begin(), statuses.end(), status) == statuses.end()) {
        throw Refusal(400, fmt::format("there is no status \"{}\": use one of {}", status, fmt::join(statuses, ", ")));
    }
    const std::string after = moment_of(call, "created_after");
    const std::string before = moment_of(call, "created_before");
    const std::string oldest =
        fmt::format("{:%Y-%m-%d %H:%M:%S}",
                    fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - longest_kept)));
    nlohmann::json jobs = nlohmann::json::array();
    for (const auto& job : services.jobs.all()) {
        const std::string created = text_of(job, "created_at");
        // There are no pipes, so no job is of one.
        const bool fits = (kind.empty() || text_of(job, "kind") == kind) &&
                          (status.empty() || text_of(job, "status") == status) && !call.parameter("pipe_id") &&
                          !call.parameter("pipe_name") && (after.empty() || created >= after) &&
                          (before.empty() || created < before) && created >= oldest;
        if (fits && may_see(services, call, job)) {
            jobs.push_back(job);
        }
    }
    return json_answer({{"jobs", jobs}});
}

nlohmann::json job_of(const Services& services, const Call& call) {
    auto job = services.jobs.find(call.captured.at(0));
    if (!job || !may_see(services, call, *job)) {
        throw Refusal(404, fmt::format("job {} does not exist", call.captured.at(0)));
    }
    return *std::move(job);
}

}  // namespace

void add_job_routes(Router& router, Services& services) {
    router.add("GET", "/v0/jobs", [&](Call& call) { return list(services, call); });
    router.add("GET", "/v0/jobs/:", [&](Call& call) { return json_answer(job_of(services, call)); });
    router.add("POST", "/v0/jobs/:/cancel", [&](Call& call) {
        const auto job = job_of(services, call);
        return error_answer(400, fmt::format("Job is not in a cancellable status: it is {}", text_of(job, "status")));
    });
    router.add("POST", "/v0/jobs/:/retry", [&](Call& call) {
        const auto job = job_of(services, call);
        return error_answer(400, fmt::format("jobs are not retried by the local Tinybird: send the load again (the job "
                                             "is {})",
                                             text_of(job, "status")));
    });
}

}  // namespace tinybird_cdk::local
