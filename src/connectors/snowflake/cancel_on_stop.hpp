// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include <tinybird_cdk/adbc.hpp>

namespace tinybird_cdk::snowflake {

/// Ends a query of a connection when the token asks. A cancel that comes while nothing runs is forgotten: it is said
/// again until this object goes.
class CancelOnStop {
public:
    CancelOnStop(adbc::Connection& connection, const std::stop_token& stop)
        : watcher_([this, &connection, stop](const std::stop_token& end) {
              constexpr std::chrono::milliseconds between_cancels{200};
              // Before the lock: it may call at once.
              const std::stop_callback wake(stop, [this] {
                  const std::lock_guard guard(mutex_);
                  asked_ = true;
                  changed_.notify_all();
              });
              std::unique_lock lock(mutex_);
              changed_.wait(lock, end, [this] { return asked_; });
              while (asked_ && !end.stop_requested()) {
                  connection.cancel();
                  changed_.wait_for(lock, end, between_cancels, [] { return false; });
              }
          }) {}

private:
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool asked_ = false;
    std::jthread watcher_;  // the last one: gone before what it uses
};

}  // namespace tinybird_cdk::snowflake
