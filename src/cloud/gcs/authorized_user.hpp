// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "cloud/gcs/token.hpp"
#include "cloud/transport.hpp"

namespace tinybird_cdk::cloud::gcs {

/// A person who logged in with `gcloud auth application-default login`: the file has a refresh token (RFC 6749 §6).
/// @param file where it was found, for messages
/// @throws errors::InvalidArgument when a field is missing
std::unique_ptr<TokenSource> authorized_user(const nlohmann::json& user, const std::string& file, Transport& transport);

}  // namespace tinybird_cdk::cloud::gcs
