// SPDX-License-Identifier: Apache-2.0
/// The credentials of a role, for who is logged in
/// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html).
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/s3/settings.hpp"
#include "cloud/s3/signer.hpp"
#include "cloud/s3/sources.hpp"
#include "cloud/s3/sso_login.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

std::string text_of(const nlohmann::json& document, const char* name) {
    const auto found = document.find(name);
    return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Credentials from_sso(const Context& context, const Section& profile, std::string_view name) {
    const std::string session = setting_of(profile, "sso_session");
    Section place = profile;
    if (!session.empty()) {
        const auto section = context.profiles.section("sso-session", session);
        if (!section) {
            throw errors::InvalidArgument(
                fmt::format("the profile {} of AWS names the sso-session {}, which {} does not have", name, session,
                            context.profiles.files()));
        }
        place = *section;
    }
    const std::string start = setting_of(place, "sso_start_url");
    const std::string region = setting_of(place, "sso_region");
    const Pairs query{{"account_id", setting_of(profile, "sso_account_id")},
                      {"role_name", setting_of(profile, "sso_role_name")}};
    if (start.empty() || region.empty() || query.front().second.empty() || query.back().second.empty()) {
        throw errors::InvalidArgument(fmt::format(
            "the profile {} of AWS needs sso_start_url, sso_region, sso_account_id and sso_role_name", name));
    }
    const std::string token = sso_access_token(context, place, session, name);
    std::string endpoint = endpoint_of(context.environment, context.profiles, "sso");
    if (endpoint.empty()) {
        endpoint = fmt::format("https://portal.sso.{}.{}", region, domain_of(region));
    }
    const http::Response answer = context.services.send(
        [&] {
            http::Request request;
            request.url = fmt::format("{}/federation/credentials?{}", endpoint, encode_query(query));
            request.headers.emplace_back("x-amz-sso_bearer_token", token);
            return request;
        },
        "sso", context.stop);
    const nlohmann::json document = nlohmann::json::parse(answer.body, nullptr, false);
    const auto found = document.is_object() ? document.find("roleCredentials") : document.end();
    constexpr int done = 200;
    if (answer.status != done || found == document.end() || !found->is_object() || !found->contains("expiration") ||
        !(*found)["expiration"].is_number_integer()) {
        throw errors::ExternalDatasourceError(
            fmt::format("AWS's SSO portal gave no credentials for the role {} (status {}): {}", query.back().second,
                        answer.status, document.is_object() ? logger::mask(text_of(document, "message")) : ""),
            {}, how_to_log_in(name) + " Check sso_account_id and sso_role_name.");
    }
    return remembered({.access_key = text_of(*found, "accessKeyId"),
                       .secret_key = Secret(text_of(*found, "secretAccessKey")),
                       .session_token = Secret(text_of(*found, "sessionToken")),
                       .expires = std::chrono::system_clock::time_point(
                           std::chrono::milliseconds((*found)["expiration"].get<std::int64_t>()))});
}

}  // namespace tinybird_cdk::cloud::s3
