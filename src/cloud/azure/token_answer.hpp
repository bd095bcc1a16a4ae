// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "cloud/azure/tokens.hpp"
#include "http/request.hpp"

namespace tinybird_cdk::cloud::azure {

/// The token in an answer of any of the places that give them: they differ in how they say when it expires.
/// @param from for messages @throws errors::ExternalDatasourceError for a refusal or an answer that can't be read
AccessToken read_token(const http::Response& response, std::string_view from, Time now);

}  // namespace tinybird_cdk::cloud::azure
