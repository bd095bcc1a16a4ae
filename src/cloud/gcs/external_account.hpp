// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "cloud/gcs/token.hpp"
#include "cloud/transport.hpp"

namespace tinybird_cdk::cloud::gcs {

/// An identity of somebody else's, which workload identity federation knows: its own token, from a file or a URL, is
/// exchanged for one of Google's (https://google.aip.dev/auth/4117, RFC 8693), and that, where the file says so, for a
/// service account's. AWS and executables as sources are refused.
/// @param file where it was found, for messages
/// @throws errors::InvalidArgument for what is missing or not supported
std::unique_ptr<TokenSource> external_account(const nlohmann::json& account, const std::string& file,
                                              Transport& transport);

}  // namespace tinybird_cdk::cloud::gcs
