// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace tinybird_cdk::cloud::gcs {

/// Calls task(0) … task(count − 1), some of them at the same time. Waits for all. When calls throw, no more are begun,
/// and the exception of one of them is thrown.
void in_parallel(std::size_t count, const std::function<void(std::size_t)>& task);

}  // namespace tinybird_cdk::cloud::gcs
