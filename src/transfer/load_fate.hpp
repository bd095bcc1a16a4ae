// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "transfer/ledger_records.hpp"

/// How a load ended that nobody saw to its end.
namespace tinybird_cdk::transfer {

enum class Fate {
    loaded,   ///< the rows are in
    nothing,  ///< none of them is, and none will be
    running,  ///< Tinybird is at it
    unknown
};

/// What the description of a job says. A job that failed with some of its rows read is `unknown`: they may be in.
Fate fate_of_job(const Value& description);

/// Whether a job is an import of a URL into a data source that was created at a moment or later.
/// @param url what is behind its path is not compared, for signatures differ
/// @param moment as YYYY-MM-DD hh:mm:ss.ffffff in UTC
bool imports_url(const tinybird::Job& job, std::string_view data_source, std::string_view url, std::string_view moment);

/// The fate of a load by its job. Never throws but errors::InterruptedError: what can't be asked for is `unknown`.
Fate ask_for_job(tinybird::Client& client, const std::string& job_id);
/// The same of a load whose job is not known, by the latest jobs of the workspace: of those that import this URL since
/// it was begun, one that brought rows counts before one that runs, and one that failed last. None tells nothing: the
/// request may be on its way.
Fate ask_for_url(tinybird::Client& client, const std::vector<tinybird::Job>& jobs, std::string_view data_source,
                 std::string_view url, const LedgerLoad& load);

/// Whether an import that ended in this error may have brought rows. @param whole false: its body never was complete
bool may_have_loaded(const errors::Error& error, bool whole);

}  // namespace tinybird_cdk::transfer
