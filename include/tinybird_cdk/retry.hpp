// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace tinybird_cdk {

/// Time, so that nothing that waits needs a real wait in a test. Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;
    /// For measuring durations.
    [[nodiscard]] virtual std::chrono::steady_clock::time_point now() const = 0;
    /// For dates, as in `Retry-After: Wed, 21 Oct 2026 07:28:00 GMT`.
    [[nodiscard]] virtual std::chrono::system_clock::time_point wall_now() const = 0;
    /// @return false when the token asked to stop before the time was over (Ctrl-C ends a back-off at once)
    virtual bool sleep(std::chrono::milliseconds duration, const std::stop_token& stop) = 0;
    /// The real one.
    static std::shared_ptr<Clock> system();
};

/// How often and how long to try again.
struct RetryPolicy {
    int timeout_attempts = 5;                                ///< answers 408: tries beyond the first
    int gateway_attempts = 5;                                ///< answers 502 to GET and HEAD
    int connection_attempts = 2;                             ///< no connection, for calls that may be repeated
    int server_error_attempts = 5;                           ///< answers 5xx to events
    std::chrono::milliseconds first_delay{1000};             ///< doubled at each further try
    std::chrono::milliseconds largest_delay{60'000};         ///< before jitter
    std::chrono::milliseconds rate_limit_budget{3'600'000};  ///< all waits for 429 together
};

/// What an attempt came to, as far as retrying is concerned. A value: no exception, no I/O.
struct Outcome {
    int status = 0;                                         ///< 0: no answer
    bool request_sent = false;                              ///< the server may have seen the whole request
    bool idempotent = false;                                ///< doing it twice is doing it once
    bool read_only = false;                                 ///< GET or HEAD
    bool replayable = true;                                 ///< the body can be had again
    bool repeat_server_errors = false;                      ///< 5xx means that nothing was done
    std::optional<std::chrono::milliseconds> server_delay;  ///< Retry-After or the rate-limit headers
};

/// What to do next.
struct Decision {
    enum class Action { succeed, retry, fail, in_doubt, rate_limited_for_too_long };
    Action action = Action::fail;
    std::chrono::milliseconds delay{0};
    std::string_view reason;  ///< why it ends or goes on: part of the final message
};

/// How much of the policy a call has used up.
struct RetryState {
    int timeouts = 0;
    int gateways = 0;
    int connections = 0;
    int server_errors = 0;
    int rate_limits = 0;
    std::chrono::milliseconds rate_limit_waited{0};
};

/// The whole retry policy, as a pure function. @param jitter 0 to 1, scales the added random part of the delay
Decision decide(const RetryPolicy& policy, RetryState& state, const Outcome& outcome, double jitter);

}  // namespace tinybird_cdk
