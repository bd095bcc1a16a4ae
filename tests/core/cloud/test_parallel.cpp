// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/parallel.hpp"

namespace tinybird_cdk {
namespace {

using cloud::in_parallel;

TEST(Parallel, EachStepOnce) {
    for (const std::size_t threads : {0U, 1U, 3U, 100U}) {
        std::mutex mutex;
        std::multiset<std::size_t> steps;
        in_parallel({.count = 50, .threads = threads}, {}, [&](std::size_t i, const std::stop_token&) {
            const std::lock_guard lock(mutex);
            steps.insert(i);
        });
        EXPECT_EQ(steps.size(), 50U);
        EXPECT_EQ(std::set(steps.begin(), steps.end()).size(), 50U);
    }
    in_parallel({.count = 0, .threads = 4}, {}, [](std::size_t, const std::stop_token&) { FAIL(); });
}

TEST(Parallel, NeverMoreThanSoMany) {
    std::atomic<int> running = 0;
    std::atomic<bool> too_many = false;
    in_parallel({.count = 200, .threads = 4}, {}, [&](std::size_t, const std::stop_token&) {
        too_many = too_many || ++running > 4;
        --running;
    });
    EXPECT_FALSE(too_many);
}

TEST(Parallel, TheFirstFailureEndsAllAndIsThrown) {
    std::atomic<int> begun = 0;
    const auto step = [&](std::size_t i, const std::stop_token& ending) {
        ++begun;
        if (i == 0) {
            throw std::out_of_range("zero");
        }
        // Ends for the failure of step 0 alone.
        while (!ending.stop_requested()) {
            std::this_thread::yield();
        }
        throw errors::InterruptedError();
    };
    EXPECT_THROW(in_parallel({.count = 100, .threads = 4}, {}, step), std::out_of_range);
    EXPECT_LE(begun, 4);
}

TEST(Parallel, EndsWhenAsked) {
    std::stop_source stop;
    std::atomic<int> begun = 0;
    const auto step = [&](std::size_t, const std::stop_token&) {
        ++begun;
        stop.request_stop();
    };
    EXPECT_THROW(in_parallel({.count = 100, .threads = 2}, stop.get_token(), step), errors::InterruptedError);
    EXPECT_LE(begun, 2);
}

}  // namespace
}  // namespace tinybird_cdk
