// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "cloud/gcs/token.hpp"
#include "cloud/transport.hpp"

namespace tinybird_cdk::cloud::gcs {

/// Whose token is asked for, in place of one's own.
struct Impersonation {
    std::string url;  ///< …/serviceAccounts/EMAIL:generateAccessToken
    std::vector<std::string> delegates = {};
    std::chrono::seconds lifetime{3600};
    /// The signatures of the service account are asked for by who impersonates it, not by itself.
    bool source_signs = false;
};

/// A service account that another identity acts as
/// (https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken).
/// @throws errors::InvalidArgument for a URL that names no service account
std::unique_ptr<TokenSource> impersonated(std::unique_ptr<TokenSource> source, Impersonation as, Transport& transport);

}  // namespace tinybird_cdk::cloud::gcs
