// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <condition_variable>
#include <mutex>

#include <tinybird_cdk/retry.hpp>

namespace tinybird_cdk {

namespace {

constexpr std::chrono::milliseconds longest_sleep = std::chrono::hours(24 * 365);

class SystemClock final : public Clock {
public:
    [[nodiscard]] std::chrono::steady_clock::time_point now() const override {
        return std::chrono::steady_clock::now();
    }
    [[nodiscard]] std::chrono::system_clock::time_point wall_now() const override {
        return std::chrono::system_clock::now();
    }
    bool sleep(std::chrono::milliseconds duration, const std::stop_token& stop) override {
        // One pair per call: nobody else ever notifies it, so only the time or the token ends the wait.
        std::mutex mutex;
        std::condition_variable_any woken;
        std::unique_lock lock(mutex);
        // wait_for adds the duration to now, which overflows for milliseconds::max().
        woken.wait_for(lock, stop, std::min(duration, longest_sleep), [] { return false; });
        return !stop.stop_requested();
    }
};

}  // namespace

std::shared_ptr<Clock> Clock::system() {
    static const auto clock = std::make_shared<SystemClock>();
    return clock;
}

}  // namespace tinybird_cdk
