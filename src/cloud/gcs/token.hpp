// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <tinybird_cdk/secret.hpp>

namespace tinybird_cdk::cloud::gcs {

/// What the tokens are for. IAM's permissions narrow it; signBlob is not among the scopes of storage.
inline constexpr std::string_view scope = "https://www.googleapis.com/auth/cloud-platform";

/// An OAuth 2.0 access token.
struct Token {
    Secret text;
    std::chrono::system_clock::time_point expires{};
};

/// One kind of credentials: how a new token is got. fetch() may be called by several threads.
class TokenSource {
public:
    TokenSource() = default;
    TokenSource(const TokenSource&) = delete;
    TokenSource& operator=(const TokenSource&) = delete;
    virtual ~TokenSource() = default;

    /// @throws errors::ExternalDatasourceError, with what the server said
    virtual Token fetch(const std::stop_token& stop) = 0;
    /// The e-mail address of the service account that signs; empty when there is none.
    virtual std::string email(const std::stop_token& /*stop*/) { return {}; }
    /// Its private key (PEM); empty: Google has to sign.
    [[nodiscard]] virtual Secret private_key() const { return {}; }
    /// Who may have Google sign in the name of email(); null: who has the token.
    virtual TokenSource* asks_for_signatures() { return nullptr; }
    /// Who it is and where that was found, for messages.
    [[nodiscard]] virtual std::string description() const = 0;
};

}  // namespace tinybird_cdk::cloud::gcs
