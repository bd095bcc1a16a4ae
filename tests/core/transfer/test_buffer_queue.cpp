// SPDX-License-Identifier: Apache-2.0
#include "transfer/buffer_queue.hpp"

#include <cstring>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::transfer {
namespace {

Buffer buffer_of(const std::string& text, std::uint64_t rows = 1) {
    Buffer buffer(text.size());
    std::memcpy(buffer.data(), text.data(), text.size());
    buffer.set(text.size(), rows);
    return buffer;
}

TEST(TestBufferQueue, HandsBlocksOverInOrder) {
    BufferQueue queue(1000);
    queue.exchange(buffer_of("first"), 16);
    queue.exchange(buffer_of("second", 7), 16);
    queue.finish();
    EXPECT_EQ(queue.pop()->view(), "first");
    const auto second = queue.pop();
    EXPECT_EQ(second->view(), "second");
    EXPECT_EQ(second->rows(), 7U);
    EXPECT_FALSE(queue.pop().has_value());
    EXPECT_FALSE(queue.pop().has_value());
}

TEST(TestBufferQueue, GivesBackAtLeastTheWantedCapacity) {
    BufferQueue queue(1000);
    EXPECT_GE(queue.exchange(buffer_of("x"), 64).capacity(), 64U);
    queue.recycle(Buffer(32));
    EXPECT_GE(queue.exchange(buffer_of("y"), 64).capacity(), 64U);
}

TEST(TestBufferQueue, RecyclesBlocks) {
    BufferQueue queue(1000);
    Buffer used(128);
    const char* const memory = used.data();
    used.set(100, 3);
    queue.recycle(std::move(used));
    const Buffer again = queue.exchange(buffer_of("x"), 128);
    EXPECT_EQ(again.data(), memory);
    EXPECT_EQ(again.size(), 0U);
    EXPECT_EQ(again.rows(), 0U);
}

TEST(TestBufferQueue, ProducerWaitsWhileTheLimitIsReached) {
    BufferQueue queue(10);
    queue.exchange(buffer_of("12345678"), 1);
    std::promise<void> entered;
    std::atomic<bool> through = false;
    std::jthread producer([&] {
        entered.set_value();
        queue.exchange(buffer_of("abcdefgh"), 1);
        through = true;
        queue.finish();
    });
    entered.get_future().wait();
    // The producer can't be through: nothing was taken yet.
    EXPECT_FALSE(through);
    EXPECT_EQ(queue.pop()->view(), "12345678");
    EXPECT_EQ(queue.pop()->view(), "abcdefgh");
    EXPECT_FALSE(queue.pop().has_value());
    EXPECT_TRUE(through);
}

TEST(TestBufferQueue, TakesOneBlockLargerThanTheLimit) {
    BufferQueue queue(4);
    queue.exchange(buffer_of("longer than four"), 1);
    queue.finish();
    EXPECT_EQ(queue.pop()->view(), "longer than four");
}

TEST(TestBufferQueue, FailureComesAfterWhatIsQueued) {
    BufferQueue queue(1000);
    queue.exchange(buffer_of("good"), 1);
    queue.fail(std::make_exception_ptr(std::runtime_error("source gone")));
    EXPECT_EQ(queue.pop()->view(), "good");
    EXPECT_THROW(queue.pop(), std::runtime_error);
}

TEST(TestBufferQueue, CancelWakesAWaitingProducer) {
    BufferQueue queue(1);
    queue.exchange(buffer_of("full"), 1);
    auto producer = std::async(std::launch::async, [&] { queue.exchange(buffer_of("waits"), 1); });
    queue.cancel();
    EXPECT_THROW(producer.get(), errors::InterruptedError);
}

}  // namespace
}  // namespace tinybird_cdk::transfer
