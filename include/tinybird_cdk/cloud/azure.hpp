// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/config.hpp>

/// Azure Blob Storage. A bucket is a container of one storage account.
namespace tinybird_cdk::cloud::azure {

/// The limits of the service are
/// https://learn.microsoft.com/en-us/azure/storage/blobs/scalability-targets#scale-targets-for-blob-storage
struct Options : ClientOptions {
    /// Larger objects are written in blocks of this size, which grow when 50,000 would not do. Two are in memory.
    std::size_t block_bytes = 8U << 20U;
    /// Joining copies so much at a time inside the store, at most 4,000 MiB. No byte flows to the client meanwhile, so
    /// it must take less than `idle_timeout`.
    std::uint64_t copy_bytes = 256U << 20U;
    std::size_t most_blocks = 50'000;  ///< of one object
    int page = 5'000;                  ///< objects in one answer of a list
    std::size_t parallel = 8;          ///< requests that run side by side when objects are joined or deleted
};

/// Thread-safe.
///
/// Credentials are looked for in this order, as the az tool and Microsoft's libraries have it:
///   1. AZURE_STORAGE_AUTH_MODE=login: Microsoft Entra, whatever else is set (see 5)
///   2. AZURE_STORAGE_CONNECTION_STRING: AccountName, AccountKey, SharedAccessSignature, BlobEndpoint,
///      DefaultEndpointsProtocol, EndpointSuffix, UseDevelopmentStorage=true
///   3. AZURE_STORAGE_ACCOUNT and AZURE_STORAGE_KEY
///   4. AZURE_STORAGE_ACCOUNT and AZURE_STORAGE_SAS_TOKEN
///   5. AZURE_STORAGE_ACCOUNT and Microsoft Entra:
///      a service principal (AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET; AZURE_AUTHORITY_HOST),
///      a workload identity (AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE),
///      the managed identity of App Service (IDENTITY_ENDPOINT, IDENTITY_HEADER) or of the virtual machine
///      (AZURE_POD_IDENTITY_AUTHORITY_HOST in place of http://169.254.169.254); AZURE_CLIENT_ID names one of several
/// AZURE_STORAGE_SERVICE_ENDPOINT is the blob endpoint where it is not https://ACCOUNT.blob.core.windows.net.
/// SSL_CERT_FILE names PEM certificates to trust instead of the system's.
///
/// public_url() signs with the account's key, or with a user delegation key when the credentials are of Entra. With
/// nothing but a shared access signature the URL has that signature: it lives as long as the signature does, whatever
/// was asked for, and permits what the signature permits.
///
/// put() and join() show nothing before the last of their requests. Blocks that were sent before something failed are
/// not part of any object and Azure forgets them within a week (Put Block, "Remarks"); there is no request to delete
/// them earlier.
class Client final : public cloud::Client {
public:
    /// @throws errors::MissingConfiguration when no credentials or no account are named, errors::InvalidArgument for
    /// those that can't be read. Tokens are asked for when they are needed
    explicit Client(const Environment& environment = Environment::process(), Options options = {});
    ~Client() override;

    /// The name of the storage account; empty where only an endpoint that does not tell it was named.
    [[nodiscard]] const std::string& account() const noexcept;

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
    class Store;
    std::unique_ptr<Store> store_;
};

}  // namespace tinybird_cdk::cloud::azure
