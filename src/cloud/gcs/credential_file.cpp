// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/credential_file.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/gcs/authorized_user.hpp"
#include "cloud/gcs/external_account.hpp"
#include "cloud/gcs/impersonation.hpp"
#include "cloud/gcs/json_field.hpp"
#include "cloud/gcs/service_account.hpp"
#include "cloud/gcs/workforce_user.hpp"
#include "cloud/small_file.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

nlohmann::json read_document(const std::string& path) {
    const auto [text, failure] = read_small_file(path);
    if (!failure.empty()) {
        throw errors::InvalidArgument(
            fmt::format("the file of credentials {} can't be read: {}", logger::mask(path), failure),
            "Check GOOGLE_APPLICATION_CREDENTIALS.");
    }
    auto document = json_object(text);
    if (!document) {
        throw errors::InvalidArgument(fmt::format("the file of credentials {} is no JSON object", path),
                                      "Write it anew, with gcloud or in Google's console.");
    }
    return std::move(*document);
}

/// A person's credentials, or the like, without what surrounds them.
std::unique_ptr<TokenSource> plain_source(const nlohmann::json& document, const std::string& path,
                                          Transport& transport) {
    const std::string type = text_field(document, "type").value_or("");
    if (type == "service_account") {
        return service_account(document, path, transport);
    }
    if (type == "authorized_user") {
        return authorized_user(document, path, transport);
    }
    if (type == "external_account") {
        return external_account(document, path, transport);
    }
    if (type == "external_account_authorized_user") {
        return workforce_user(document, path, transport);
    }
    throw errors::InvalidArgument(
        fmt::format("{} holds credentials of the type \"{}\", which the kit does not know", path, type),
        "Types are service_account, authorized_user, external_account, external_account_authorized_user and "
        "impersonated_service_account.");
}

/// As `gcloud auth application-default login --impersonate-service-account` writes it.
std::unique_ptr<TokenSource> impersonated_source(const nlohmann::json& document, const std::string& path,
                                                 Transport& transport) {
    const auto source = document.find("source_credentials");
    if (source == document.end() || !source->is_object()) {
        throw errors::InvalidArgument(fmt::format("{} has no \"source_credentials\"", path));
    }
    Impersonation as{.url = needed_field(document, "service_account_impersonation_url", path), .source_signs = true};
    if (const auto delegates = document.find("delegates"); delegates != document.end() && delegates->is_array()) {
        for (const auto& delegate : *delegates) {
            if (delegate.is_string()) {
                as.delegates.push_back(delegate.get<std::string>());
            }
        }
    }
    return impersonated(plain_source(*source, path, transport), std::move(as), transport);
}

}  // namespace

FileCredentials read_credential_file(const std::string& path, Transport& transport) {
    const nlohmann::json document = read_document(path);
    auto source = text_field(document, "type") == "impersonated_service_account"
                      ? impersonated_source(document, path, transport)
                      : plain_source(document, path, transport);
    return {.source = std::move(source), .quota_project = text_field(document, "quota_project_id").value_or("")};
}

}  // namespace tinybird_cdk::cloud::gcs
