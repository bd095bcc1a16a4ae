// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <tinybird_cdk/config.hpp>

#include "cloud/s3/credentials.hpp"
#include "cloud/s3/profiles.hpp"
#include "cloud/transport.hpp"

/// The places that credentials come from. Each gives nothing when it is not in use, and throws when it is and fails.
namespace tinybird_cdk::cloud::s3 {

/// What they look at and ask with. Everything outlives it.
struct Context {
    const Environment& environment;
    const Profiles& profiles;
    Transport& services;  ///< of AWS
    Transport& nearby;    ///< the instance's and the container's own endpoints: soon there or never
    std::stop_token stop;
};

std::optional<Credentials> from_variables(const Context& context);
/// AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN.
std::optional<Credentials> from_web_identity(const Context& context);
/// A profile, with the roles that it assumes.
std::optional<Credentials> from_profile(const Context& context, std::string_view name);
/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI.
std::optional<Credentials> from_container(const Context& context);
/// The instance metadata service, version 2.
std::optional<Credentials> from_instance(const Context& context);

/// Parts of a profile.
Credentials from_process(const std::string& command);
/// @param name of the profile, for messages
Credentials from_sso(const Context& context, const Section& profile, std::string_view name);
Credentials assume_role(const Context& context, const Credentials& base, const Section& profile);
Credentials assume_role_with_web_identity(const Context& context, const std::string& token_file,
                                          const std::string& role, std::string session);

/// The JSON that processes, containers and instances give. @param token how they call the session token
/// @param where for messages @throws errors::ExternalDatasourceError when it is not that
Credentials parse_credentials(std::string_view json, const char* token, std::string_view where);
/// Keeps what is secret in them out of all messages.
Credentials remembered(Credentials credentials);
/// A setting of a profile; empty when it is not there.
std::string setting_of(const Section& profile, std::string_view name);
/// A token in a file, without the blanks around it. @throws errors::InvalidArgument when there is none
std::string read_token(const std::string& path, std::string_view what);

}  // namespace tinybird_cdk::cloud::s3
