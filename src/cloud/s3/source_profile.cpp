// SPDX-License-Identifier: Apache-2.0
/// Profiles and the roles that they assume
/// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html).
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/s3/sources.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

std::optional<Credentials> static_keys(const Section& profile, std::string_view name) {
    const std::string key = setting_of(profile, "aws_access_key_id");
    const std::string secret = setting_of(profile, "aws_secret_access_key");
    if (key.empty() && secret.empty()) {
        return std::nullopt;
    }
    if (key.empty() || secret.empty()) {
        throw errors::InvalidArgument(
            fmt::format("the profile {} of AWS has only one of aws_access_key_id and aws_secret_access_key", name));
    }
    return remembered({.access_key = key,
                       .secret_key = Secret(secret),
                       .session_token = Secret(setting_of(profile, "aws_session_token")),
                       .expires = {}});
}

/// What a profile has by itself, in the order of AWS's command line.
std::optional<Credentials> own_credentials(const Context& context, const Section& profile, std::string_view name) {
    const std::string role = setting_of(profile, "role_arn");
    if (const std::string file = setting_of(profile, "web_identity_token_file"); !file.empty() && !role.empty()) {
        return assume_role_with_web_identity(context, file, role, setting_of(profile, "role_session_name"));
    }
    if (!setting_of(profile, "sso_account_id").empty() || !setting_of(profile, "sso_session").empty()) {
        return from_sso(context, profile, name);
    }
    if (auto keys = static_keys(profile, name)) {
        return keys;
    }
    if (const std::string command = setting_of(profile, "credential_process"); !command.empty()) {
        return from_process(command);
    }
    return std::nullopt;
}

std::optional<Credentials> from_named_source(const Context& context, const std::string& source) {
    if (source == "Environment") {
        return from_variables(context);
    }
    if (source == "Ec2InstanceMetadata") {
        return from_instance(context);
    }
    if (source == "EcsContainer") {
        return from_container(context);
    }
    throw errors::InvalidArgument(
        fmt::format("credential_source of a profile of AWS is \"{}\": Environment, Ec2InstanceMetadata and "
                    "EcsContainer are known",
                    source));
}

bool assumes_role(const Section& profile) {
    return !setting_of(profile, "role_arn").empty() && setting_of(profile, "web_identity_token_file").empty();
}

}  // namespace

std::optional<Credentials> from_profile(const Context& context, std::string_view name) {
    std::string current(name);
    std::vector<std::string> seen;
    std::vector<Section> roles;  // the outermost first
    std::optional<Credentials> base;
    for (;;) {
        const auto profile = context.profiles.profile(current);
        if (!profile) {
            if (seen.empty() && !context.profiles.was_chosen()) {
                return std::nullopt;
            }
            throw errors::InvalidArgument(
                fmt::format("there is no profile {} of AWS in {}", current, context.profiles.files()),
                "See AWS_PROFILE, and source_profile in these files.");
        }
        seen.push_back(current);
        if (!assumes_role(*profile)) {
            base = own_credentials(context, *profile, current);
            break;
        }
        roles.push_back(*profile);
        const std::string next = setting_of(*profile, "source_profile");
        if (const std::string source = setting_of(*profile, "credential_source"); !source.empty()) {
            base = from_named_source(context, source);
            break;
        }
        // A profile may be its own source: its keys assume its role.
        if (next.empty() || next == current) {
            base = static_keys(*profile, current);
            break;
        }
        if (std::find(seen.begin(), seen.end(), next) != seen.end()) {
            throw errors::InvalidArgument(
                fmt::format("the profiles of AWS are each other's source_profile: {}", fmt::join(seen, ", ")));
        }
        current = next;
    }
    if (!base && (!roles.empty() || context.profiles.was_chosen())) {
        throw errors::InvalidArgument(fmt::format("the profile {} of AWS has no credentials{}", current,
                                                  roles.empty() ? "" : " with which the role can be assumed"),
                                      "It needs aws_access_key_id and aws_secret_access_key, credential_process, SSO, "
                                      "or role_arn with a source.");
    }
    for (auto role = roles.rbegin(); role != roles.rend(); ++role) {
        base = assume_role(context, *base, *role);
    }
    return base;
}

}  // namespace tinybird_cdk::cloud::s3
