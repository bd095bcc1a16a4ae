// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::redshift {

/// Ends what a connection runs when a stop is asked for, as long as this object lives. A cancel that comes before the
/// server has begun is lost, so it is sent again.
class CancelOnStop {
public:
    CancelOnStop(adbc::Connection& connection, const std::stop_token& stop)
        : thread_([this, &connection, stop](const std::stop_token& ended) {
              const std::stop_callback wake(stop, [this] {
                  const std::lock_guard lock(mutex_);
                  changed_.notify_all();
              });
              std::unique_lock lock(mutex_);
              changed_.wait(lock, ended, [&] { return stop.stop_requested(); });
              while (!ended.stop_requested()) {
                  connection.cancel();
                  changed_.wait_for(lock, ended, between_cancels, [] { return false; });
              }
          }) {}

private:
    static constexpr std::chrono::milliseconds between_cancels{50};
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::jthread thread_;  ///< the last one: it is over before what it uses is gone
};

/// Runs a call of a connection, which the token ends. @throws errors::InterruptedError when it did. What somebody else
/// ended, a time-out or an administrator, is a temporary errors::ExternalDatasourceError
template <class Call>
std::invoke_result_t<Call> stoppable(adbc::Connection& connection, const std::stop_token& stop, Call&& call) {
    if (stop.stop_requested()) {
        throw errors::InterruptedError();
    }
    try {
        const CancelOnStop cancel(connection, stop);
        return std::forward<Call>(call)();
    } catch (const errors::InterruptedError& error) {
        if (stop.stop_requested()) {
            // Without the driver's text, which has the whole statement in it.
            throw errors::InterruptedError();
        }
        throw errors::ExternalDatasourceError(error.what(), {}, {}, errors::ExitCode::temporary);
    } catch (const errors::ExternalDatasourceError&) {
        if (stop.stop_requested()) {
            throw errors::InterruptedError();
        }
        throw;
    }
}

}  // namespace tinybird_cdk::redshift
