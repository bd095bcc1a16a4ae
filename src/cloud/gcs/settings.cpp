// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/settings.hpp"

#include <optional>
#include <string_view>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/text.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

/// A variable that is set to nothing is unset, as in Google's libraries.
std::optional<std::string> value_of(const Environment& environment, std::string_view variable) {
    auto value = environment.get(variable);
    return value && core::trim(*value).empty() ? std::nullopt : value;
}

/// Scheme and host of a variable. A path of the JSON API behind it, which gcloud's variables have, is cut off.
std::optional<std::string> endpoint_of(const Environment& environment, std::string_view variable,
                                       std::string_view default_scheme) {
    const auto value = value_of(environment, variable);
    if (!value) {
        return std::nullopt;
    }
    std::string url(core::trim(*value));
    if (url.find("://") == std::string::npos) {
        url.insert(0, default_scheme);
    }
    for (const std::string_view end : {"/", "/storage/v1", "/v1", "/"}) {
        if (url.ends_with(end)) {
            url.resize(url.size() - end.size());
        }
    }
    const bool is_http = url.starts_with("http://") || url.starts_with("https://");
    const std::string_view host = is_http ? std::string_view(url).substr(url.find("://") + 3) : std::string_view();
    if (host.empty() || host.find_first_of(" \t/?#@") != std::string_view::npos) {
        throw errors::InvalidArgument(
            fmt::format("{} is {}, which is no address of a server", variable, logger::mask(*value)),
            "Write it as in http://127.0.0.1:4443.");
    }
    return url;
}

}  // namespace

Settings read_settings(const Environment& environment) {
    Settings settings;
    if (auto storage = endpoint_of(environment, "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", "https://")) {
        settings.storage = std::move(*storage);
    }
    if (auto iam = endpoint_of(environment, "CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS", "https://")) {
        settings.iam = std::move(*iam);
    }
    if (auto emulator = endpoint_of(environment, "STORAGE_EMULATOR_HOST", "http://")) {
        settings.storage = std::move(*emulator);
        settings.emulated = true;
    }
    settings.user_project = value_of(environment, "GOOGLE_CLOUD_QUOTA_PROJECT").value_or("");
    settings.ca_file = value_of(environment, "SSL_CERT_FILE").value_or("");
    return settings;
}

}  // namespace tinybird_cdk::cloud::gcs
