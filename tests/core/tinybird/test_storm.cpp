// SPDX-License-Identifier: Apache-2.0
/// Two thousand uploads under faults of every kind: what the client says and what the server has agree exactly.
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "helpers/scripted_tinybird.hpp"

namespace tinybird_cdk::tinybird {
namespace {

using testing::Received;
using testing::Reply;
using testing::ScriptedTinybird;

constexpr int threads = 4;
constexpr int uploads_per_thread = 500;

/// A Tinybird whose network and front end fail at random; what it stores it stores whole.
class Faulty {
public:
    Reply reply_to(const Received& head) {
        const std::lock_guard lock(mutex_);
        if (head.method == "GET") {
            return job(head);
        }
        Reply reply;
        switch (random_() % 16) {
            case 0:
                reply.reset_at_body_byte = random_() % 6;
                break;
            case 1:
                reply.reset_at_body_byte = random_() % 20'000;
                break;
            case 2:
            case 3: {
                constexpr std::array statuses{400, 403, 408, 409, 429, 429, 500, 502, 503};
                reply = Reply::json(R"({"error":"scripted"})", statuses.at(random_() % statuses.size()));
                reply.early = random_() % 2 == 0;
                return reply;
            }
            case 4:
                reply.withhold_continue = true;
                break;
            case 5:
                reply.close_after = true;
                break;
            default:
                break;
        }
        const bool loses_answer = random_() % 12 == 0;
        reply.answer = [this, loses_answer, close = reply.close_after](const Received& request) {
            Reply answer = store(request);
            if (loses_answer) {
                answer.cut_at_answer_byte = request.body.size() % 60;
                answer.reset = request.body.size() % 2 == 0;
            }
            answer.close_after = close;
            return answer;
        };
        return reply;
    }

    /// How often each upload is in.
    std::map<std::string, int> stored() const {
        const std::lock_guard lock(mutex_);
        return stored_;
    }
    std::uint64_t rows() const {
        const std::lock_guard lock(mutex_);
        return rows_;
    }

private:
    Reply job(const Received& request) {
        // Reading is repeated as often as need be, but here one time in eight is enough.
        if (random_() % 8 == 0) {
            return Reply::json(R"({"error":"scripted"})", 502);
        }
        const std::string id = request.path().substr(std::string("/v0/jobs/").size());
        return Reply::json(
            fmt::format(R"({{"id":"{}","status":"done","blocks":[{{"process_return":[{{"lines":{}}}]}}]}})", id, id));
    }

    Reply store(const Received& request) {
        const std::lock_guard lock(mutex_);
        const std::string key = request.body.substr(0, request.body.find(','));
        const auto lines = static_cast<std::uint64_t>(std::count(request.body.begin(), request.body.end(), '\n'));
        if (request.path().ends_with("/replace")) {
            stored_[key] = 1;
        } else {
            ++stored_[key];
            rows_ += lines;
        }
        return Reply::json(fmt::format(R"({{"id":"{}"}})", lines));
    }

    mutable std::mutex mutex_;
    std::mt19937 random_{20261124};
    std::map<std::string, int> stored_;
    std::uint64_t rows_ = 0;
};

std::string rows_of(const std::string& key, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += fmt::format("{},{}\n", key, i);
    }
    return text;
}

enum class Outcome { loaded, refused, in_doubt };

TEST(TestStorm, WhatIsReportedIsWhatIsThere) {
    Faulty faulty;
    ScriptedTinybird tinybird([&](const Received& head) { return faulty.reply_to(head); });
    Client client = tinybird.client(
        {.retry = {.timeout_attempts = 3, .gateway_attempts = 50, .rate_limit_budget = std::chrono::hours(1000)}});
    std::mutex mutex;
    std::map<std::string, Outcome> outcomes;
    std::uint64_t rows_reported = 0;
    std::uint64_t rows_in_doubt = 0;
    {
        std::vector<std::jthread> running;
        for (int thread = 0; thread < threads; ++thread) {
            running.emplace_back([&, thread] {
                std::mt19937 random(static_cast<unsigned>(thread));
                for (int i = 0; i < uploads_per_thread; ++i) {
                    const bool replace = i % 4 == 0;
                    const std::string key = fmt::format("{}-{}-{}", replace ? "r" : "a", thread, i);
                    const std::string data = rows_of(key, 1 + random() % (i % 50 == 0 ? 20'000 : 300));
                    const auto lines = static_cast<std::uint64_t>(std::count(data.begin(), data.end(), '\n'));
                    Outcome outcome = Outcome::refused;
                    std::uint64_t reported = 0;
                    try {
                        const Response response =
                            replace ? client.replace_data(data, "t") : client.append_data(data, "t");
                        outcome = Outcome::loaded;
                        reported = response.rows.value_or(0);
                        EXPECT_EQ(reported, lines) << key;
                    } catch (const errors::InDoubtError&) {
                        outcome = Outcome::in_doubt;
                        EXPECT_FALSE(replace) << "a replace can be asked for again";
                    } catch (const errors::TinybirdClientError&) {
                        outcome = Outcome::refused;
                    }
                    const std::lock_guard lock(mutex);
                    outcomes[key] = outcome;
                    rows_reported += replace ? 0 : reported;
                    rows_in_doubt += outcome == Outcome::in_doubt && faulty.stored().contains(key) ? lines : 0;
                }
            });
        }
    }
    const auto stored = faulty.stored();
    ASSERT_EQ(outcomes.size(), std::size_t{threads} * uploads_per_thread);
    std::size_t loaded = 0;
    std::size_t doubtful = 0;
    for (const auto& [key, outcome] : outcomes) {
        const auto found = stored.find(key);
        const int times = found == stored.end() ? 0 : found->second;
        switch (outcome) {
            case Outcome::loaded:
                EXPECT_EQ(times, 1) << key;
                ++loaded;
                break;
            case Outcome::refused:
                // A replace that ends in a refusal after a lost answer may be in, which its next run settles.
                EXPECT_TRUE(times == 0 || key.front() == 'r') << key;
                break;
            case Outcome::in_doubt:
                EXPECT_LE(times, 1) << key;
                ++doubtful;
                break;
        }
    }
    EXPECT_EQ(rows_reported + rows_in_doubt, faulty.rows());
    // The storm was one, and it was not only that.
    EXPECT_GT(loaded, outcomes.size() / 2);
    EXPECT_GT(doubtful, 20U);
}

}  // namespace
}  // namespace tinybird_cdk::tinybird
