// SPDX-License-Identifier: Apache-2.0
#include "transfer/read_ahead.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

namespace tinybird_cdk::transfer {

namespace {

constexpr std::size_t block_bytes = std::size_t{256} << 10;
constexpr std::size_t queue_bytes = std::size_t{4} << 20;

}  // namespace

/// One pass. The thread is the last member: it is joined before the queue goes away.
struct ReadAhead::Run {
    BufferQueue queue{queue_bytes};
    std::jthread thread;
};

ReadAhead::ReadAhead(Body& inner, std::stop_source stop) : inner_(inner), stop_(std::move(stop)) {}

ReadAhead::~ReadAhead() {
    if (run_) {
        stop_.request_stop();
    }
    end();
}

void ReadAhead::start() {
    run_ = std::make_unique<Run>();
    run_->thread = std::jthread([&queue = run_->queue, &inner = inner_] {
        try {
            Buffer buffer(block_bytes);
            for (;;) {
                const std::size_t count = inner.read({buffer.data(), buffer.capacity()});
                if (count == 0) {
                    break;
                }
                buffer.set(count, 0);
                buffer = queue.exchange(std::move(buffer), block_bytes);
            }
            queue.finish();
        } catch (...) {
            queue.fail(std::current_exception());
        }
    });
}

void ReadAhead::end() noexcept {
    if (run_) {
        run_->queue.cancel();
        run_->thread.join();
        run_.reset();
    }
}

std::size_t ReadAhead::read(std::span<char> into) {
    if (!run_ && !ended_) {
        start();
    }
    if (block_ && taken_ == block_->size()) {
        run_->queue.recycle(std::move(*block_));
        block_.reset();
        taken_ = 0;
    }
    if (!block_ && !ended_) {
        block_ = run_->queue.pop();
        if (!block_) {
            ended_ = true;
            end();
        }
    }
    if (!block_) {
        return 0;
    }
    const std::size_t count = std::min(into.size(), block_->size() - taken_);
    std::memcpy(into.data(), block_->data() + taken_, count);
    taken_ += count;
    position_ += count;
    return count;
}

bool ReadAhead::rewind() {
    end();
    block_.reset();
    taken_ = 0;
    position_ = 0;
    ended_ = false;
    return inner_.rewind();
}

}  // namespace tinybird_cdk::transfer
