// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <future>
#include <stop_token>
#include <thread>

#include <gtest/gtest.h>

#include <tinybird_cdk/retry.hpp>

namespace tinybird_cdk {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(TestClock, IsOneForAll) {
    EXPECT_EQ(Clock::system(), Clock::system());
}

TEST(TestClock, GivesTheTimesOfTheSystem) {
    const auto clock = Clock::system();
    const auto steady = std::chrono::steady_clock::now();
    const auto wall = std::chrono::system_clock::now();
    const auto now = clock->now();
    EXPECT_GE(now, steady);
    EXPECT_LE(now, std::chrono::steady_clock::now());
    // The wall clock may be set while the test runs, but hardly by a day.
    EXPECT_LT(std::chrono::abs(clock->wall_now() - wall), hours(24));
}

TEST(TestClock, SleepsForTheWholeTime) {
    const auto clock = Clock::system();
    const auto begin = clock->now();
    EXPECT_TRUE(clock->sleep(milliseconds(20), {}));
    EXPECT_GE(clock->now() - begin, milliseconds(20));
}

TEST(TestClock, DoesNotSleepForNothing) {
    EXPECT_TRUE(Clock::system()->sleep(milliseconds(0), {}));
    EXPECT_TRUE(Clock::system()->sleep(milliseconds(-5), {}));
}

TEST(TestClock, AStopRequestedBeforeEndsTheSleepAtOnce) {
    std::stop_source source;
    source.request_stop();
    EXPECT_FALSE(Clock::system()->sleep(hours(1), source.get_token()));
    EXPECT_FALSE(Clock::system()->sleep(milliseconds(0), source.get_token()));
}

TEST(TestClock, AStopRequestedMeanwhileEndsTheLongestSleep) {
    std::stop_source source;
    std::promise<void> begun;
    auto slept = std::async(std::launch::async, [&] {
        begun.set_value();
        return Clock::system()->sleep(milliseconds::max(), source.get_token());
    });
    begun.get_future().wait();
    // Long enough that a sleep that does not wait at all would be over.
    EXPECT_EQ(slept.wait_for(milliseconds(30)), std::future_status::timeout);
    source.request_stop();
    EXPECT_FALSE(slept.get());
}

}  // namespace
}  // namespace tinybird_cdk
