// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "cloud/s3/sources.hpp"

namespace tinybird_cdk::cloud::s3 {

/// The access token of what `aws sso login` left below ~/.aws/sso/cache. One that has expired is renewed when the login
/// allows it, as those of an sso-session do, and kept in its place for AWS's other tools.
/// @param place the section with sso_start_url and sso_region @param session its name; empty: it is the profile itself
/// @param profile for messages @throws errors::ExternalDatasourceError that says how to log in
std::string sso_access_token(const Context& context, const Section& place, const std::string& session,
                             std::string_view profile);
/// As a hint of errors.
std::string how_to_log_in(std::string_view profile);

}  // namespace tinybird_cdk::cloud::s3
