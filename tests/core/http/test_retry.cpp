// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include <gtest/gtest.h>

#include <tinybird_cdk/retry.hpp>

#include "http/sender.hpp"

namespace tinybird_cdk {
namespace {

using Action = Decision::Action;
using std::chrono::milliseconds;

Outcome answer(int status) {
    Outcome outcome;
    outcome.status = status;
    outcome.request_sent = true;
    return outcome;
}

TEST(TestRetry, GoodAnswersSucceed) {
    RetryState state;
    for (const int status : {200, 202, 204, 205}) {
        EXPECT_EQ(decide({}, state, answer(status), 0).action, Action::succeed);
    }
}

TEST(TestRetry, TimeoutsBackOffAndEnd) {
    RetryState state;
    for (const int seconds : {1, 2, 4, 8, 16}) {
        const Decision decision = decide({}, state, answer(408), 0);
        EXPECT_EQ(decision.action, Action::retry);
        EXPECT_EQ(decision.delay, milliseconds(seconds * 1000));
    }
    EXPECT_EQ(decide({}, state, answer(408), 0).action, Action::fail);
}

TEST(TestRetry, JitterAddsUpToAHalf) {
    RetryState state;
    EXPECT_EQ(decide({}, state, answer(408), 1).delay, milliseconds(1500));
    EXPECT_EQ(decide({}, state, answer(408), 0.5).delay, milliseconds(2500));
}

TEST(TestRetry, RateLimitsHonourTheServerAndTheBudget) {
    RetryState state;
    Outcome outcome = answer(429);
    outcome.server_delay = milliseconds(1'000'000);
    for (int i = 0; i < 3; ++i) {
        const Decision decision = decide({}, state, outcome, 0.7);
        EXPECT_EQ(decision.action, Action::retry);
        EXPECT_EQ(decision.delay, milliseconds(1'000'000));
    }
    EXPECT_EQ(decide({}, state, outcome, 0).action, Action::rate_limited_for_too_long);
}

TEST(TestRetry, RateLimitsWithoutADelayEndToo) {
    RetryState state;
    int tries = 0;
    while (decide({}, state, answer(429), 0).action == Action::retry) {
        ASSERT_LT(++tries, 1000);
    }
    EXPECT_LE(state.rate_limit_waited, RetryPolicy{}.rate_limit_budget);
}

TEST(TestRetry, RateLimitsThatAlwaysSayAtOnceEndToo) {
    for (const int milliseconds_told : {0, 1}) {
        RetryState state;
        Outcome outcome = answer(429);
        outcome.server_delay = milliseconds(milliseconds_told);
        EXPECT_EQ(decide({}, state, outcome, 0).delay, milliseconds(milliseconds_told));
        EXPECT_EQ(decide({}, state, outcome, 0).delay, milliseconds(2000));
        int tries = 2;
        while (decide({}, state, outcome, 0).action == Action::retry) {
            ASSERT_LT(++tries, 1000);
        }
    }
}

TEST(TestRetry, BadGatewaysAreTriedAgainForReadsOnly) {
    RetryState state;
    EXPECT_EQ(decide({}, state, answer(502), 0).action, Action::fail);
    Outcome read = answer(502);
    read.read_only = true;
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(decide({}, state, read, 0).action, Action::retry);
    }
    EXPECT_EQ(decide({}, state, read, 0).action, Action::fail);
}

TEST(TestRetry, ALostAnswerOfAnAppendIsInDoubt) {
    RetryState state;
    Outcome lost = answer(0);
    EXPECT_EQ(decide({}, state, lost, 0).action, Action::in_doubt);
    lost.idempotent = true;
    EXPECT_EQ(decide({}, state, lost, 0).action, Action::retry);
}

TEST(TestRetry, ARefusedConnectionIsTriedAgainAFewTimes) {
    RetryState state;
    Outcome refused;
    EXPECT_EQ(decide({}, state, refused, 0).action, Action::retry);
    EXPECT_EQ(decide({}, state, refused, 0).action, Action::retry);
    EXPECT_EQ(decide({}, state, refused, 0).action, Action::fail);
}

TEST(TestRetry, WhatCantBeSentAgainIsNot) {
    for (const int status : {0, 408, 429}) {
        RetryState state;
        Outcome outcome;
        outcome.status = status;
        outcome.replayable = false;
        EXPECT_EQ(decide({}, state, outcome, 0).action, Action::fail) << status;
    }
}

TEST(TestRetry, OtherStatusesFail) {
    RetryState state;
    for (const int status : {300, 302, 304, 307, 400, 401, 403, 404, 409, 413, 422, 500, 503, 504}) {
        EXPECT_EQ(decide({}, state, answer(status), 0).action, Action::fail) << status;
    }
}

TEST(TestRetry, ServersSayWhenToComeBack) {
    const auto now = std::chrono::system_clock::from_time_t(1'792'567'670);  // Wed, 21 Oct 2026 07:27:50 GMT
    http::Response response;
    EXPECT_FALSE(http::server_delay(response, now).has_value());
    response.headers = {{"retry-after", "7"}};
    EXPECT_EQ(http::server_delay(response, now), milliseconds(7000));
    response.headers = {{"retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"}};
    EXPECT_EQ(http::server_delay(response, now), milliseconds(10'000));
    response.headers = {{"retry-after", "Wed, 21 Oct 2020 07:28:00 GMT"}};
    EXPECT_EQ(http::server_delay(response, now), milliseconds(0));
    response.headers = {{"retry-after", "soon"}, {"x-ratelimit-reset", "3"}};
    EXPECT_EQ(http::server_delay(response, now), milliseconds(3000));
    response.headers = {{"retry-after", "-5"}};
    EXPECT_FALSE(http::server_delay(response, now).has_value());
}

TEST(TestRetry, OriginsAreSchemeHostAndPort) {
    EXPECT_EQ(http::origin_of("https://API.example.org/v0?token=x"), "https://api.example.org:443");
    EXPECT_EQ(http::origin_of("http://example.org:8080"), "http://example.org:8080");
    EXPECT_EQ(http::origin_of("/relative"), "");
}

}  // namespace
}  // namespace tinybird_cdk
