// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/config.hpp>

#include "cloud/azure/account.hpp"
#include "cloud/azure/sas.hpp"
#include "cloud/azure/shared_key.hpp"
#include "cloud/azure/tokens.hpp"
#include "cloud/transport.hpp"

namespace tinybird_cdk::cloud::azure {

/// What is asked of the service, before it is signed.
struct Call {
    std::string method = "GET";
    std::string container = {};  ///< empty: the account itself
    std::string blob = {};       ///< empty: the container itself
    Pairs parameters = {};       ///< not encoded
    Pairs headers = {};
    std::string_view content = {};  ///< of PUT and POST; must outlive the call
    Transport::Stop stop_where = Transport::Stop::anywhere;
};

/// Sends calls in the name of an account, by whatever credentials there are. Thread-safe.
class Requests {
public:
    Requests(const Environment& environment, const ClientOptions& options);

    /// The last answer, which may be a refusal.
    http::Response send(const Call& call, const std::stop_token& stop);
    /// The same, for calls whose headers age, as the signature of a source that is copied.
    http::Response send(const std::function<Call()>& call, const std::stop_token& stop);
    /// A call without content, signed for now.
    http::Request make(const Call& call, const std::stop_token& stop);
    /// The path of a blob's URL, and the headers that authorise a request inside a batch.
    std::string path_of(const Call& call) const;
    Pairs headers_in_batch(const Call& call, const std::stop_token& stop);
    /// What authorises a part of a batch beyond its headers; empty or "?sv=…".
    std::string query_in_batch() const;

    [[nodiscard]] const Account& account() const noexcept { return account_; }
    [[nodiscard]] std::string blob_url(std::string_view container, std::string_view blob) const;
    [[nodiscard]] Transport& transport() noexcept { return transport_; }

private:
    /// Adds date, version and what authorises. @param version none inside a batch
    Pairs signed_headers(const Call& call, std::string_view version, const std::stop_token& stop);

    const Account account_;
    Transport transport_;
    std::unique_ptr<Tokens> tokens_;  ///< none with a key or a signature
};

}  // namespace tinybird_cdk::cloud::azure
