// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tinybird_cdk/errors.hpp>

#include "tinybird/jobs.hpp"

/// Imports that nobody waits for any more: they are ended, and what is known of their rows is put into words.
namespace tinybird_cdk::tinybird {

/// Ends an import's job, as Jobs::end(). Throws nothing of Tinybird's. @return what became of it, as a clause:
/// "job j is cancelled, and no row of it is in"
std::string end_import(Jobs& jobs, const std::string& job_id);

/// The same for the import of a URL whose job is not known. @return nothing when no such job is seen
std::optional<std::string> end_import_of(Jobs& jobs, std::string_view url, std::string_view data_source);

/// Whether Tinybird may have taken an import whose request failed so. @param repeated the request was sent again where
/// its answer was lost, so that no answer at the end says nothing of the earlier ones
bool may_go_on(const errors::Error& error, bool repeated);

}  // namespace tinybird_cdk::tinybird
