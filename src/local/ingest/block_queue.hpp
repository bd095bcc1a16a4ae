// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace tinybird_cdk::local::ingest {

/// Hands blocks to a thread of its own, which takes them one after the other. Bounded: who is faster waits.
class BlockQueue {
public:
    struct Block {
        bool typed = false;
        std::string bytes;
    };
    /// @param take is called for each block, and at the end once more with nothing, unless it threw
    explicit BlockQueue(std::function<void(const Block*)> take);
    BlockQueue(const BlockQueue&) = delete;
    BlockQueue& operator=(const BlockQueue&) = delete;
    /// Blocks that were not taken yet are dropped.
    ~BlockQueue();

    /// @throws what `take` threw
    void push(Block block);
    /// Waits until all is taken. @throws what `take` threw
    void finish();

private:
    void run(const std::function<void(const Block*)>& take);
    void take_all(const std::function<void(const Block*)>& take);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Block> blocks_;
    bool complete_ = false;
    bool dropped_ = false;
    std::exception_ptr failure_;
    std::thread thread_;
};

}  // namespace tinybird_cdk::local::ingest
