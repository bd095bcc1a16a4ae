// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/config.hpp>

/// Google Cloud Storage, by its JSON API.
namespace tinybird_cdk::cloud::gcs {

struct Options : ClientOptions {
    /// The part of an upload that is held in memory; objects that fit into one are written in one request. A multiple
    /// of 262,144 bytes, which Google asks for. @throws errors::InvalidArgument from the client's constructor otherwise
    std::size_t part_bytes = 8U << 20U;
};

/// Google Cloud Storage. Object::etag is the generation of an object, which changes with its bytes. Keys "." and ".."
/// are refused, as Google does.
///
/// Credentials are looked for at the first use, as Google's libraries do: the file of GOOGLE_APPLICATION_CREDENTIALS
/// (a service account, an authorised user, an external account with a token from a file or a URL, an impersonated
/// service account), else gcloud's application_default_credentials.json (in CLOUDSDK_CONFIG, else in
/// ~/.config/gcloud), else the metadata server of the machine (GCE_METADATA_HOST, GCE_METADATA_IP, NO_GCE_CHECK).
/// STORAGE_EMULATOR_HOST, with or without a scheme, names an emulator, which needs none.
///
/// public_url() signs with the private key of a service account, else has Google sign (signBlob), which needs the role
/// roles/iam.serviceAccountTokenCreator on the account. An emulator's URLs are not signed.
///
/// GOOGLE_CLOUD_QUOTA_PROJECT, else "quota_project_id" in the file of credentials, names the project that pays for
/// requests, as buckets may demand ("requester pays"). CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE and
/// CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS are other endpoints, as in a private network. SSL_CERT_FILE names
/// certificates to trust.
class Client final : public cloud::Client {
public:
    /// Opens no connection. @throws errors::InvalidArgument for a variable that can't be read
    explicit Client(const Environment& environment = Environment::process(), const Options& options = {});
    ~Client() override;

protected:
    [[nodiscard]] std::string uri_(std::string_view bucket, std::string_view key) const override;
    std::vector<Object> list_(std::string_view bucket, std::string_view prefix, const std::stop_token& stop) override;
    std::string public_url_(std::string_view bucket, std::string_view key, std::chrono::seconds expires) override;
    void rm_(std::string_view bucket, std::string_view key, const std::stop_token& stop) override;
    std::vector<std::string> rm_all_(std::string_view bucket, const std::vector<std::string>& keys,
                                     const std::stop_token& stop) override;
    void join_(std::string_view bucket, const std::vector<Object>& parts, std::string_view target,
               const CatOptions& options) override;
    void put_(std::string_view bucket, std::string_view key, Body& body, const std::stop_token& stop) override;
    std::unique_ptr<Body> get_(std::string_view bucket, std::string_view key, const std::stop_token& stop) override;
    std::optional<Object> stat_(std::string_view bucket, std::string_view key, const std::stop_token& stop) override;

private:
    struct Inside;
    const std::unique_ptr<Inside> inside_;
};

}  // namespace tinybird_cdk::cloud::gcs
