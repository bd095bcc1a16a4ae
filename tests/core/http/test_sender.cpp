// SPDX-License-Identifier: Apache-2.0
/// Repeated attempts and redirects, against a server that misbehaves. No test waits: the clock is not the real one.
#include "http/sender.hpp"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "helpers/fake_clock.hpp"
#include "helpers/scripted_server.hpp"

namespace tinybird_cdk::http {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using testing::FakeClock;
using ::testing::HasSubstr;
using testing::Received;
using testing::Reply;
using testing::ScriptedServer;
using ::testing::SizeIs;
using Action = Decision::Action;

constexpr const char* token = "p.secret-token-of-this-test";

class TestSender : public ::testing::Test {
protected:
    Sent get(const std::string& url) {
        Request request;
        request.url = url;
        request.headers = {{"Authorization", token}};
        return sender_.send(request);
    }
    Sent post(const std::string& url, bool idempotent = false) {
        Request request;
        request.method = "POST";
        request.url = url;
        request.headers = {{"Authorization", token}};
        body_ = body_of("the rows");
        request.body = body_.get();
        request.idempotent = idempotent;
        return sender_.send(request);
    }
    [[nodiscard]] std::vector<milliseconds> sleeps() const { return clock_->sleeps(); }

    std::shared_ptr<FakeClock> clock_ = std::make_shared<FakeClock>();
    Sender sender_{{}, RetryPolicy{}, clock_, [] { return 0.0; }};
    std::unique_ptr<Body> body_;
};

Reply with(int status, testing::HeaderLines headers = {}) {
    Reply reply = Reply::json(R"({"error":"scripted"})", status);
    reply.headers.insert(reply.headers.end(), headers.begin(), headers.end());
    return reply;
}

Reply lost() {
    Reply reply;
    reply.cut_at_answer_byte = 0;
    return reply;
}

TEST_F(TestSender, RateLimitsWaitAsTheServerSays) {
    ScriptedServer server({with(429, {{"Retry-After", "7"}}),
                           with(429, {{"Retry-After", "Wed, 21 Oct 2026 07:28:27 GMT"}}),
                           with(429, {{"X-Ratelimit-Reset", "11"}}), with(429), Reply::json("{}")});
    EXPECT_EQ(post(server.url()).response.status, 200);
    // The date is 27 s after the clock's begin, of which 7 s are over.
    EXPECT_THAT(sleeps(),
                ElementsAre(milliseconds(7000), milliseconds(20'000), milliseconds(11'000), milliseconds(8000)));
    EXPECT_THAT(server.received(), SizeIs(5));
    for (const Received& request : server.received()) {
        EXPECT_EQ(request.body, "the rows");
    }
}

TEST_F(TestSender, ADateThatIsOverMeansAtOnce) {
    ScriptedServer server({with(429, {{"Retry-After", "Wed, 21 Oct 2020 07:28:00 GMT"}}), Reply::json("{}")});
    EXPECT_EQ(post(server.url()).response.status, 200);
    EXPECT_THAT(sleeps(), ElementsAre(milliseconds(0)));
}

TEST_F(TestSender, RateLimitsEndWithinAnHour) {
    ScriptedServer server({with(429, {{"Retry-After", "1000"}})});
    EXPECT_EQ(post(server.url()).decision.action, Action::rate_limited_for_too_long);
    EXPECT_THAT(sleeps(), SizeIs(3));
}

TEST_F(TestSender, TimeoutsAreTriedFiveTimesMore) {
    ScriptedServer server({with(408)});
    const Sent sent = post(server.url());
    EXPECT_EQ(sent.decision.action, Action::fail);
    EXPECT_EQ(sent.response.status, 408);
    EXPECT_EQ(sent.attempts, 6);
    EXPECT_THAT(sleeps(), ElementsAre(milliseconds(1000), milliseconds(2000), milliseconds(4000), milliseconds(8000),
                                      milliseconds(16'000)));
}

TEST_F(TestSender, ABadGatewayIsTriedAgainForReadingOnly) {
    ScriptedServer server({with(502), Reply::json("{}")});
    EXPECT_EQ(get(server.url()).response.status, 200);
    ScriptedServer for_writing({with(502), Reply::json("{}")});
    EXPECT_EQ(post(for_writing.url(), true).response.status, 502);
    ScriptedServer for_ever({with(502)});
    EXPECT_EQ(get(for_ever.url()).attempts, 6);
}

TEST_F(TestSender, OtherFailuresAreNotTriedAgain) {
    for (const int status : {400, 401, 403, 404, 409, 413, 422, 500, 503, 504}) {
        ScriptedServer server({with(status)});
        EXPECT_EQ(post(server.url(), true).response.status, status);
        EXPECT_THAT(server.received(), SizeIs(1)) << status;
    }
    EXPECT_THAT(sleeps(), SizeIs(0));
}

TEST_F(TestSender, ALostAnswerToWhatMayNotBeRepeatedIsInDoubt) {
    ScriptedServer server({lost()});
    EXPECT_EQ(post(server.url()).decision.action, Action::in_doubt);
    EXPECT_THAT(server.received(), SizeIs(1));
}

TEST_F(TestSender, ALostAnswerToWhatMayBeRepeatedIsRepeated) {
    ScriptedServer server({lost(), lost(), Reply::json("{}")});
    EXPECT_EQ(post(server.url(), true).response.status, 200);
    EXPECT_THAT(server.received(), SizeIs(3));
}

TEST_F(TestSender, AResetBeforeTheWholeRequestWasReadIsRepeated) {
    Reply reset;
    reset.reset_at_body_byte = 0;
    ScriptedServer server({reset, Reply::json("{}")});
    // Eight bytes are in the socket before the reset comes, so only what may be repeated is.
    EXPECT_EQ(post(server.url(), true).response.status, 200);
}

TEST_F(TestSender, NoServerIsAFailureAfterSomeTries) {
    const Sent sent = post("http://127.0.0.1:" + std::to_string(testing::closed_port()));
    EXPECT_EQ(sent.decision.action, Action::fail);
    EXPECT_EQ(sent.response.status, 0);
    EXPECT_EQ(sent.attempts, 3);
}

TEST_F(TestSender, AStopEndsTheWait) {
    ScriptedServer server({with(429, {{"Retry-After", "60"}})});
    std::stop_source stop;
    Sender sender({}, RetryPolicy{}, Clock::system(), [] { return 0.0; });
    Request request;
    request.url = server.url();
    request.stop = stop.get_token();
    std::jthread stopper([&] {
        ASSERT_TRUE(server.wait_for(1));
        stop.request_stop();
    });
    EXPECT_THROW(sender.send(request), errors::InterruptedError);
}

// Redirects

TEST_F(TestSender, ARedirectOnTheSameHostKeepsTokenAndBody) {
    ScriptedServer server({with(307, {{"Location", "/moved?x=1"}}), Reply::json("{}")});
    EXPECT_EQ(post(server.url() + "/first").response.status, 200);
    const Received moved = server.received().at(1);
    EXPECT_EQ(moved.target, "/moved?x=1");
    EXPECT_EQ(moved.header("authorization"), token);
    EXPECT_EQ(moved.body, "the rows");
}

TEST_F(TestSender, ATokenNeverGoesToAnotherHost) {
    ScriptedServer other({Reply::json("{}")});
    ScriptedServer server({with(302, {{"Location", other.url() + "/elsewhere"}})});
    EXPECT_EQ(get(server.url()).response.status, 200);
    EXPECT_EQ(other.received().at(0).header("authorization"), std::nullopt);
}

TEST_F(TestSender, DataNeverGoesToAnotherHost) {
    ScriptedServer other({Reply::json("{}")});
    ScriptedServer server({with(307, {{"Location", other.url() + "/elsewhere"}})});
    EXPECT_THROW(post(server.url()), errors::HTTPError);
    EXPECT_EQ(other.connections(), 0U);
}

TEST_F(TestSender, ARedirectThatWouldDropTheBodyIsRefused) {
    for (const int status : {301, 302, 303}) {
        ScriptedServer server({with(status, {{"Location", "/moved"}})});
        try {
            post(server.url());
            FAIL() << "no exception";
        } catch (const errors::HTTPError& error) {
            EXPECT_EQ(error.status(), status);
            EXPECT_THAT(error.what(), HasSubstr("would drop the request's body"));
            EXPECT_THAT(error.what(), Not(HasSubstr(token)));
        }
        EXPECT_THAT(server.received(), SizeIs(1));
    }
}

TEST_F(TestSender, ALoopOfRedirectsEnds) {
    ScriptedServer server({with(302, {{"Location", "/again"}})});
    EXPECT_THROW(get(server.url()), errors::HTTPError);
    EXPECT_THAT(server.received(), SizeIs(6));
}

TEST_F(TestSender, OddRedirectsAreRefused) {
    for (const char* target : {"file:///etc/passwd", "gopher://127.0.0.1/", "http://"}) {
        ScriptedServer server({with(302, {{"Location", target}})});
        EXPECT_THROW(static_cast<void>(get(server.url())), errors::HTTPError) << target;
    }
    // Without a place to go to it is an answer like others.
    ScriptedServer nowhere({with(302)});
    EXPECT_EQ(get(nowhere.url()).response.status, 302);
}

}  // namespace
}  // namespace tinybird_cdk::http
