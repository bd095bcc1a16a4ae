// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/s3/sources.hpp"
#include "cloud/s3/times.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::s3 {

Credentials remembered(Credentials credentials) {
    logger::remember_secret(credentials.secret_key.reveal());
    logger::remember_secret(credentials.session_token.reveal());
    return credentials;
}

std::string setting_of(const Section& profile, std::string_view name) {
    const auto found = profile.find(name);
    return found == profile.end() ? std::string() : found->second;
}

std::string read_token(const std::string& path, std::string_view what) {
    const auto text = read_file(path);
    if (!text) {
        throw errors::InvalidArgument(fmt::format("{} names {}, which does not exist", what, path));
    }
    std::string token(core::trim(*text));
    logger::remember_secret(token);
    return token;
}

Credentials parse_credentials(std::string_view json, const char* token, std::string_view where) {
    const auto refuse = [where](std::string_view why) -> errors::ExternalDatasourceError {
        return errors::ExternalDatasourceError(
            fmt::format("the credentials that {} gave can't be read: {}", where, why));
    };
    const nlohmann::json document = nlohmann::json::parse(json, nullptr, false);
    if (!document.is_object()) {
        throw refuse("they are no JSON object");
    }
    const auto text = [&](const char* name) {
        const auto found = document.find(name);
        return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    Credentials credentials{.access_key = text("AccessKeyId"),
                            .secret_key = Secret(text("SecretAccessKey")),
                            .session_token = Secret(text(token)),
                            .expires = {}};
    credentials = remembered(std::move(credentials));
    if (credentials.access_key.empty() || credentials.secret_key.empty()) {
        throw refuse("AccessKeyId or SecretAccessKey is missing");
    }
    if (const std::string expires = text("Expiration"); !expires.empty()) {
        credentials.expires = parse_iso_time(expires);
        if (!credentials.expires) {
            throw refuse(fmt::format("Expiration is \"{}\", which is no time in UTC", expires));
        }
    }
    return credentials;
}

std::optional<Credentials> from_variables(const Context& context) {
    const auto key = filled(context.environment, "AWS_ACCESS_KEY_ID");
    const auto secret = filled(context.environment, "AWS_SECRET_ACCESS_KEY");
    if (!key && !secret) {
        return std::nullopt;
    }
    if (!key || !secret) {
        throw errors::MissingConfiguration(key ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID",
                                           "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together.");
    }
    return remembered({.access_key = *key,
                       .secret_key = Secret(*secret),
                       .session_token = Secret(filled(context.environment, "AWS_SESSION_TOKEN").value_or("")),
                       .expires = {}});
}

}  // namespace tinybird_cdk::cloud::s3
