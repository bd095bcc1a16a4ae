// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/rest.hpp>

#include <memory>
#include <stop_token>
#include <string>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>

#include "helpers/fake_clock.hpp"
#include "helpers/scripted_server.hpp"

namespace tinybird_cdk {
namespace {

using testing::FakeClock;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Reply;
using testing::ScriptedServer;

struct Kit {
    std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
    rest::Client client{"Warehouse", {.clock = clock, .jitter = [] { return 0.0; }}};
};

TEST(TestRest, SendsWhatItIsGiven) {
    const ScriptedServer server({Reply::json(R"({"a":{"b":12345678901234567890}})")});
    Kit kit;
    const rest::Answer answer = kit.client.send({.method = "POST",
                                                 .url = server.url() + "/v2/jobs",
                                                 .query = {{"location", "E U"}, {"max", "1"}},
                                                 .headers = {{"Authorization", "Bearer t"}},
                                                 .body = R"({"q":1})"});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(rest::text_at(answer.json(), {"a", "b"}), "12345678901234567890");
    const auto received = server.received().at(0);
    EXPECT_EQ(received.target, "/v2/jobs?location=E%20U&max=1");
    EXPECT_EQ(received.body, R"({"q":1})");
    EXPECT_EQ(received.header("content-type"), "application/json");
    EXPECT_EQ(received.header("authorization"), "Bearer t");
}

TEST(TestRest, ARefusalIsAnAnswer) {
    const ScriptedServer server({Reply::json(R"({"error":{"message":"no"}})", 404)});
    Kit kit;
    const rest::Answer answer = kit.client.send({.url = server.url()});
    EXPECT_FALSE(answer.ok());
    EXPECT_FALSE(answer.temporary());
    EXPECT_EQ(rest::text_at(answer.json(), {"error", "message"}), "no");
    EXPECT_EQ(server.received().size(), 1U);
}

TEST(TestRest, AProxysPageIsTheSourcesFailure) {
    const ScriptedServer server({Reply::json("<html>Sign in</html>")});
    Kit kit;
    const rest::Answer answer = kit.client.send({.url = server.url()});
    try {
        FAIL() << answer.json().to_text();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("the answer (HTTP 200) is no JSON"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
    }
}

TEST(TestRest, TriesAgainWhenToldToComeBack) {
    Reply busy = Reply::json("{}", 429);
    busy.headers.emplace_back("Retry-After", "7");
    const ScriptedServer server({busy, Reply::json("{}")});
    Kit kit;
    EXPECT_TRUE(kit.client.send({.method = "POST", .url = server.url(), .body = "{}"}).ok());
    EXPECT_THAT(kit.clock->sleeps(), ::testing::ElementsAre(::testing::Ge(std::chrono::seconds(7))));
}

TEST(TestRest, ServerErrorsAreRepeatedForWhatIsRepeatable) {
    const ScriptedServer server({Reply::json("{}", 503), Reply::json("{}")});
    Kit kit;
    EXPECT_TRUE(kit.client.send({.method = "POST", .url = server.url(), .body = "{}", .repeatable = true}).ok());
}

TEST(TestRest, ServerErrorsAreAnswersForWhatIsNot) {
    const ScriptedServer server({Reply::json("{}", 503), Reply::json("{}")});
    Kit kit;
    const rest::Answer answer = kit.client.send({.method = "POST", .url = server.url(), .body = "{}"});
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.temporary());
    EXPECT_EQ(server.received().size(), 1U);
}

TEST(TestRest, ALostAnswerIsAnErrorThatSaysSo) {
    Reply lost = Reply::json("{}");
    lost.cut_at_answer_byte = 0;
    const ScriptedServer server({lost});
    Kit kit;
    try {
        kit.client.send(
            {.method = "POST", .url = server.url() + "/jobs", .query = {{"secret", "s3cr3t"}}, .body = "{}"});
        FAIL() << "no answer is no success";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("Warehouse: POST " + server.url() + "/jobs"));
        EXPECT_THAT(error.what(), Not(HasSubstr("s3cr3t")));
        EXPECT_THAT(error.hint(), HasSubstr("may have been carried out"));
        EXPECT_TRUE(error.retryable());
    }
    EXPECT_EQ(server.received().size(), 1U);
}

TEST(TestRest, RedirectsThatWouldTellASecretAreNotFollowed) {
    const ScriptedServer other({Reply::json("{}")});
    Reply away = Reply::json("{}", 307);
    away.headers.emplace_back("Location", other.url());
    const ScriptedServer server({away});
    Kit kit;
    EXPECT_THROW(kit.client.send({.method = "POST", .url = server.url(), .body = "{}"}),
                 errors::ExternalDatasourceError);
    EXPECT_TRUE(other.received().empty());
}

TEST(TestRest, StopsAtOnce) {
    const ScriptedServer server({Reply::json("{}")});
    Kit kit;
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(kit.client.send({.url = server.url(), .stop = stop.get_token()}), errors::InterruptedError);
}

TEST(TestRest, FieldsThatAreNotThereAreEmpty) {
    const Value value = Value::from_json(R"({"a":{"b":null,"c":false}})");
    EXPECT_EQ(rest::text_at(value, {"a", "b"}), "");
    EXPECT_EQ(rest::text_at(value, {"a", "c"}), "false");
    EXPECT_EQ(rest::text_at(value, {"a", "c", "d"}), "");
    EXPECT_EQ(rest::field_at(value, {"x"}), nullptr);
}

}  // namespace
}  // namespace tinybird_cdk
