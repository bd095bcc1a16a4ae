// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/errors.hpp>

#include "tinybird/job_endings.hpp"

/// Imports that nobody waits for any more: they are ended, and what is known of their rows is put into words.
namespace tinybird_cdk::tinybird {

struct EndedImport {
    std::string words;             ///< what became of it, as clauses: "job j is cancelled, and no row of it is in"
    std::optional<Response> done;  ///< the description of its job, when that is done and no other of them goes on
};

/// Ends the jobs of an import, as JobEndings::end().
EndedImport end_imports(JobEndings& endings, const std::vector<std::string>& job_ids);

/// The same for the import of a URL whose job is not known, in words. @return nothing when no such job is seen
std::optional<std::string> end_import_of(JobEndings& endings, std::string_view url, std::string_view data_source);

/// Whether Tinybird may have taken an import whose request failed so. @param repeated the request was sent again where
/// its answer was lost, so that no answer at the end says nothing of the earlier ones
bool may_go_on(const errors::Error& error, bool repeated);

}  // namespace tinybird_cdk::tinybird
