// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include <tinybird_cdk/retry.hpp>

#include "http/client.hpp"

namespace tinybird_cdk::http {

/// What a request came to in the end, after all tries.
struct Sent {
    Response response;
    Decision decision;  ///< succeed, or why it ended
    int attempts = 1;
};

/// Sends a request as often as the policy allows, and follows redirects. Thread-safe.
class Sender {
public:
    Sender(Settings settings, RetryPolicy policy, std::shared_ptr<Clock> clock, std::function<double()> jitter);

    /// @throws what the body throws; errors::InterruptedError when the request's token asks to stop, also in a wait
    Sent send(Request request);

private:
    Response follow_redirects(Request request);
    /// Puts a temporary file in place of a body whose size is not known. @return who owns it
    std::unique_ptr<Body> give_length_to(Request& request);

    Client client_;
    const RetryPolicy policy_;
    const std::shared_ptr<Clock> clock_;
    const std::function<double()> jitter_;
    /// Set when a server answered 411: from then on no body is sent without its length (RFC 9110 §15.5.12).
    std::atomic<bool> needs_length_ = false;
};

/// What the server said of when to come back: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), else
/// `X-Ratelimit-Reset` in seconds from now. @param now for a date
std::optional<std::chrono::milliseconds> server_delay(const Response& response,
                                                      std::chrono::system_clock::time_point now);

/// Scheme, host and port: what may be told a secret. Empty for what is no URL.
std::string origin_of(const std::string& url);

}  // namespace tinybird_cdk::http
