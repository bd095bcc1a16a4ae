// SPDX-License-Identifier: Apache-2.0
#include "tinybird/ended_import.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/logger.hpp>

#include "tinybird/answers.hpp"

namespace tinybird_cdk::tinybird {

namespace {

/// A request whose answer is missing may take so long to be a job in the list.
constexpr int most_lists = 3;

std::string not_ended(const EndedJob& ended) {
    const std::string look = fmt::format("look at GET /v0/jobs/{} before you load again", ended.id);
    const std::string& status = ended.job.status;
    if (status.empty()) {
        return fmt::format("whether job {} goes on at Tinybird can't be seen: {}", ended.id, look);
    }
    if (status == "cancelling") {
        return fmt::format("job {} is being cancelled, and its end was not seen: {}", ended.id, look);
    }
    return fmt::format("job {} {} while it is {}, and goes on at Tinybird: {}", ended.id,
                       status == "working" ? "can't be cancelled" : "could not be cancelled", status, look);
}

/// Counts are of the blocks that were read; without them a job tells nothing of its rows.
std::string in_words(const EndedJob& ended) {
    if (!ended.job.ended()) {
        return not_ended(ended);
    }
    Response counts;
    read_import_fields(ended.job.description, counts, Described::job);
    const std::uint64_t quarantined = counts.quarantined.value_or(0);
    const std::string beside = quarantined > 0 ? fmt::format(", and {} are in quarantine", quarantined) : "";
    if (ended.job.status == "done") {
        return fmt::format("job {} had ended before it could be cancelled: its {}rows are in{}", ended.id,
                           counts.rows ? fmt::format("{} ", *counts.rows) : "", beside);
    }
    const std::string how =
        fmt::format("job {} {}", ended.id, ended.job.status == "cancelled" ? "is cancelled" : "has failed");
    // Imports go block by block, and blocks before the one that failed may be in.
    if (counts.rows.value_or(0) > 0) {
        return fmt::format("{}, and up to {} rows of it are in{}", how, *counts.rows, beside);
    }
    if (counts.rows || (ended.job.status == "cancelled" && ended.waited)) {
        return fmt::format("{}, and no row of it is in{}", how, beside);
    }
    return fmt::format("{}, and whether rows of it are in can't be seen: look before you load again{}", how, beside);
}

}  // namespace

EndedImport end_imports(JobEndings& endings, const std::vector<std::string>& job_ids) {
    logger::info(fmt::format("cancelling job {} and waiting for its end: what it fetches may go away",
                             fmt::join(job_ids, " and job ")));
    std::vector<EndedJob> jobs = endings.end(job_ids);
    EndedImport import;
    for (const EndedJob& ended : jobs) {
        import.words += (import.words.empty() ? "" : "; ") + in_words(ended);
    }
    const auto is_done = [](const EndedJob& ended) { return ended.job.status == "done"; };
    if (std::all_of(jobs.begin(), jobs.end(), [](const EndedJob& ended) { return ended.job.ended(); }) &&
        std::count_if(jobs.begin(), jobs.end(), is_done) == 1) {
        import.done = std::move(std::find_if(jobs.begin(), jobs.end(), is_done)->response);
    }
    return import;
}

std::optional<std::string> end_import_of(JobEndings& endings, std::string_view url, std::string_view data_source) {
    const std::vector<std::string> ids = endings.find_imports(url, data_source, most_lists);
    return ids.empty() ? std::nullopt : std::optional(end_imports(endings, ids).words);
}

bool may_go_on(const errors::Error& error, bool repeated) {
    constexpr int first_server_error = 500;
    if (const auto* const http = dynamic_cast<const errors::HTTPError*>(&error)) {
        return http->status() == 0 ? repeated : http->status() >= first_server_error;
    }
    return dynamic_cast<const errors::InDoubtError*>(&error) != nullptr;
}

}  // namespace tinybird_cdk::tinybird
