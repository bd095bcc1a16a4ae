// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/gcs/token_cache.hpp"
#include "helpers/fake_clock.hpp"

namespace tinybird_cdk::cloud::gcs {
namespace {

using namespace std::chrono_literals;
using tinybird_cdk::testing::FakeClock;

/// Tokens "1", "2", … that live for an hour.
class CountingSource final : public TokenSource {
public:
    explicit CountingSource(Clock& clock) : clock_(clock) {}
    Token fetch(const std::stop_token&) override {
        if (begun != nullptr) {
            begun->count_down();
            go_on->wait();
        }
        if (broken) {
            throw errors::ExternalDatasourceError("broken");
        }
        return {.text = Secret(std::to_string(++fetched)), .expires = clock_.wall_now() + 1h};
    }
    [[nodiscard]] std::string description() const override { return "the test"; }

    std::atomic<int> fetched = 0;
    std::atomic<bool> broken = false;
    std::latch* begun = nullptr;
    std::latch* go_on = nullptr;

private:
    Clock& clock_;
};

class TokenCacheTest : public ::testing::Test {
protected:
    std::string token() { return cache.token({}).reveal(); }

    FakeClock clock;
    CountingSource source{clock};
    TokenCache cache{source, clock};
};

TEST_F(TokenCacheTest, RenewsBeforeTheEnd) {
    EXPECT_EQ(token(), "1");
    clock.sleep(56min, {});
    EXPECT_EQ(token(), "1");
    clock.sleep(16s, {});
    EXPECT_EQ(token(), "2");
    clock.sleep(2h, {});
    EXPECT_EQ(token(), "3");
}

TEST_F(TokenCacheTest, UsesTheOldOneWhileItHolds) {
    EXPECT_EQ(token(), "1");
    source.broken = true;
    clock.sleep(59min, {});
    EXPECT_EQ(token(), "1");
    clock.sleep(1min, {});
    EXPECT_THROW(token(), errors::ExternalDatasourceError);
    source.broken = false;
    EXPECT_EQ(token(), "2");
}

TEST_F(TokenCacheTest, ForgetsWhatWasRefused) {
    const Secret refused = cache.token({});
    cache.discard(refused);
    EXPECT_EQ(token(), "2");
    cache.discard(refused);
    EXPECT_EQ(token(), "2");
}

TEST_F(TokenCacheTest, OneThreadFetchesWhileOthersWait) {
    std::latch begun(1);
    std::latch go_on(1);
    source.begun = &begun;
    source.go_on = &go_on;
    std::atomic<int> right = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] { right += token() == "1" ? 1 : 0; });
        }
        begun.wait();
        // Whoever must not wait does not.
        std::stop_source stopped;
        stopped.request_stop();
        EXPECT_THROW(cache.token(stopped.get_token()), errors::InterruptedError);
        go_on.count_down();
    }
    EXPECT_EQ(right, 8);
    EXPECT_EQ(source.fetched, 1);
}

}  // namespace
}  // namespace tinybird_cdk::cloud::gcs
