// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "cloud/gcs/token.hpp"
#include "cloud/transport.hpp"

namespace tinybird_cdk::cloud::gcs {

/// A service account whose private key is in a file: a JSON Web Token signed with it is exchanged for an access token
/// (https://developers.google.com/identity/protocols/oauth2/service-account#httprest).
/// @param file where the key was found, for messages
/// @throws errors::InvalidArgument when a field is missing
std::unique_ptr<TokenSource> service_account(const nlohmann::json& key, const std::string& file, Transport& transport);

}  // namespace tinybird_cdk::cloud::gcs
