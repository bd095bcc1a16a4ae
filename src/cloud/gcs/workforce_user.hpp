// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "cloud/gcs/token.hpp"
#include "cloud/transport.hpp"

namespace tinybird_cdk::cloud::gcs {

/// A person of a workforce pool who logged in with `gcloud auth application-default login`: the file, of the type
/// external_account_authorized_user, has a refresh token for Google's token service (RFC 6749 §6, with the client in
/// the Authorization header, §2.3.1), as google-auth reads it. @param file where it was found, for messages
/// @throws errors::InvalidArgument when a field is missing
std::unique_ptr<TokenSource> workforce_user(const nlohmann::json& user, const std::string& file, Transport& transport);

}  // namespace tinybird_cdk::cloud::gcs
