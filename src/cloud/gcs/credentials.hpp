// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

#include <tinybird_cdk/cloud.hpp>

#include "cloud/gcs/token_cache.hpp"
#include "cloud/transport.hpp"

namespace tinybird_cdk::cloud::gcs {

/// Application default credentials, looked for at their first use where google-auth looks for them:
/// GOOGLE_APPLICATION_CREDENTIALS, gcloud's file, the metadata server
/// (https://cloud.google.com/docs/authentication/application-default-credentials). Thread-safe.
class Credentials {
public:
    /// The transport must outlive it. @param iam the endpoint that signs for those who have no private key
    Credentials(Environment environment, ClientOptions options, Transport& transport, std::string iam);
    ~Credentials();

    /// All calls throw errors::MissingConfiguration, which says where was looked, when there are none;
    /// errors::InvalidArgument for a file that is wrong; errors::ExternalDatasourceError when no token is to be had.
    Secret token(const std::stop_token& stop);
    void discard(const Secret& token);
    /// The service account that signs. @throws errors::InvalidArgument when these credentials are nobody's who can
    std::string signer(const std::stop_token& stop);
    /// Its RSA signature with SHA-256, by its private key, else by Google (signBlob).
    std::string sign(std::string_view bytes, const std::stop_token& stop);
    /// Who pays for requests, where the credentials say so; else empty.
    std::string quota_project(const std::stop_token& stop);

private:
    struct Found;

    Found& found(const std::stop_token& stop);
    std::unique_ptr<Found> look(const std::stop_token& stop);
    std::string sign_by_google(Found& found, std::string_view bytes, const std::stop_token& stop);

    const Environment environment_;
    const ClientOptions options_;
    Transport& transport_;
    const std::string iam_;
    std::mutex mutex_;
    std::unique_ptr<Found> found_;
};

}  // namespace tinybird_cdk::cloud::gcs
