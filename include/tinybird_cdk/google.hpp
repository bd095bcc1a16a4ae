// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/secret.hpp>

/// What APIs of Google Cloud ask of their callers.
namespace tinybird_cdk::google {

/// Application default credentials, looked for at their first use as cloud/gcs.hpp tells. Their tokens have the scope
/// https://www.googleapis.com/auth/cloud-platform; what they may do is up to the roles of who they are. Thread-safe.
///
/// All calls throw errors::MissingConfiguration, which says where was looked, when there are no credentials;
/// errors::InvalidArgument for a file that is wrong; errors::ExternalDatasourceError when no token is to be had;
/// errors::InterruptedError when the token asks.
class Credentials {
public:
    /// Looks for nothing yet. @throws errors::InvalidArgument for a variable that can't be read
    explicit Credentials(const Environment& environment = Environment::process(),
                         const cloud::ClientOptions& options = {});
    ~Credentials();
    Credentials(const Credentials&) = delete;
    Credentials& operator=(const Credentials&) = delete;

    /// An access token, for "Authorization: Bearer …"; kept until shortly before its end. The logger masks it.
    Secret token(const std::stop_token& stop = {});
    /// For a token that was refused (401) before its end: the next one is new.
    void discard(const Secret& token);
    /// The project that pays for requests, for the header X-Goog-User-Project: GOOGLE_CLOUD_QUOTA_PROJECT, else what
    /// the file of credentials says; empty: none is named.
    std::string quota_project(const std::stop_token& stop = {});

private:
    struct Inside;
    const std::unique_ptr<Inside> inside_;
};

/// The project that work is done in when nobody names one: GOOGLE_CLOUD_PROJECT, else that of the service account in
/// the file of GOOGLE_APPLICATION_CREDENTIALS; empty when neither says it. As in Google's libraries, but that what
/// gcloud and the metadata server say is not asked for. Never throws for a file that can't be read: whoever asks for a
/// token is told.
std::string default_project(const Environment& environment = Environment::process());

}  // namespace tinybird_cdk::google
