// SPDX-License-Identifier: Apache-2.0
#include "transfer/load_fate.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tinybird_cdk/logger.hpp>

#include "core/text.hpp"
#include "tinybird/answers.hpp"

namespace tinybird_cdk::transfer {

namespace {

constexpr int bad_request = 400;
constexpr int first_server_error = 500;
constexpr int unavailable = 503;

/// Imports go block by block, and blocks before the one that failed may be in.
bool has_rows(const Value& description) {
    tinybird::Response counts;
    tinybird::read_import_fields(description, counts, tinybird::Described::job);
    return counts.rows.value_or(0) > 0 || counts.quarantined.value_or(0) > 0;
}

}  // namespace

Fate fate_of_job(const Value& description) {
    const std::string status = tinybird::read_job(description).status;
    if (status == "done") {
        return Fate::loaded;
    }
    if (status == "error" || status == "cancelled") {
        return has_rows(description) ? Fate::unknown : Fate::nothing;
    }
    return status == "waiting" || status == "working" || status == "cancelling" ? Fate::running : Fate::unknown;
}

bool imports_url(const tinybird::Job& job, std::string_view data_source, std::string_view url,
                 std::string_view moment) {
    // The moments are written alike, so they compare as texts.
    return tinybird::imports_url(job, data_source, url) && job.created_at.size() >= moment.size() &&
           job.created_at >= moment;
}

Fate ask_for_job(tinybird::Client& client, const std::string& job_id) {
    try {
        // `debug` asks for the blocks, which tell what of a job that failed was read.
        return fate_of_job(
            client.get(fmt::format("/v0/jobs/{}?debug=blocks,block_log", core::url_encode(job_id))).json());
    } catch (const errors::InterruptedError&) {
        throw;
    } catch (const errors::Error& error) {
        logger::debug(fmt::format("what became of job {} can't be seen: {}", job_id, error.what()));
        return Fate::unknown;
    }
}

Fate ask_for_url(tinybird::Client& client, const std::vector<tinybird::Job>& jobs, std::string_view data_source,
                 std::string_view url, const LedgerLoad& load) {
    std::vector<Fate> fates;
    for (const tinybird::Job& job : jobs) {
        if (imports_url(job, data_source, url, load.begun)) {
            fates.push_back(ask_for_job(client, job.id));
        }
    }
    for (const Fate decisive : {Fate::loaded, Fate::running, Fate::unknown, Fate::nothing}) {
        if (std::find(fates.begin(), fates.end(), decisive) != fates.end()) {
            return decisive;
        }
    }
    return Fate::unknown;
}

bool may_have_loaded(const errors::Error& error, bool whole) {
    if (!whole) {
        return false;
    }
    if (const auto* http = dynamic_cast<const errors::HTTPError*>(&error)) {
        // A refusal, a server that has not begun, and a request that had not left when the connection was lost.
        const int status = http->status();
        return status != 0 && status != unavailable && (status < bad_request || status >= first_server_error);
    }
    return dynamic_cast<const errors::RateLimitedForTooLongError*>(&error) == nullptr;
}

}  // namespace tinybird_cdk::transfer
