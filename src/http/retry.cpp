// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>

#include <tinybird_cdk/retry.hpp>

namespace tinybird_cdk {

namespace {

using std::chrono::milliseconds;

/// first × 2^tries up to the largest, and up to half of it more.
milliseconds backoff(const RetryPolicy& policy, int tries, double jitter) {
    milliseconds delay = policy.first_delay;
    for (int i = 0; i < tries && delay < policy.largest_delay; ++i) {
        delay *= 2;
    }
    delay = std::min(delay, policy.largest_delay);
    return delay + milliseconds(static_cast<milliseconds::rep>(static_cast<double>(delay.count()) * jitter / 2));
}

Decision fail(std::string_view reason) {
    return {.action = Decision::Action::fail, .delay = {}, .reason = reason};
}

Decision retry(milliseconds delay, std::string_view reason) {
    return {.action = Decision::Action::retry, .delay = delay, .reason = reason};
}

Decision decide_rate_limit(const RetryPolicy& policy, RetryState& state, const Outcome& outcome, double jitter) {
    if (!outcome.replayable) {
        return fail("rate limited, and the body can't be sent again");
    }
    const milliseconds own = backoff(policy, state.rate_limits, jitter);
    milliseconds delay = outcome.server_delay.value_or(own);
    // "At once" is believed once: a server that goes on saying so would be asked without a pause, for ever.
    if (state.rate_limits > 0 && delay < policy.first_delay) {
        delay = own;
    }
    if (state.rate_limit_waited + delay > policy.rate_limit_budget) {
        return {.action = Decision::Action::rate_limited_for_too_long,
                .delay = {},
                .reason = "rate limited for longer than the retry policy allows"};
    }
    ++state.rate_limits;
    state.rate_limit_waited += delay;
    return retry(delay, "rate limited");
}

Decision decide_no_answer(const RetryPolicy& policy, RetryState& state, const Outcome& outcome, double jitter) {
    if (outcome.request_sent && !outcome.idempotent) {
        return {.action = Decision::Action::in_doubt,
                .delay = {},
                .reason = "the answer was lost after the whole request was sent"};
    }
    if (!outcome.replayable) {
        return fail("no answer, and the body can't be sent again");
    }
    if (state.connections >= policy.connection_attempts) {
        return fail("no answer, and all tries are used up");
    }
    return retry(backoff(policy, state.connections++, jitter), "no answer");
}

}  // namespace

Decision decide(const RetryPolicy& policy, RetryState& state, const Outcome& outcome, double jitter) {
    if (outcome.status == 0) {
        return decide_no_answer(policy, state, outcome, jitter);
    }
    // A redirect that could be followed was followed: what is left of them says that nothing was done.
    if (outcome.status < 300) {
        return {.action = Decision::Action::succeed, .delay = {}, .reason = {}};
    }
    if (outcome.status == 429) {
        return decide_rate_limit(policy, state, outcome, jitter);
    }
    if (outcome.status == 408) {
        if (!outcome.replayable) {
            return fail("timed out, and the body can't be sent again");
        }
        if (state.timeouts >= policy.timeout_attempts) {
            return fail("timed out, and all tries are used up");
        }
        return retry(backoff(policy, state.timeouts++, jitter), "timed out");
    }
    if (outcome.status == 502 && outcome.read_only) {
        if (state.gateways >= policy.gateway_attempts) {
            return fail("bad gateway, and all tries are used up");
        }
        return retry(backoff(policy, state.gateways++, jitter), "bad gateway");
    }
    if (outcome.status >= 500 && outcome.repeat_server_errors) {
        if (state.server_errors >= policy.server_error_attempts) {
            return fail("the server keeps failing, and all tries are used up");
        }
        const milliseconds own = backoff(policy, state.server_errors++, jitter);
        return retry(outcome.server_delay ? std::min(*outcome.server_delay, policy.largest_delay) : own,
                     "server error");
    }
    return fail({});
}

}  // namespace tinybird_cdk
