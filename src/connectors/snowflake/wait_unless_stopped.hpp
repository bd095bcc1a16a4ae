// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::snowflake {

/// Runs what the driver may not come back from for many minutes: a login can't be cancelled, and for the answer to a
/// cancel the driver waits as it does for any other. After a stop it is waited for so long and no longer: it goes on in
/// its thread then, and what it gives is dropped.
/// @param work owns all that it uses @throws errors::InterruptedError
template <class Work>
std::invoke_result_t<Work&> wait_unless_stopped(Work work, const std::stop_token& stop,
                                                std::chrono::milliseconds after_stop) {
    struct State {
        std::mutex mutex;
        std::condition_variable_any changed;
        bool done = false;
    };
    std::packaged_task<std::invoke_result_t<Work&>()> task(std::move(work));
    auto result = task.get_future();
    const auto state = std::make_shared<State>();
    std::thread([state, task = std::move(task)]() mutable {
        {
            // Gone before that is told: what the work owns is released where it is waited for.
            auto once = std::move(task);
            once();
        }
        const std::lock_guard guard(state->mutex);
        state->done = true;
        state->changed.notify_all();
    }).detach();
    std::unique_lock lock(state->mutex);
    const auto is_done = [&state] { return state->done; };
    if (!state->changed.wait(lock, stop, is_done) && !state->changed.wait_for(lock, after_stop, is_done)) {
        throw errors::InterruptedError();
    }
    return result.get();
}

}  // namespace tinybird_cdk::snowflake
