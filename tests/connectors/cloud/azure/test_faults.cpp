// SPDX-License-Identifier: Apache-2.0
// Connections that break and requests that fail, at each step: nothing is left, and what can be repeated is.
#include <algorithm>
#include <mutex>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "account.hpp"
#include "helpers/unsized_body.hpp"

namespace tinybird_cdk::cloud::azure {
namespace {

using namespace tinybird_cdk::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Reply lost() {
    Reply reply;
    reply.raw = "HTTP/1.1 ";
    reply.cut_at_answer_byte = 1;
    reply.reset = true;
    return reply;
}

class TestAzureFaults : public ::testing::Test {
protected:
    void write_parts() {
        container_.write("d/1", "a\n" + some_text(2501));
        container_.write("d/2", "a\n" + some_text(1500));
    }
    [[nodiscard]] static std::string joined() { return "a\n" + some_text(2501) + "\n" + some_text(1500); }

    TestContainer container_;
    const std::string& box_ = container_.name();
    Client direct_{account_by_key(), quick()};
};

TEST_F(TestAzureFaults, AReadThatBreaksGoesOn) {
    container_.write("a", some_text(300'000));
    std::vector<std::string> ranges;
    AzureProxy* behind = nullptr;
    AzureProxy proxy([&](const Received& request, std::size_t number) -> std::optional<Reply> {
        ranges.push_back(request.header("x-ms-range").value_or("all"));
        if (number > 2) {
            return std::nullopt;
        }
        Reply reply = behind->pass_on(request);
        reply.cut_at_answer_byte = 100'000;
        reply.reset = number == 2;
        return reply;
    });
    behind = &proxy;
    EXPECT_EQ(read_all(*Client(proxy.environment(), quick()).get(box_, "a")), some_text(300'000));
    ASSERT_EQ(ranges.size(), 3U);
    EXPECT_EQ(ranges[0], "all");
    EXPECT_THAT(ranges[1], HasSubstr("bytes="));
    EXPECT_NE(ranges[1], ranges[2]);
}

TEST_F(TestAzureFaults, AReadOfAnObjectThatIsReplacedMeanwhileFails) {
    container_.write("a", some_text(300'000));
    AzureProxy* behind = nullptr;
    AzureProxy proxy([&](const Received& request, std::size_t number) -> std::optional<Reply> {
        if (number > 1) {
            return std::nullopt;
        }
        Reply reply = behind->pass_on(request);
        reply.cut_at_answer_byte = 100'000;
        container_.write("a", some_text(300'001));
        return reply;
    });
    behind = &proxy;
    Client client(proxy.environment(), quick());
    EXPECT_THROW(read_all(*client.get(box_, "a")), errors::ExternalDatasourceError);
}

TEST_F(TestAzureFaults, EverythingIsRepeatedWhenTheServiceIsBusyOrSilent) {
    write_parts();
    for (const bool silent : {false, true}) {
        // Each request fails once: the second one of the same kind passes.
        std::mutex mutex;
        std::vector<std::string> seen;
        AzureProxy proxy([&](const Received& request, std::size_t) -> std::optional<Reply> {
            const std::lock_guard lock(mutex);
            const std::string what = request.method + request.target.substr(0, request.target.find("sig=")) +
                                     request.header("x-ms-range").value_or("");
            if (std::find(seen.begin(), seen.end(), what) == seen.end()) {
                seen.push_back(what);
                return silent ? lost() : refusal(503, "ServerBusy");
            }
            return std::nullopt;
        });
        Client client(proxy.environment(), quick());
        ::testing::internal::CaptureStdout();
        client.put(box_, "small", *body_of("1"));
        UnsizedBody body(some_text(4500));
        client.put(box_, "large", body);
        const auto key = client.cat(box_, "d", {.header_lines = true});
        EXPECT_EQ(read_all(*client.get(box_, "large")), some_text(4500));
        EXPECT_TRUE(client.exists(box_, "small"));
        client.rm(box_, "small");
        const std::string log = ::testing::internal::GetCapturedStdout();
        ASSERT_TRUE(key);
        EXPECT_EQ(read_all(*direct_.get(box_, *key)), joined());
        EXPECT_THAT(log, HasSubstr("next try"));
        EXPECT_THAT(log, Not(HasSubstr(test_variable("CDK_TEST_AZURE_KEY"))));
        EXPECT_THAT(log, Not(HasSubstr("sig=")));
        EXPECT_THAT(log, Not(HasSubstr("SharedKey ")));
        client.rm(box_, *key);
        client.rmtree(box_, "none");
        client.rm(box_, "large");
        EXPECT_THAT(container_.keys(), ElementsAre("d/1", "d/2"));
    }
}

TEST_F(TestAzureFaults, ALoadThatFailsAtAnyStepLeavesNothing) {
    std::size_t step = 1;
    for (bool done = false; !done; ++step) {
        AzureProxy proxy([&](const Received&, std::size_t number) -> std::optional<Reply> {
            return number == step ? std::optional(refusal(403, "AuthorizationFailure")) : std::nullopt;
        });
        Client client(proxy.environment(), quick());
        UnsizedBody body(some_text(4500));
        try {
            client.put(box_, "large", body);
            done = true;
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("AuthorizationFailure"));
            EXPECT_THAT(container_.keys(), ElementsAre()) << step;
        }
    }
    // Five blocks and a list.
    EXPECT_EQ(step - 1, 7U);
    EXPECT_EQ(read_all(*direct_.get(box_, "large")), some_text(4500));
}

TEST_F(TestAzureFaults, AJoinThatFailsAtAnyStepLeavesNothing) {
    write_parts();
    std::size_t step = 1;
    for (std::optional<std::string> key; !key; ++step) {
        ASSERT_LT(step, 50U);
        AzureProxy proxy([&](const Received&, std::size_t number) -> std::optional<Reply> {
            return number == step ? std::optional(refusal(403, "AuthorizationFailure")) : std::nullopt;
        });
        Client client(proxy.environment(), quick());
        try {
            key = client.cat(box_, "d", {.header_lines = true});
            EXPECT_EQ(read_all(*direct_.get(box_, *key)), joined());
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("AuthorizationFailure"));
            EXPECT_THAT(container_.keys(), ElementsAre("d/1", "d/2")) << step;
        }
    }
    // A list, two header lines, the end of the first part, three blocks of it, one of the line end that it lacks, two
    // blocks of the other part, and the list of blocks.
    EXPECT_EQ(step - 1, 12U);
}

TEST_F(TestAzureFaults, AJoinThatIsStoppedAtAnyStepLeavesNothing) {
    write_parts();
    std::size_t step = 1;
    for (std::optional<std::string> key; !key; ++step) {
        ASSERT_LT(step, 50U);
        std::stop_source stop;
        AzureProxy proxy([&](const Received&, std::size_t number) -> std::optional<Reply> {
            if (number == step) {
                stop.request_stop();
            }
            return std::nullopt;
        });
        Client client(proxy.environment(), quick());
        try {
            key = client.cat(box_, "d", {.header_lines = true, .stop = stop.get_token()});
        } catch (const errors::InterruptedError&) {
            EXPECT_THAT(container_.keys(), ElementsAre("d/1", "d/2")) << step;
        }
    }
    EXPECT_GT(step, 5U);
}

TEST_F(TestAzureFaults, AnAnswerToTheLastRequestThatIsLostOnceIsNoFault) {
    write_parts();
    AzureProxy* behind = nullptr;
    std::atomic<int> commits = 0;
    AzureProxy proxy([&](const Received& request, std::size_t) -> std::optional<Reply> {
        if (request.parameter("comp") != "blocklist" || ++commits > 1) {
            return std::nullopt;
        }
        behind->pass_on(request);
        return lost();
    });
    behind = &proxy;
    Client client(proxy.environment(), quick());
    const auto key = client.cat(box_, "d", {.header_lines = true});
    ASSERT_TRUE(key);
    EXPECT_EQ(read_all(*direct_.get(box_, *key)), joined());
    EXPECT_EQ(commits, 2);
}

TEST_F(TestAzureFaults, AJoinWhoseLastAnswerNeverComesIsUndone) {
    write_parts();
    AzureProxy* behind = nullptr;
    AzureProxy proxy([&](const Received& request, std::size_t) -> std::optional<Reply> {
        if (request.parameter("comp") != "blocklist") {
            return std::nullopt;
        }
        behind->pass_on(request);
        return lost();
    });
    behind = &proxy;
    Client client(proxy.environment(), quick());
    EXPECT_THROW(client.cat(box_, "d", {.header_lines = true}), errors::ExternalDatasourceError);
    EXPECT_THAT(container_.keys(), ElementsAre("d/1", "d/2"));
}

/// Gives some bytes, then fails.
class FailingBody final : public Body {
public:
    explicit FailingBody(std::size_t bytes) : left_(bytes) {}
    std::size_t read(std::span<char> into) override {
        if (left_ == 0) {
            throw std::runtime_error("the source broke");
        }
        const std::size_t count = std::min(left_, into.size());
        std::fill_n(into.begin(), count, 'x');
        left_ -= count;
        return count;
    }
    bool rewind() override { return false; }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }

private:
    std::size_t left_;
};

TEST_F(TestAzureFaults, ABodyThatFailsLeavesNothing) {
    for (const std::size_t bytes : {0U, 500U, 1500U, 7500U}) {
        FailingBody body(bytes);
        EXPECT_THROW(direct_.put(box_, "a", body), std::runtime_error) << bytes;
        EXPECT_THAT(container_.keys(), ElementsAre());
    }
}

TEST_F(TestAzureFaults, WithoutBatchesObjectsAreDeletedOneByOne) {
    for (int i = 0; i < 20; ++i) {
        container_.write(fmt::format("d/{:02}", i), "1");
    }
    AzureProxy proxy([&](const Received& request, std::size_t) -> std::optional<Reply> {
        return request.parameter("comp") == "batch" ? std::optional(refusal(400, "FeatureNotSupported")) : std::nullopt;
    });
    Client(proxy.environment(), quick()).rmtree(box_, "d");
    EXPECT_THAT(container_.keys(), ElementsAre());
}

}  // namespace
}  // namespace tinybird_cdk::cloud::azure
