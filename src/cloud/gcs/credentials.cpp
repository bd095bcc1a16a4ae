// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/credentials.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/errors.hpp>

#include "cloud/crypto.hpp"
#include "cloud/gcs/credential_file.hpp"
#include "cloud/gcs/json_field.hpp"
#include "cloud/gcs/metadata_server.hpp"
#include "cloud/gcs/token_answer.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

constexpr std::string_view variable = "GOOGLE_APPLICATION_CREDENTIALS";

/// As google.auth._cloud_sdk has it; empty when there is no home.
std::string gclouds_file(const Environment& environment) {
    std::filesystem::path folder;
    if (const auto configured = environment.get("CLOUDSDK_CONFIG"); configured && !configured->empty()) {
        folder = *configured;
    } else if (const auto home = environment.get("HOME"); home && !home->empty()) {
        folder = std::filesystem::path(*home) / ".config" / "gcloud";
    } else {
        return {};
    }
    return folder / "application_default_credentials.json";
}

}  // namespace

struct Credentials::Found {
    std::unique_ptr<TokenSource> source;
    std::string quota_project;
    std::unique_ptr<TokenCache> cache;
    std::unique_ptr<TokenCache> signing_cache = {};  ///< null: the same token signs
    std::mutex source_mutex = {};                    ///< for what the source finds out but for tokens
};

Credentials::Credentials(Environment environment, ClientOptions options, Transport& transport, std::string iam)
    : environment_(std::move(environment)), options_(std::move(options)), transport_(transport), iam_(std::move(iam)) {}

Credentials::~Credentials() = default;

std::unique_ptr<Credentials::Found> Credentials::look(const std::stop_token& stop) {
    const std::string named = environment_.get(variable).value_or("");
    const std::string gclouds = gclouds_file(environment_);
    FileCredentials credentials;
    std::error_code ignored;
    if (!named.empty()) {
        credentials = read_credential_file(named, transport_);
    } else if (!gclouds.empty() && std::filesystem::exists(gclouds, ignored)) {
        credentials = read_credential_file(gclouds, transport_);
    } else {
        credentials.source = metadata_server(environment_, options_, stop);
    }
    if (!credentials.source) {
        throw errors::MissingConfiguration(
            variable, fmt::format("No credentials of Google Cloud: {} is not set, {}, and no metadata server answers. "
                                  "Name a file of credentials, or run `gcloud auth application-default login`.",
                                  variable,
                                  gclouds.empty() ? "there is no HOME to look for gcloud's file"
                                                  : fmt::format("there is no {}", gclouds)));
    }
    auto found = std::make_unique<Found>();
    found->source = std::move(credentials.source);
    found->quota_project = std::move(credentials.quota_project);
    found->cache = std::make_unique<TokenCache>(*found->source, transport_.clock());
    if (TokenSource* const other = found->source->asks_for_signatures()) {
        found->signing_cache = std::make_unique<TokenCache>(*other, transport_.clock());
    }
    return found;
}

Credentials::Found& Credentials::found(const std::stop_token& stop) {
    const std::lock_guard lock(mutex_);
    if (!found_) {
        found_ = look(stop);
    }
    return *found_;
}

Secret Credentials::token(const std::stop_token& stop) {
    return found(stop).cache->token(stop);
}

void Credentials::discard(const Secret& token) {
    found({}).cache->discard(token);
}

std::string Credentials::quota_project(const std::stop_token& stop) {
    return found(stop).quota_project;
}

std::string Credentials::signer(const std::stop_token& stop) {
    Found& credentials = found(stop);
    const std::lock_guard lock(credentials.source_mutex);
    std::string email = credentials.source->email(stop);
    if (email.empty()) {
        throw errors::InvalidArgument(
            fmt::format("{} can't sign URLs: only a service account can", credentials.source->description()),
            "Use the key of a service account, or `gcloud auth application-default login "
            "--impersonate-service-account`.");
    }
    return email;
}

std::string Credentials::sign(std::string_view bytes, const std::stop_token& stop) {
    Found& credentials = found(stop);
    const Secret key = credentials.source->private_key();
    return key.empty() ? sign_by_google(credentials, bytes, stop) : rsa_sha256_sign(key.reveal(), bytes);
}

std::string Credentials::sign_by_google(Found& credentials, std::string_view bytes, const std::stop_token& stop) {
    // https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob
    const std::string email = signer(stop);
    TokenCache& cache = credentials.signing_cache ? *credentials.signing_cache : *credentials.cache;
    const std::string url = fmt::format("{}/v1/projects/-/serviceAccounts/{}:signBlob", iam_, core::url_encode(email));
    const nlohmann::json request{{"payload", base64(bytes)}};
    const auto ask = [&](const Secret& token) {
        return post(transport_, url, "application/json", request.dump(),
                    {{"Authorization", "Bearer " + token.reveal()}}, stop);
    };
    const Secret token = cache.token(stop);
    http::Response answer = ask(token);
    if (constexpr int unauthorised = 401; answer.status == unauthorised) {
        // Tokens can be revoked before they expire.
        cache.discard(token);
        answer = ask(cache.token(stop));
    }
    const auto document = answer.status == 200 ? json_object(answer.body) : std::nullopt;
    const auto signature = document ? text_field(*document, "signedBlob") : std::nullopt;
    if (!signature) {
        if (is_temporary(answer)) {
            throw errors::ExternalDatasourceError(
                fmt::format("Google does not sign for {} now: {}", email, refusal_of(answer)),
                fmt::format("{}", answer.status), "Run it again.", errors::ExitCode::temporary);
        }
        throw errors::ExternalDatasourceError(
            fmt::format("Google does not sign for {}: {}", email, refusal_of(answer)), fmt::format("{}", answer.status),
            fmt::format("{} needs the role roles/iam.serviceAccountTokenCreator on that account, and the project the "
                        "IAM Service Account Credentials API.",
                        credentials.signing_cache ? "Who acts as it" : "It"));
    }
    return base64_decode(*signature);
}

}  // namespace tinybird_cdk::cloud::gcs
