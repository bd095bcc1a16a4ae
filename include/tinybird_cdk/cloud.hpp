// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/body.hpp>
#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/retry.hpp>

/// Object stores: one interface, a client for each service, and the URLs that name objects.
namespace tinybird_cdk::cloud {

/// An object in a bucket.
struct Object {
    std::string key;
    std::uint64_t size = 0;                            ///< bytes, as stored
    std::chrono::system_clock::time_point modified{};  ///< when its bytes were last written, by the store's clock
    std::string etag;                                  ///< names this content; as the store writes it, without quotes
};

/// How objects are joined into one.
struct CatOptions {
    /// The objects are lines of text: one that does not end in a line end gets "\n" before the next one's first byte,
    /// for two rows would become one. Without it the bytes are joined as they are. Compressed objects can't be looked
    /// into: leave it out, and be sure that they end in one
    bool lines = false;
    /// Implies `lines`. Each object begins with the same header line, which the result has once. It ends at the first
    /// line end, also at one inside of quotes: leave it out when a column's name has one. @throws
    /// errors::InvalidArgument from cat() when the objects' first lines differ; nothing is written then
    bool header_lines = false;
    std::stop_token stop = {};
};

/// What all clients can be told. A client keeps copies.
struct ClientOptions {
    RetryPolicy retry = {};
    std::shared_ptr<Clock> clock = {};    ///< null: the real one
    std::function<double()> jitter = {};  ///< null: a random number in [0, 1)
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds idle_timeout{60'000};  ///< no byte either way; there is no total timeout
};

/// What the kit asks of an object store. Thread-safe: calls may run side by side.
///
/// A directory is the common beginning of keys up to a slash: "a/b" and "a/b/" are the same, "" is the whole bucket.
/// Keys are bytes, sorted as such. All calls throw errors::ExternalDatasourceError with the store's own code and text
/// when it refuses or can't be reached, errors::MissingConfiguration when there are no credentials, and
/// errors::InterruptedError when their stop token asks. What can be repeated is repeated as the RetryPolicy says.
class Client {
public:
    Client() = default;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    virtual ~Client() = default;

    /// As in "s3://bucket/key".
    [[nodiscard]] std::string uri(std::string_view bucket, std::string_view key) const { return uri_(bucket, key); }
    /// The keys below a directory, sorted. Objects that only mark a directory (empty, the key ends in a slash) are left
    /// out.
    std::vector<std::string> ls(std::string_view bucket, std::string_view directory, std::stop_token stop = {});
    /// All objects whose keys begin with `prefix`, sorted by key, markers of directories among them.
    std::vector<Object> list(std::string_view bucket, std::string_view prefix, std::stop_token stop = {});
    /// A URL with which anyone may read the object until it expires. Whether the object exists is not looked at.
    /// @param expires more than 0; services allow at most 7 days. @throws errors::InvalidArgument beyond
    std::string public_url(std::string_view bucket, std::string_view key, std::chrono::seconds expires);
    /// Deletes an object. That there is none is no error.
    void rm(std::string_view bucket, std::string_view key, std::stop_token stop = {});
    /// Deletes all objects below a directory, in batches where the service has them.
    /// @throws errors::Error that lists what could not be deleted; the rest is gone
    /// @throws errors::InvalidArgument for "", which would be the whole bucket
    void rmtree(std::string_view bucket, std::string_view directory, std::stop_token stop = {});
    /// Joins all objects below a directory into one, inside the store, in the order of their keys. The parts stay. The
    /// result is a new object in the same directory, with the extension of the first part; on an error nothing of it
    /// is left. @return its key; nothing for an empty directory; the key itself when there is one object
    std::optional<std::string> cat(std::string_view bucket, std::string_view directory, const CatOptions& options = {});
    /// The same for objects that are named, as list() gave them, into `target`. @throws errors::InvalidArgument when
    /// there are none or the target is among them; an error when a part was changed since it was listed
    void join(std::string_view bucket, const std::vector<Object>& parts, std::string_view target,
              const CatOptions& options = {});
    /// Writes an object, all or nothing. The body is read once, a part at a time when it is large. @throws
    /// errors::Error when it ends elsewhere than where its size() said
    void put(std::string_view bucket, std::string_view key, Body& body, std::stop_token stop = {});
    /// Reads an object as it is stored, while it is asked for. A read that breaks goes on where it was, as long as the
    /// object is the same. The body must not outlive the client.
    std::unique_ptr<Body> get(std::string_view bucket, std::string_view key, std::stop_token stop = {});
    /// What is known of an object; nothing when there is none.
    std::optional<Object> stat(std::string_view bucket, std::string_view key, std::stop_token stop = {});
    /// Its size in bytes. @throws errors::ExternalDatasourceError when there is none
    std::uint64_t size(std::string_view bucket, std::string_view key, std::stop_token stop = {});
    bool exists(std::string_view bucket, std::string_view key, std::stop_token stop = {});

protected:
    /// To implement. Arguments are checked: buckets and keys are not empty, directories end in a slash.
    [[nodiscard]] virtual std::string uri_(std::string_view bucket, std::string_view key) const = 0;
    virtual std::vector<Object> list_(std::string_view bucket, std::string_view prefix,
                                      const std::stop_token& stop) = 0;
    virtual std::string public_url_(std::string_view bucket, std::string_view key, std::chrono::seconds expires) = 0;
    virtual void rm_(std::string_view bucket, std::string_view key, const std::stop_token& stop) = 0;
    /// Deletes these. @return those that could not be deleted, each with the reason: "KEY: why"
    virtual std::vector<std::string> rm_all_(std::string_view bucket, const std::vector<std::string>& keys,
                                             const std::stop_token& stop);
    virtual void join_(std::string_view bucket, const std::vector<Object>& parts, std::string_view target,
                       const CatOptions& options) = 0;
    virtual void put_(std::string_view bucket, std::string_view key, Body& body, const std::stop_token& stop) = 0;
    virtual std::unique_ptr<Body> get_(std::string_view bucket, std::string_view key, const std::stop_token& stop) = 0;
    virtual std::optional<Object> stat_(std::string_view bucket, std::string_view key, const std::stop_token& stop) = 0;
};

/// What a URL of an object or a directory names.
struct Location {
    std::string service;  ///< "s3", "gcs" or "azure"
    std::string bucket;   ///< Azure's container
    std::string key;      ///< empty for the bucket itself
    std::string account;  ///< Azure only, where the URL names it
};

/// Takes apart s3://BUCKET/KEY, gs://… and gcs://…, azure://CONTAINER/KEY (also az://), and the https URLs of the three
/// services, in path and virtual-host style. In the https forms the key is percent-decoded, in the others it stands as
/// it is. @throws errors::UnsupportedCloudServiceError for the URL of something else, errors::InvalidArgument for one
/// without a bucket
Location parse_url(std::string_view url);

/// A client by the name of its service: "s3", "gcs" (or "gs") or "azure", configured by the environment.
/// @throws errors::UnsupportedCloudServiceError for another name
std::unique_ptr<Client> client_for(std::string_view service, const Environment& environment = Environment::process(),
                                   const ClientOptions& options = {});

}  // namespace tinybird_cdk::cloud
