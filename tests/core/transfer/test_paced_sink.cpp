// SPDX-License-Identifier: Apache-2.0
#include "transfer/paced_sink.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "helpers/fake_clock.hpp"

namespace tinybird_cdk::transfer {
namespace {

using testing::FakeClock;
using namespace std::chrono_literals;

class Count final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        bytes += full.size();
        return Buffer(wanted);
    }
    std::size_t bytes = 0;
};

Buffer block_of(std::size_t size) {
    Buffer block(size);
    block.set(size, 1);
    return block;
}

class TestPacedSink : public ::testing::Test {
protected:
    [[nodiscard]] std::chrono::milliseconds slept() const {
        const auto sleeps = clock->sleeps();
        return std::accumulate(sleeps.begin(), sleeps.end(), 0ms);
    }

    Count next;
    std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
    std::stop_source stop;
};

TEST_F(TestPacedSink, KeepsTheRate) {
    PacedSink sink(next, 1'000'000, clock, stop.get_token());
    for (int i = 0; i < 1000; ++i) {
        EXPECT_GE(sink.exchange(block_of(10'000), 5'000).capacity(), 5'000U);
    }
    EXPECT_EQ(next.bytes, 10'000'000U);
    // A tenth of a second may be made up for.
    EXPECT_GE(slept(), 9'900ms);
    EXPECT_LE(slept(), 10'000ms);
}

TEST_F(TestPacedSink, SmallBlocksAddUp) {
    PacedSink sink(next, 1'000'000, clock, stop.get_token());
    for (int i = 0; i < 10'000; ++i) {
        sink.exchange(block_of(100), 100);  // a tenth of a millisecond each
    }
    EXPECT_GE(slept(), 890ms);
    EXPECT_LE(slept(), 1'000ms);
}

// Otherwise a source would be hit all the harder after a pause.
TEST_F(TestPacedSink, ARestIsNotMadeUpFor) {
    PacedSink sink(next, 1'000'000, clock, stop.get_token());
    sink.exchange(block_of(100'000), 1);
    clock->sleep(1h, {});
    const auto before = slept();
    for (int i = 0; i < 10; ++i) {
        sink.exchange(block_of(100'000), 1);
    }
    EXPECT_GE(slept() - before, 890ms);
}

TEST_F(TestPacedSink, AStopEndsTheWait) {
    PacedSink sink(next, 1'000, clock, stop.get_token());
    stop.request_stop();
    EXPECT_THROW(sink.exchange(block_of(1'000'000), 1), errors::InterruptedError);
    EXPECT_EQ(next.bytes, 1'000'000U) << "what is there goes on its way first";
}

}  // namespace
}  // namespace tinybird_cdk::transfer
