// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>

#include <tinybird_cdk/retry.hpp>

#include "cloud/gcs/token.hpp"

namespace tinybird_cdk::cloud::gcs {

/// The current token of a source. A new one is got some minutes before the old one expires, by one thread, while others
/// wait. Thread-safe.
class TokenCache {
public:
    /// Both must outlive it.
    TokenCache(TokenSource& source, Clock& clock) : source_(source), clock_(clock) {}

    /// @throws what the source throws, unless the old token still holds; errors::InterruptedError
    Secret token(const std::stop_token& stop);
    /// The store does not take this token any more: it is not given out again.
    void discard(const Secret& token);

private:
    [[nodiscard]] bool holds_for(std::chrono::seconds time) const;

    TokenSource& source_;
    Clock& clock_;
    std::mutex mutex_;
    std::condition_variable_any fetched_;
    bool fetching_ = false;
    Token current_;
};

}  // namespace tinybird_cdk::cloud::gcs
