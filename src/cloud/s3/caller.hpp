// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <tinybird_cdk/errors.hpp>

#include "cloud/s3/documents.hpp"
#include "cloud/s3/provider.hpp"
#include "cloud/s3/settings.hpp"
#include "cloud/s3/signer.hpp"
#include "cloud/transport.hpp"

namespace tinybird_cdk::cloud::s3 {

/// One request, before it is signed.
struct Call {
    std::string method = "GET";
    std::string bucket;
    std::string key = {};  ///< empty: of the bucket
    Pairs query = {};
    Pairs headers = {};
    std::string_view body = {};  ///< somebody else's, who keeps it
    /// It is carried out once at most for each try that is counted; see http::Request.
    bool fresh_connection = false;
};

/// Sends signed requests to the bucket's region, which it learns from answers that send it elsewhere. Thread-safe.
class Caller {
public:
    /// All outlive it.
    Caller(const Settings& settings, Provider& provider, Transport& transport, const RetryPolicy& policy);

    /// The last answer, whatever its status is. @param tries counts the requests, unless it is null
    http::Response send(const Call& call, const std::stop_token& stop, int* tries = nullptr);
    /// A 2xx answer. @throws errors::ExternalDatasourceError for another one
    http::Response done(const Call& call, const std::stop_token& stop, int* tries = nullptr);
    /// The same for requests whose refusal may hide behind a 200, which is sent before the work is done: UploadPartCopy
    /// and CompleteMultipartUpload.
    http::Response done_late(const Call& call, const std::stop_token& stop, int* tries = nullptr);

    /// A request without a body, signed for now.
    http::Request make(const Call& call, const std::stop_token& stop);
    /// Whether the answer sends the same request elsewhere or wants other credentials, which are used from then on.
    bool learn(const Call& call, const http::Response& answer, const Credentials& used);
    /// The credentials of the next request.
    Credentials credentials(const std::stop_token& stop) { return provider_.get(stop); }
    [[nodiscard]] std::chrono::system_clock::time_point now() const { return transport_.clock().wall_now(); }
    [[nodiscard]] errors::ExternalDatasourceError error_of(const Call& call, const http::Response& answer) const;
    /// A URL that anyone may use. Looks for the bucket's region, if it has to.
    std::string presigned(const Call& call, std::chrono::seconds expires);

private:
    http::Request signed_request(const Call& call, std::string_view payload_hash, const Credentials& credentials);
    [[nodiscard]] std::string region_of(const std::string& bucket) const;
    void remember_region(const std::string& bucket, std::string_view region);
    void find_region(const std::string& bucket);

    const Settings& settings_;
    Provider& provider_;
    Transport& transport_;
    const RetryPolicy& policy_;
    mutable std::mutex mutex_;
    std::map<std::string, std::string, std::less<>> regions_;  ///< of buckets
};

/// As in "s3://bucket/key".
std::string uri_of(std::string_view bucket, std::string_view key);

}  // namespace tinybird_cdk::cloud::s3
