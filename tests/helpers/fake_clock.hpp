// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <mutex>
#include <vector>

#include <tinybird_cdk/retry.hpp>

namespace tinybird_cdk::testing {

/// Time that passes only when somebody sleeps. Thread-safe.
class FakeClock final : public Clock {
public:
    [[nodiscard]] std::chrono::steady_clock::time_point now() const override {
        const std::lock_guard lock(mutex_);
        return std::chrono::steady_clock::time_point(std::chrono::hours(1)) + passed_;
    }
    /// 2026-10-21 07:28:00 UTC, and what passed since.
    [[nodiscard]] std::chrono::system_clock::time_point wall_now() const override {
        const std::lock_guard lock(mutex_);
        return std::chrono::system_clock::from_time_t(1792567680) + passed_;
    }
    bool sleep(std::chrono::milliseconds duration, const std::stop_token& stop) override {
        const std::lock_guard lock(mutex_);
        sleeps_.push_back(duration);
        passed_ += duration;
        return !stop.stop_requested();
    }
    [[nodiscard]] std::vector<std::chrono::milliseconds> sleeps() const {
        const std::lock_guard lock(mutex_);
        return sleeps_;
    }

private:
    mutable std::mutex mutex_;
    std::chrono::milliseconds passed_{0};
    std::vector<std::chrono::milliseconds> sleeps_;
};

}  // namespace tinybird_cdk::testing
