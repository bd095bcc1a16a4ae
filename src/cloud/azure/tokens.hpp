// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/config.hpp>

#include "cloud/azure/dates.hpp"
#include "cloud/transport.hpp"

namespace tinybird_cdk::cloud::azure {

struct AccessToken {
    std::string text;
    Time expires;
};

/// Where tokens of Microsoft Entra come from. Not thread-safe.
class TokenSource {
public:
    TokenSource() = default;
    TokenSource(const TokenSource&) = delete;
    TokenSource& operator=(const TokenSource&) = delete;
    virtual ~TokenSource() = default;
    virtual AccessToken fetch(const std::stop_token& stop) = 0;
};

/// The first of the sources that the environment has, in the order of azure::Client's class comment.
/// @throws errors::InvalidArgument when one is named in part
std::unique_ptr<TokenSource> token_source(const Environment& environment, const ClientOptions& options);

/// A token that holds for some minutes still; a new one is fetched before the old one expires. Thread-safe.
class Tokens {
public:
    Tokens(std::unique_ptr<TokenSource> source, std::shared_ptr<Clock> clock);
    std::string get(const std::stop_token& stop);

private:
    std::mutex mutex_;
    const std::unique_ptr<TokenSource> source_;
    const std::shared_ptr<Clock> clock_;
    AccessToken token_;
};

}  // namespace tinybird_cdk::cloud::azure
