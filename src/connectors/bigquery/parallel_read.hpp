// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "memory_budget.hpp"
#include "storage.hpp"

namespace tinybird_cdk::bigquery {

/// Reads the streams of a session side by side, a thread for each, and gives their messages in the order in which they
/// come. What is in memory is bounded in bytes, however many streams there are.
class ParallelRead {
public:
    /// Begins. @param storage must outlive this
    ParallelRead(Storage& storage, const std::vector<std::string>& streams, const std::stop_token& stop);
    /// Ends what runs.
    ~ParallelRead();
    ParallelRead(const ParallelRead&) = delete;
    ParallelRead& operator=(const ParallelRead&) = delete;

    /// The next message; nothing when all streams are at their end. @throws what was the first to go wrong,
    /// errors::InterruptedError
    std::optional<ArrowRows> next();

private:
    void read(const std::string& stream);

    Storage& storage_;
    MemoryBudget budget_;
    std::stop_source stop_;
    std::stop_callback<std::function<void()>> on_stop_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<ArrowRows> waiting_;
    std::size_t running_;
    std::exception_ptr failure_;
    std::vector<std::jthread> threads_;  // destroyed first, for they use all of the above
};

}  // namespace tinybird_cdk::bigquery
