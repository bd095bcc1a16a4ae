// SPDX-License-Identifier: Apache-2.0
#include "transfer/buffer_queue.hpp"

#include <algorithm>
#include <utility>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::transfer {

namespace {
/// More than the queue ever holds at once is of no use, and a block that grew for a long row is not worth keeping.
constexpr std::size_t max_free_buffers = 4;
constexpr std::size_t largest_kept_capacity = std::size_t{1} << 20;
}  // namespace

Buffer BufferQueue::exchange(Buffer full, std::size_t wanted) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return cancelled_ || queued_.empty() || queued_bytes_ + full.size() <= max_bytes_; });
    if (cancelled_) {
        throw errors::InterruptedError("the upload ended before all rows were read");
    }
    queued_bytes_ += full.size();
    queued_.push_back(std::move(full));
    changed_.notify_one();

    const auto fitting =
        std::find_if(free_.begin(), free_.end(), [&](const Buffer& buffer) { return buffer.capacity() >= wanted; });
    if (fitting != free_.end()) {
        Buffer buffer = std::move(*fitting);
        free_.erase(fitting);
        buffer.set(0, 0);
        return buffer;
    }
    lock.unlock();
    return Buffer(wanted);
}

void BufferQueue::finish() {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    changed_.notify_one();
}

void BufferQueue::fail(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
    finished_ = true;
    changed_.notify_one();
}

std::optional<Buffer> BufferQueue::pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return finished_ || !queued_.empty(); });
    if (!queued_.empty()) {
        Buffer buffer = std::move(queued_.front());
        queued_.pop_front();
        queued_bytes_ -= buffer.size();
        changed_.notify_one();
        return buffer;
    }
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    return std::nullopt;
}

void BufferQueue::recycle(Buffer buffer) {
    if (buffer.capacity() == 0 || buffer.capacity() > largest_kept_capacity) {
        return;
    }
    const std::lock_guard lock(mutex_);
    if (free_.size() < max_free_buffers) {
        free_.push_back(std::move(buffer));
    }
}

void BufferQueue::cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    changed_.notify_all();
}

}  // namespace tinybird_cdk::transfer
