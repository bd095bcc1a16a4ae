// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cloud/gcs/credentials.hpp"
#include "cloud/gcs/resource.hpp"
#include "cloud/gcs/settings.hpp"
#include "cloud/transport.hpp"

namespace tinybird_cdk::cloud::gcs {

/// One request of the JSON API. Values only.
struct Call {
    std::string method = "GET";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string_view body = {};  ///< must outlive the call
    bool has_body = false;
    Transport::Stop stop_where = Transport::Stop::anywhere;
};

/// @throws errors::InvalidArgument for the names "." and "..", which URLs can't hold and Google refuses too, and for
/// what is not UTF-8
void need_object_name(std::string_view key);

/// The JSON API (https://cloud.google.com/storage/docs/json_api): URLs, authorisation, refusals. Thread-safe.
class Api {
public:
    using Query = std::vector<std::pair<std::string, std::string>>;

    Api(const Environment& environment, const ClientOptions& options);

    /// "{storage}/storage/v1/b/BUCKET/o{/KEY}{method}?query", with the project that pays.
    /// @throws errors::InvalidArgument as need_object_name()
    std::string object_url(std::string_view bucket, std::string_view key, std::string_view method, Query query,
                           const std::stop_token& stop);
    /// The same below /upload.
    std::string upload_url(std::string_view bucket, Query query, const std::stop_token& stop);

    /// Sends a call with a token, once more with a new one when that is refused. @return the last answer
    http::Response send(const Call& call, const std::stop_token& stop);
    /// Adds a token to a request that is sent otherwise. @return it, for discard(); empty when there are none
    Secret authorise(http::Request& request, const std::stop_token& stop);
    void discard(const Secret& token);

    /// Throws what a refusal says. @param what for the message, as in "gs://b/k can't be read"
    [[noreturn]] void refuse(const http::Response& answer, const std::string& what) const;
    /// The JSON of an answer that is 2xx, else refuses.
    [[nodiscard]] nlohmann::json document_of(const http::Response& answer, const std::string& what) const;
    [[nodiscard]] Resource described_object(const http::Response& answer, const std::string& what) const;

    /// Who pays; empty: the owner of the bucket.
    std::string user_project(const std::stop_token& stop);

    [[nodiscard]] Transport& transport() noexcept { return transport_; }
    [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
    [[nodiscard]] Credentials& credentials() noexcept { return credentials_; }

private:
    std::string with_query(std::string url, Query query, const std::stop_token& stop);

    const Settings settings_;
    Transport transport_;
    Credentials credentials_;
};

}  // namespace tinybird_cdk::cloud::gcs
