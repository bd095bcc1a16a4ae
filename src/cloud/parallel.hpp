// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>

namespace tinybird_cdk::cloud {

/// How much of something is to be done, and by how many threads.
struct Work {
    std::size_t count = 0;
    std::size_t threads = 1;
};

/// Calls `step` for 0 to count - 1, side by side. After the first exception no further step begins and those that run
/// are asked to stop; it is thrown when they have ended. @throws errors::InterruptedError when `stop` asks
void in_parallel(const Work& work, const std::stop_token& stop,
                 const std::function<void(std::size_t, const std::stop_token&)>& step);

}  // namespace tinybird_cdk::cloud
