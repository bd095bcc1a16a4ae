// SPDX-License-Identifier: Apache-2.0
/// Roles (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and its neighbours).
#include <fmt/format.h>
#include <pugixml.hpp>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/crypto.hpp"
#include "cloud/s3/documents.hpp"
#include "cloud/s3/settings.hpp"
#include "cloud/s3/signer.hpp"
#include "cloud/s3/sources.hpp"
#include "cloud/s3/times.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

constexpr const char* default_session = "tinybird_cdk";

/// @param base null: the request proves by what it holds that it may
http::Response ask_sts(const Context& context, const Pairs& form, const Credentials* base) {
    const std::string set = region_of(context.environment, context.profiles);
    const std::string region = set.empty() ? "us-east-1" : set;
    std::string endpoint = endpoint_of(context.environment, context.profiles, "sts");
    if (endpoint.empty()) {
        endpoint = fmt::format("https://sts.{}.{}", region, domain_of(region));
    }
    const Address address = address_of_url(endpoint);
    const std::string text = encode_query(form);
    const std::unique_ptr<Body> body = body_of(text);
    return context.services.send(
        [&] {
            Signable signable{.method = "POST", .host = address.host, .path = address.path};
            signable.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
            signable.payload_hash = hex(sha256(text));
            http::Request request;
            request.method = "POST";
            request.url = address.origin + address.path;
            request.headers = base == nullptr ? signable.headers
                                              : signed_headers(signable, *base, {.region = region, .service = "sts"},
                                                               context.services.clock().wall_now());
            request.body = body.get();
            return request;
        },
        "sts", context.stop);
}

Credentials credentials_of(const http::Response& answer, const std::string& action, const std::string& role) {
    constexpr int done = 200;
    if (answer.status != done) {
        const Refusal refusal = parse_refusal(answer.body).value_or(Refusal());
        throw errors::ExternalDatasourceError(fmt::format("the role {} can't be assumed: {} (status {}): {}", role,
                                                          refusal.code, answer.status, logger::mask(refusal.message)),
                                              refusal.code);
    }
    pugi::xml_document document;
    document.load_buffer(answer.body.data(), answer.body.size());
    const pugi::xml_node node =
        document.child((action + "Response").c_str()).child((action + "Result").c_str()).child("Credentials");
    Credentials credentials = remembered({.access_key = node.child_value("AccessKeyId"),
                                          .secret_key = Secret(node.child_value("SecretAccessKey")),
                                          .session_token = Secret(node.child_value("SessionToken")),
                                          .expires = parse_iso_time(node.child_value("Expiration"))});
    if (credentials.access_key.empty() || credentials.secret_key.empty() || !credentials.expires) {
        throw errors::ExternalDatasourceError(
            fmt::format("the role {} can't be assumed: the answer holds no credentials", role));
    }
    return credentials;
}

Pairs form_of(const std::string& action, const std::string& role, std::string session) {
    return {{"Action", action},
            {"Version", "2011-06-15"},
            {"RoleArn", role},
            {"RoleSessionName", session.empty() ? default_session : std::move(session)}};
}

}  // namespace

Credentials assume_role(const Context& context, const Credentials& base, const Section& profile) {
    const std::string role = setting_of(profile, "role_arn");
    if (!setting_of(profile, "mfa_serial").empty()) {
        throw errors::InvalidArgument(
            fmt::format("the role {} needs a code of a device (mfa_serial), which nobody is there to give", role),
            "Get temporary credentials with AWS's command line, and set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
            "AWS_SESSION_TOKEN.");
    }
    Pairs form = form_of("AssumeRole", role, setting_of(profile, "role_session_name"));
    if (const std::string id = setting_of(profile, "external_id"); !id.empty()) {
        form.emplace_back("ExternalId", id);
    }
    if (const std::string seconds = setting_of(profile, "duration_seconds"); !seconds.empty()) {
        form.emplace_back("DurationSeconds", seconds);
    }
    return credentials_of(ask_sts(context, form, &base), "AssumeRole", role);
}

Credentials assume_role_with_web_identity(const Context& context, const std::string& token_file,
                                          const std::string& role, std::string session) {
    Pairs form = form_of("AssumeRoleWithWebIdentity", role, std::move(session));
    // Read each time: who issued the token puts a new one there before it expires.
    form.emplace_back("WebIdentityToken", read_token(token_file, "the web identity of AWS"));
    return credentials_of(ask_sts(context, form, nullptr), "AssumeRoleWithWebIdentity", role);
}

std::optional<Credentials> from_web_identity(const Context& context) {
    const auto file = filled(context.environment, "AWS_WEB_IDENTITY_TOKEN_FILE");
    if (!file) {
        return std::nullopt;
    }
    const auto role = filled(context.environment, "AWS_ROLE_ARN");
    if (!role) {
        throw errors::MissingConfiguration("AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE needs it.");
    }
    return assume_role_with_web_identity(context, *file, *role,
                                         filled(context.environment, "AWS_ROLE_SESSION_NAME").value_or(""));
}

}  // namespace tinybird_cdk::cloud::s3
