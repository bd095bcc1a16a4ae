// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>

namespace tinybird_cdk::conformance {

/// Work in a thread of its own, which may turn out never to end: then the thread is left behind, and whoever waits goes
/// on. So the work must own what it uses.
class Background {
public:
    explicit Background(std::function<void()> work);
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;
    Background(Background&&) noexcept = default;
    Background& operator=(Background&&) noexcept = default;

    /// @return false when it has not ended in this time
    [[nodiscard]] bool ended_within(std::chrono::seconds limit) const;
    /// What it threw is thrown here. To be called once, when it has ended.
    void result() { future_.get(); }

private:
    std::future<void> future_;
};

}  // namespace tinybird_cdk::conformance
