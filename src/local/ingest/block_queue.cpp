// SPDX-License-Identifier: Apache-2.0
#include "local/ingest/block_queue.hpp"

#include <utility>

namespace tinybird_cdk::local::ingest {

namespace {

constexpr std::size_t most_blocks = 3;

}  // namespace

BlockQueue::BlockQueue(std::function<void(const Block*)> take)
    : thread_([this, take = std::move(take)] { run(take); }) {}

BlockQueue::~BlockQueue() {
    {
        const std::lock_guard lock(mutex_);
        dropped_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

void BlockQueue::push(Block block) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return blocks_.size() < most_blocks || failure_; });
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    blocks_.push_back(std::move(block));
    changed_.notify_all();
}

void BlockQueue::finish() {
    {
        const std::lock_guard lock(mutex_);
        complete_ = true;
        changed_.notify_all();
    }
    thread_.join();
    if (failure_) {
        std::rethrow_exception(failure_);
    }
}

void BlockQueue::run(const std::function<void(const Block*)>& take) {
    try {
        take_all(take);
    } catch (...) {
        const std::lock_guard lock(mutex_);
        failure_ = std::current_exception();
        changed_.notify_all();
    }
}

void BlockQueue::take_all(const std::function<void(const Block*)>& take) {
    for (;;) {
        Block block;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return !blocks_.empty() || complete_ || dropped_; });
            if (dropped_) {
                return;
            }
            if (blocks_.empty()) {
                break;
            }
            block = std::move(blocks_.front());
            blocks_.pop_front();
            changed_.notify_all();
        }
        take(&block);
    }
    take(nullptr);
}

}  // namespace tinybird_cdk::local::ingest
