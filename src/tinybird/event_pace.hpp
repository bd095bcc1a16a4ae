// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>

#include <tinybird_cdk/limits.hpp>
#include <tinybird_cdk/retry.hpp>

namespace tinybird_cdk::tinybird {

/// Keeps the requests of one writer below the Events API's rates: two token buckets that hold one second each.
/// Thread-safe.
class EventPace {
public:
    EventPace(const Limits& limits, std::shared_ptr<Clock> clock);

    /// Waits until a request of so many bytes may be sent, and counts it. @throws errors::InterruptedError
    void wait(std::size_t bytes, const std::stop_token& stop);

private:
    struct Bucket {
        double per_second = 0;  ///< 0: no limit
        double tokens = 0;      ///< below 0: what is already promised
        /// Takes tokens. @return seconds until they are there
        double take(double count);
        void fill(double seconds);
    };

    const std::shared_ptr<Clock> clock_;
    std::mutex mutex_;
    Bucket requests_;
    Bucket bytes_;
    std::chrono::steady_clock::time_point filled_at_;
};

}  // namespace tinybird_cdk::tinybird
