// SPDX-License-Identifier: Apache-2.0
#include "cloud/azure/tokens.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/azure/connection_string.hpp"
#include "cloud/azure/shared_key.hpp"
#include "cloud/azure/token_answer.hpp"
#include "cloud/small_file.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::azure {

namespace {

/// Of all storage accounts.
/// https://learn.microsoft.com/en-us/azure/storage/blobs/authorize-access-azure-active-directory
constexpr std::string_view resource = "https://storage.azure.com/";
constexpr std::string_view scope = "https://storage.azure.com/.default";
/// A token is renewed so long before it expires: a request that was just signed may wait in a queue.
constexpr std::chrono::minutes margin{5};

std::string value_of(const Environment& environment, std::string_view name) {
    return std::string(core::trim(environment.get(name).value_or("")));
}

std::string form_of(const Pairs& fields) {
    std::string form;
    for (const auto& [name, value] : fields) {
        form += fmt::format("{}{}={}", form.empty() ? "" : "&", name, core::url_encode(value));
    }
    return form;
}

std::string content_of(const std::string& file) {
    const auto [content, failure] = read_small_file(file);
    std::string text(core::trim(content));
    if (text.empty()) {
        throw errors::InvalidArgument(fmt::format("AZURE_FEDERATED_TOKEN_FILE names {}, which can't be read: {}",
                                                  logger::mask(file), failure.empty() ? "It is empty" : failure),
                                      "In Kubernetes the workload identity webhook mounts it.");
    }
    logger::remember_secret(text);
    return text;
}

/// A service principal with a secret, or a workload identity with a token of somebody else that Entra trusts.
/// https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
class Principal final : public TokenSource {
public:
    Principal(const Environment& environment, const ClientOptions& options)
        : transport_(options, value_of(environment, "SSL_CERT_FILE")),
          client_(value_of(environment, "AZURE_CLIENT_ID")),
          secret_(environment.get("AZURE_CLIENT_SECRET").value_or("")),
          token_file_(value_of(environment, "AZURE_FEDERATED_TOKEN_FILE")) {
        logger::remember_secret(secret_);
        std::string authority = value_of(environment, "AZURE_AUTHORITY_HOST");
        authority = authority.empty() ? "https://login.microsoftonline.com" : authority;
        // Microsoft's libraries take a host alone, too.
        authority = authority.find("://") == std::string::npos ? "https://" + authority : authority;
        url_ = fmt::format("{}/{}/oauth2/v2.0/token", read_endpoint(authority, "AZURE_AUTHORITY_HOST"),
                           core::url_encode(value_of(environment, "AZURE_TENANT_ID")));
    }

    AccessToken fetch(const std::stop_token& stop) override {
        Pairs fields{{"client_id", client_}, {"scope", std::string(scope)}, {"grant_type", "client_credentials"}};
        if (!secret_.empty()) {
            fields.emplace_back("client_secret", secret_);
        } else {
            // Read each time, for it is replaced while the program runs.
            fields.emplace_back("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
            fields.emplace_back("client_assertion", content_of(token_file_));
        }
        const std::string form = form_of(fields);
        const auto body = body_of(form);
        const http::Response response = transport_.send(
            [&] {
                http::Request request;
                request.method = "POST";
                request.url = url_;
                request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
                request.body = body.get();
                return request;
            },
            "Microsoft Entra", stop);
        return read_token(response, "Microsoft Entra", transport_.clock().wall_now());
    }

private:
    Transport transport_;
    const std::string client_;
    const std::string secret_;
    const std::string token_file_;
    std::string url_;
};

/// The identity that a machine or an app has been given.
/// https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity#rest-endpoint-reference
/// https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
class ManagedIdentity final : public TokenSource {
public:
    ManagedIdentity(const Environment& environment, const ClientOptions& options)
        : transport_(patient(options)), in_app_service_(environment.get("IDENTITY_ENDPOINT").has_value()) {
        Pairs query{{"resource", std::string(resource)}};
        if (const std::string client = value_of(environment, "AZURE_CLIENT_ID"); !client.empty()) {
            query.emplace_back("client_id", client);
        }
        if (in_app_service_) {
            const std::string header = value_of(environment, "IDENTITY_HEADER");
            if (header.empty()) {
                throw errors::MissingConfiguration(
                    "IDENTITY_HEADER",
                    "IDENTITY_ENDPOINT is set, so App Service should have set this too. The identity "
                    "of Azure Arc, which has no such header, is not supported.");
            }
            logger::remember_secret(header);
            headers_ = {{"X-IDENTITY-HEADER", header}};
            query.emplace_back("api-version", "2019-08-01");
            url_ = read_endpoint(value_of(environment, "IDENTITY_ENDPOINT"), "IDENTITY_ENDPOINT");
        } else {
            std::string host = value_of(environment, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
            host = host.empty() ? "http://169.254.169.254" : read_endpoint(host, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
            headers_ = {{"Metadata", "true"}};
            query.emplace_back("api-version", "2018-02-01");
            url_ = host + "/metadata/identity/oauth2/token";
        }
        place_ = fmt::format("the managed identity at {}", url_);
        url_ += "?" + form_of(query);
    }

    AccessToken fetch(const std::stop_token& stop) override {
        return read_token(ask(stop), place_, transport_.clock().wall_now());
    }

private:
    /// Off Azure nobody has the address, which shows by waiting only.
    static ClientOptions patient(const ClientOptions& options) {
        ClientOptions result = options;
        result.connect_timeout = std::min(options.connect_timeout, std::chrono::milliseconds(2'000));
        return result;
    }

    http::Response ask(const std::stop_token& stop) {
        try {
            return transport_.send(
                [&] {
                    http::Request request;
                    request.url = url_;
                    request.headers = headers_;
                    return request;
                },
                place_, stop);
        } catch (const errors::ExternalDatasourceError& error) {
            if (in_app_service_) {
                throw;
            }
            throw errors::MissingConfiguration(
                "AZURE_STORAGE_CONNECTION_STRING",
                fmt::format("Looked for: the account's key (AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY), a "
                            "signature (AZURE_STORAGE_SAS_TOKEN), a service principal (AZURE_TENANT_ID, "
                            "AZURE_CLIENT_ID, AZURE_CLIENT_SECRET), a workload identity "
                            "(AZURE_FEDERATED_TOKEN_FILE), that of App Service (IDENTITY_ENDPOINT), and {}: {}",
                            place_, error.what()));
        }
    }

    Transport transport_;
    const bool in_app_service_;
    Pairs headers_;
    std::string url_;
    std::string place_;
};

}  // namespace

std::unique_ptr<TokenSource> token_source(const Environment& environment, const ClientOptions& options) {
    const bool tenant = !value_of(environment, "AZURE_TENANT_ID").empty();
    const bool client = !value_of(environment, "AZURE_CLIENT_ID").empty();
    const bool secret = !value_of(environment, "AZURE_CLIENT_SECRET").empty();
    const bool file = !value_of(environment, "AZURE_FEDERATED_TOKEN_FILE").empty();
    if ((secret || file) && !(tenant && client)) {
        throw errors::MissingConfiguration(
            tenant ? "AZURE_CLIENT_ID" : "AZURE_TENANT_ID",
            fmt::format("{} is set, which needs AZURE_TENANT_ID and AZURE_CLIENT_ID beside it.",
                        secret ? "AZURE_CLIENT_SECRET" : "AZURE_FEDERATED_TOKEN_FILE"));
    }
    if (secret || file) {
        return std::make_unique<Principal>(environment, options);
    }
    return std::make_unique<ManagedIdentity>(environment, options);
}

Tokens::Tokens(std::unique_ptr<TokenSource> source, std::shared_ptr<Clock> clock)
    : source_(std::move(source)), clock_(std::move(clock)) {}

std::string Tokens::get(const std::stop_token& stop) {
    const std::lock_guard lock(mutex_);
    if (!token_.text.empty() && token_.expires - clock_->wall_now() >= margin) {
        return token_.text;
    }
    try {
        token_ = source_->fetch(stop);
    } catch (const errors::ExternalDatasourceError& error) {
        // The old one still holds for some minutes, in which the other side may get well.
        if (token_.text.empty() || token_.expires <= clock_->wall_now()) {
            throw;
        }
        logger::warning(fmt::format("the token could not be renewed yet: {}", error.what()));
    }
    return token_.text;
}

}  // namespace tinybird_cdk::cloud::azure
