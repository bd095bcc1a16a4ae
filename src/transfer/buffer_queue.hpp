// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <vector>

#include <tinybird_cdk/buffer.hpp>

namespace tinybird_cdk::transfer {

/// Hands blocks from one producer thread to one consumer thread, in order. Bounded in bytes: the producer waits while
/// more than the limit is queued, which is how back-pressure reaches the source. Emptied blocks go back to the
/// producer, so that a load of any size allocates a handful of them.
class BufferQueue final : public BufferSink {
public:
    /// @param max_bytes one block is always taken, however large it is
    explicit BufferQueue(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    /// Producer: queues a block. @throws errors::InterruptedError when the consumer has gone
    Buffer exchange(Buffer full, std::size_t wanted) override;
    /// Producer: nothing more comes.
    void finish();
    /// Producer: nothing more comes, because of this exception; the consumer gets it after what is queued.
    void fail(std::exception_ptr failure);

    /// Consumer: the next block; nothing at the end. Blocks. @throws what the producer failed with
    std::optional<Buffer> pop();
    /// Consumer: gives an emptied block back.
    void recycle(Buffer buffer);
    /// Consumer: takes no more. The producer is woken and stops.
    void cancel();

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Buffer> queued_;
    std::vector<Buffer> free_;
    std::exception_ptr failure_;
    std::size_t queued_bytes_ = 0;
    const std::size_t max_bytes_;
    bool finished_ = false;
    bool cancelled_ = false;
};

}  // namespace tinybird_cdk::transfer
