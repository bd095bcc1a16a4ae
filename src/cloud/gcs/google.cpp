// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/google.hpp>

#include "cloud/gcs/credentials.hpp"
#include "cloud/gcs/json_field.hpp"
#include "cloud/gcs/settings.hpp"
#include "cloud/small_file.hpp"

namespace tinybird_cdk::google {

struct Credentials::Inside {
    Inside(const Environment& environment, const cloud::ClientOptions& options)
        : settings(cloud::gcs::read_settings(environment)),
          transport(options, settings.ca_file),
          credentials(environment, options, transport, settings.iam) {}

    const cloud::gcs::Settings settings;
    cloud::Transport transport;
    cloud::gcs::Credentials credentials;
};

Credentials::Credentials(const Environment& environment, const cloud::ClientOptions& options)
    : inside_(std::make_unique<Inside>(environment, options)) {}

Credentials::~Credentials() = default;

Secret Credentials::token(const std::stop_token& stop) {
    return inside_->credentials.token(stop);
}

void Credentials::discard(const Secret& token) {
    inside_->credentials.discard(token);
}

std::string Credentials::quota_project(const std::stop_token& stop) {
    return inside_->settings.user_project.empty() ? inside_->credentials.quota_project(stop)
                                                  : inside_->settings.user_project;
}

std::string default_project(const Environment& environment) {
    if (auto named = environment.get("GOOGLE_CLOUD_PROJECT"); named && !named->empty()) {
        return *std::move(named);
    }
    const std::string path = environment.get("GOOGLE_APPLICATION_CREDENTIALS").value_or("");
    if (path.empty()) {
        return {};
    }
    const auto document = cloud::gcs::json_object(cloud::read_small_file(path).text);
    return document ? cloud::gcs::text_field(*document, "project_id").value_or("") : std::string();
}

}  // namespace tinybird_cdk::google
