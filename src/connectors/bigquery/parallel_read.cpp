// SPDX-License-Identifier: Apache-2.0
#include "parallel_read.hpp"

#include <utility>

namespace tinybird_cdk::bigquery {

namespace {

/// For the messages of all streams together. One beyond it is taken when no other is there.
constexpr std::size_t most_bytes = 48U << 20U;

}  // namespace

ParallelRead::ParallelRead(Storage& storage, const std::vector<std::string>& streams, const std::stop_token& stop)
    : storage_(storage),
      budget_(most_bytes),
      on_stop_(stop, [this] { stop_.request_stop(); }),
      running_(streams.size()) {
    try {
        for (const std::string& stream : streams) {
            threads_.emplace_back([this, stream] { read(stream); });
        }
    } catch (...) {
        stop_.request_stop();
        throw;
    }
}

ParallelRead::~ParallelRead() {
    stop_.request_stop();
    // Before the messages, whose shares belong to the budget.
    threads_.clear();
}

void ParallelRead::read(const std::string& stream) {
    std::exception_ptr failure;
    try {
        storage_.read_stream(
            stream, budget_,
            [this](ArrowRows message) {
                {
                    const std::lock_guard lock(mutex_);
                    waiting_.push_back(std::move(message));
                }
                changed_.notify_one();
            },
            stop_.get_token());
    } catch (...) {
        failure = std::current_exception();
    }
    {
        const std::lock_guard lock(mutex_);
        --running_;
        if (failure && !failure_) {
            failure_ = failure;
        }
    }
    if (failure) {
        // The others would read for nothing.
        stop_.request_stop();
    }
    changed_.notify_one();
}

std::optional<ArrowRows> ParallelRead::next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return failure_ || !waiting_.empty() || running_ == 0; });
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    if (waiting_.empty()) {
        return std::nullopt;
    }
    ArrowRows message = std::move(waiting_.front());
    waiting_.pop_front();
    return message;
}

}  // namespace tinybird_cdk::bigquery
