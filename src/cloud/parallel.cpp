// SPDX-License-Identifier: Apache-2.0
#include "cloud/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::cloud {

void in_parallel(const Work& work, const std::stop_token& stop,
                 const std::function<void(std::size_t, const std::stop_token&)>& step) {
    std::stop_source ending;
    const std::stop_callback forward(stop, [&] { ending.request_stop(); });
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr failure;
    const auto run = [&] {
        while (!ending.stop_requested()) {
            const std::size_t index = next++;
            if (index >= work.count) {
                return;
            }
            try {
                step(index, ending.get_token());
            } catch (...) {
                const std::lock_guard lock(mutex);
                // Those that end because another one failed have nothing to tell.
                failure = failure ? failure : std::current_exception();
                ending.request_stop();
            }
        }
    };
    {
        std::vector<std::jthread> threads;
        const std::size_t helpers = std::min(work.count, std::max<std::size_t>(work.threads, 1));
        for (std::size_t i = 1; i < helpers; ++i) {
            threads.emplace_back(run);
        }
        run();
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
    if (stop.stop_requested()) {
        throw errors::InterruptedError();
    }
}

}  // namespace tinybird_cdk::cloud
