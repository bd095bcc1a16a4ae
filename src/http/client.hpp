// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include <tinybird_cdk/errors.hpp>

#include "http/request.hpp"

namespace tinybird_cdk::http {

/// A stop that came when the server may have had the whole request, which it may then carry out.
class InterruptedAfterSending : public errors::InterruptedError {
public:
    using InterruptedError::InterruptedError;
};

/// Sends requests, one attempt each. Keeps connections open for the next request. Thread-safe.
///
/// Proxy and certificate variables are libcurl's (https://curl.se/libcurl/c/libcurl-env.html) and those of OpenSSL.
class Client {
public:
    explicit Client(Settings settings);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// @return the answer, or status 0 and why there is none. @throws what the body throws;
    /// errors::InterruptedError when the request's token asks to stop (InterruptedAfterSending, if so)
    Response perform(const Request& request);

private:
    class Session;

    Response perform_once(const Request& request, bool may_ask);
    std::unique_ptr<Session> take();
    void give_back(std::unique_ptr<Session> session);

    const Settings settings_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Session>> idle_;
};

}  // namespace tinybird_cdk::http
