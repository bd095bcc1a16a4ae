// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/config.hpp>

namespace tinybird_cdk::cloud::gcs {

/// Where the service is. Endpoints are scheme and host, without a slash at the end.
struct Settings {
    std::string storage = "https://storage.googleapis.com";
    std::string iam = "https://iamcredentials.googleapis.com";
    bool emulated = false;     ///< there are no credentials, and nothing is signed
    std::string user_project;  ///< who pays for requests; empty: the bucket's owner
    std::string ca_file;       ///< PEM certificates to trust instead of the system's; empty: the system's
};

/// Reads STORAGE_EMULATOR_HOST (with a scheme, as Google's library for Python wants it, or without, as the one for Go),
/// gcloud's CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE and _IAMCREDENTIALS, GOOGLE_CLOUD_QUOTA_PROJECT and SSL_CERT_FILE.
/// @throws errors::InvalidArgument for what is no http(s) URL
Settings read_settings(const Environment& environment);

}  // namespace tinybird_cdk::cloud::gcs
