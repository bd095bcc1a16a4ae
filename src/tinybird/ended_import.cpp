// SPDX-License-Identifier: Apache-2.0
#include "tinybird/ended_import.hpp"

#include <cstdint>

#include <fmt/format.h>

#include <tinybird_cdk/logger.hpp>

#include "tinybird/answers.hpp"

namespace tinybird_cdk::tinybird {

namespace {

std::string in_words(const Job& job) {
    Response counts;
    read_import_fields(job.description, counts, Described::job);
    if (!job.ended()) {
        return fmt::format(
            "job {} can't be cancelled while it is {}, and goes on at Tinybird: look at GET /v0/jobs/{} before you "
            "load again",
            job.id, job.status.empty() ? "in a state that is not told" : job.status, job.id);
    }
    const std::uint64_t rows = counts.rows.value_or(0);
    if (job.status == "done") {
        return counts.rows
                   ? fmt::format("job {} had ended before it could be cancelled: its {} rows are in", job.id, rows)
                   : fmt::format("job {} had ended before it could be cancelled: its rows are in", job.id);
    }
    const std::string how = job.status == "cancelled" ? "is cancelled" : "has failed";
    // Imports go block by block, and blocks before the one that failed may be in.
    return rows > 0 ? fmt::format("job {} {}, and up to {} rows of it are in", job.id, how, rows)
                    : fmt::format("job {} {}, and no row of it is in", job.id, how);
}

}  // namespace

std::string end_import(Jobs& jobs, const std::string& job_id) {
    logger::info(fmt::format("job {} is cancelled, and waited for: what it fetches may go away", job_id));
    try {
        return in_words(jobs.end(job_id));
    } catch (const errors::Error& error) {
        logger::debug(fmt::format("the end of job {} can't be seen: {}", job_id, error.what()));
        return fmt::format(
            "whether job {} goes on at Tinybird can't be seen: look at GET /v0/jobs/{} before you load again", job_id,
            job_id);
    }
}

std::optional<std::string> end_import_of(Jobs& jobs, std::string_view url, std::string_view data_source) {
    try {
        if (const auto id = jobs.find_import(url, data_source)) {
            return end_import(jobs, *id);
        }
    } catch (const errors::Error& error) {
        logger::debug(fmt::format("the import into \"{}\" can't be looked for: {}", data_source, error.what()));
    }
    return std::nullopt;
}

bool may_go_on(const errors::Error& error, bool repeated) {
    constexpr int first_server_error = 500;
    if (const auto* const http = dynamic_cast<const errors::HTTPError*>(&error)) {
        return http->status() == 0 ? repeated : http->status() >= first_server_error;
    }
    return dynamic_cast<const errors::InDoubtError*>(&error) != nullptr;
}

}  // namespace tinybird_cdk::tinybird
