// SPDX-License-Identifier: Apache-2.0
#include "conformance/background.hpp"

#include <thread>
#include <utility>

namespace tinybird_cdk::conformance {

Background::Background(std::function<void()> work) {
    // Not std::async, whose future waits in its destructor.
    std::packaged_task<void()> task(std::move(work));
    future_ = task.get_future();
    std::thread([task = std::move(task)]() mutable { task(); }).detach();
}

bool Background::ended_within(std::chrono::seconds limit) const {
    return future_.wait_for(limit) == std::future_status::ready;
}

}  // namespace tinybird_cdk::conformance
