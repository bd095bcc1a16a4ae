// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "cloud/gcs/token.hpp"
#include "cloud/transport.hpp"

namespace tinybird_cdk::cloud::gcs {

/// What a file of credentials holds.
struct FileCredentials {
    std::unique_ptr<TokenSource> source;
    std::string quota_project;  ///< who pays for requests; empty: the file does not say
};

/// Reads a file of credentials: of type service_account, authorized_user, external_account,
/// external_account_authorized_user or impersonated_service_account. @throws errors::InvalidArgument for a file that
/// can't be read, or holds something else
FileCredentials read_credential_file(const std::string& path, Transport& transport);

}  // namespace tinybird_cdk::cloud::gcs
