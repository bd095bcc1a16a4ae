// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "cloud/s3/caller.hpp"

/// Multipart uploads that nobody will complete: what they hold is paid for, and no listing of objects shows it.
namespace tinybird_cdk::cloud::s3 {

/// Aborts an upload, or finds that there is none. Never throws what the store or the network does.
/// @return what is left, why, and what to do; empty: nothing
std::string abort_upload(Caller& caller, const std::string& bucket, const std::string& key, const std::string& upload);

/// Looks for uploads of a key whose creation was asked for, and whose id nobody heard. Aborts those that surely are
/// this call's; others are named. @param known the upload that goes on; empty: none does
/// @param begun when the creation was asked for, by this machine's clock @return as abort_upload()
std::string abort_unheard(Caller& caller, const std::string& bucket, const std::string& key, const std::string& known,
                          std::chrono::system_clock::time_point begun);

}  // namespace tinybird_cdk::cloud::s3
