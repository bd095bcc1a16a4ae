// SPDX-License-Identifier: Apache-2.0
/// What every call has in common: headers, tries, redirects, and errors that say what happened and tell no secret.
#include <chrono>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "helpers/scripted_tinybird.hpp"
#include "helpers/unsized_body.hpp"

namespace tinybird_cdk::tinybird {
namespace {

using ::testing::HasSubstr;
using testing::Received;
using testing::Reply;
using testing::ScriptedServer;
using testing::ScriptedTinybird;
using ::testing::SizeIs;

Reply lost() {
    Reply reply;
    reply.cut_at_answer_byte = 0;
    return reply;
}

Reply redirect(int status, const std::string& location) {
    Reply reply = Reply::json("", status);
    reply.headers.emplace_back("Location", location);
    return reply;
}

template <class Error>
Error error_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), Not(HasSubstr(testing::test_token)));
        EXPECT_THAT(error.hint(), Not(HasSubstr(testing::test_token)));
        EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
        return error;
    }
    throw std::logic_error("no exception");
}

TEST(TestApi, EveryCallHasTheSameHeaders) {
    ScriptedTinybird tinybird({Reply::json(R"({"id":"j","status":"done","data":[],"successful_rows":1})")});
    Client client = tinybird.client();
    client.append_data("1\n", "t");
    client.replace_data("1\n", "t");
    client.append_url("https://example.org/x.csv", "t");
    client.append_event("{}", "t");
    client.query("SELECT 1");
    client.query("SELECT '" + std::string(5000, 'x') + "'");
    client.data_source("t");
    client.truncate("t");
    client.delete_rows("t", "1");
    client.drop_data_source("t");
    client.get("/v0/pipes?x=1");
    const auto received = tinybird.server.received();
    EXPECT_GE(received.size(), 11U);
    for (const Received& request : received) {
        EXPECT_EQ(request.header("authorization"), std::string("Bearer ") + testing::test_token) << request.target;
        EXPECT_EQ(request.header("x-tb-cdk-tag"), "tests") << request.target;
        EXPECT_THAT(request.header("user-agent").value_or(""), ::testing::StartsWith("tinybird-cdk-cpp/"));
        EXPECT_THAT(request.header("accept-encoding").value_or(""), HasSubstr("gzip"));
        EXPECT_THAT(request.target, Not(HasSubstr(testing::test_token)));
    }
    EXPECT_EQ(received.back().target, "/v0/pipes?x=1");
}

TEST(TestApi, NamesCantLeaveTheirPlaceInThePath) {
    ScriptedTinybird tinybird({Reply::json("{}")});
    Client client = tinybird.client();
    client.truncate("../v0/tokens?x=1#y");
    client.data_source("a/b%2Fc d");
    EXPECT_EQ(tinybird.server.received().at(0).target, "/v0/datasources/..%2Fv0%2Ftokens%3Fx%3D1%23y/truncate");
    EXPECT_EQ(tinybird.server.received().at(1).target, "/v0/datasources/a%2Fb%252Fc%20d");
}

TEST(TestApi, LineBreaksInConfigurationMakeNoHeaders) {
    ScriptedServer server({Reply::json("{}")});
    auto configuration = testing::configuration_for(server.url());
    configuration.tag = "x\r\nX-Injected: 1";
    Client client(configuration);
    EXPECT_THROW(client.truncate("t"), errors::InvalidArgument);
    configuration.tag = "x";
    configuration.token = Secret("p.one\nX-Injected: 1");
    const auto error = error_of<errors::InvalidArgument>([&] { Client(configuration).truncate("t"); });
    EXPECT_THAT(error.what(), Not(HasSubstr("p.one")));
    EXPECT_EQ(server.connections(), 0U);
}

TEST(TestApi, WhatIsNoGoodAnswerIsAnError) {
    for (const int status : {300, 302, 304, 307, 400, 401, 404, 405, 418, 500, 501, 599}) {
        ScriptedTinybird tinybird({Reply::json(R"({"error":"scripted"})", status)});
        Client client = tinybird.client({.import_api = ImportApi::v1});
        const auto error = error_of<errors::HTTPError>([&] { client.append_data("1\n", "t"); });
        EXPECT_EQ(error.status(), status);
        EXPECT_THAT(error.what(), HasSubstr(std::to_string(status)));
        EXPECT_THAT(tinybird.server.received(), SizeIs(1)) << status;
    }
}

TEST(TestApi, OnlyAMissingDataSourceIsMissing) {
    for (const int status : {405, 501}) {
        ScriptedTinybird tinybird({Reply::json(R"({"error":"not here"})", status)});
        const auto error = error_of<errors::HTTPError>([&] { tinybird.client().data_source("t"); });
        EXPECT_EQ(error.status(), status);
    }
}

TEST(TestApi, AnswersThatAreNoJsonAreAClearError) {
    for (const char* answer : {"", "<html>the console</html>", "{\"data\":"}) {
        ScriptedTinybird tinybird({Reply::json(answer)});
        Client client = tinybird.client();
        const std::vector<std::function<void()>> calls{
            [&] { client.query("SELECT 1"); }, [&] { client.data_source("t"); }, [&] { client.data_sources(); },
            [&] { client.linker("t", "bigquery"); }, [&] { client.quarantine_count("t"); }};
        for (const auto& call : calls) {
            const auto error = error_of<errors::HTTPError>(call);
            EXPECT_EQ(error.status(), 200);
            EXPECT_THAT(error.what(), HasSubstr("no JSON"));
            EXPECT_THAT(error.hint(), HasSubstr("TB_CDK_ENDPOINT"));
        }
    }
}

TEST(TestApi, OddOnesDoNotHideTheOtherDataSources) {
    ScriptedTinybird tinybird({Reply::json(
        R"({"datasources":[{"name":"a","columns":[{"name":"x","type":"Wonder"}]},{"name":"b"},7,null]})")});
    const auto sources = tinybird.client().data_sources();
    ASSERT_GE(sources.size(), 2U);
    EXPECT_EQ(sources[1].name, "b");
}

TEST(TestApi, TokensInAnswersRedirectsAndUrlsAreMasked) {
    const std::string secret = testing::test_token;
    ScriptedServer elsewhere({Reply::json("{}")});
    const std::vector<Reply> answers{
        Reply::json(R"({"error":")" + secret + R"("})", 400),
        Reply::json(secret, 500),
        Reply::json(R"({"error":"x","job_id":")" + secret + R"("})", 400),
        redirect(307, elsewhere.url() + "/?token=" + secret),
        redirect(302, "/?token=" + secret),
        redirect(307, "ftp://user:" + secret + "@127.0.0.1/"),
    };
    for (const Reply& answer : answers) {
        ScriptedTinybird tinybird({answer});
        static_cast<void>(error_of<errors::HTTPError>([&] { tinybird.client().append_data("1\n", "t"); }));
    }
    EXPECT_EQ(elsewhere.connections(), 0U);
    ScriptedTinybird tinybird({Reply::json("{}", 400)});
    const auto error =
        error_of<errors::HTTPError>([&] { tinybird.client().get("/v0/pipes/x.json?token=p.another-secret&q=1"); });
    EXPECT_THAT(error.what(), Not(HasSubstr("another-secret")));
}

TEST(TestApi, RateLimitsForTooLongAreAnErrorOfTheirOwn) {
    Reply limited = Reply::json(R"({"error":"5 per minute"})", 429);
    limited.headers.emplace_back("Retry-After", "1200");
    ScriptedTinybird tinybird({limited});
    const auto error = error_of<errors::RateLimitedForTooLongError>([&] { tinybird.client().append_data("1\n", "t"); });
    EXPECT_THAT(error.what(), HasSubstr("5 per minute"));
    EXPECT_THAT(error.what(), HasSubstr("after 4 tries"));
    EXPECT_THAT(tinybird.server.received(), SizeIs(4));
}

TEST(TestApi, TriesAreTold) {
    ScriptedTinybird tinybird({Reply::json(R"({"error":"slow"})", 408)});
    const auto error = error_of<errors::HTTPError>([&] { tinybird.client().append_data("1\n", "t"); });
    EXPECT_THAT(error.what(),
                HasSubstr("408 Request Timeout: slow (timed out, and all tries are used up after 6 tries)"));
    EXPECT_TRUE(error.retryable());
}

TEST(TestApi, NoConnectionIsNoDoubt) {
    const auto clock = std::make_shared<testing::FakeClock>();
    Client client(testing::configuration_for("http://127.0.0.1:" + std::to_string(testing::closed_port())),
                  {.clock = clock});
    const std::vector<std::function<void()>> calls{
        [&] { client.append_data("1\n", "t"); }, [&] { client.append_data("", "t"); },
        [&] { client.append_url("https://example.org/x.csv", "t"); }, [&] { client.append_event("{}", "t"); },
        [&] { client.retry_job("j"); }};
    for (const auto& call : calls) {
        const auto error = error_of<errors::HTTPError>(call);
        EXPECT_EQ(error.status(), 0);
        EXPECT_TRUE(error.retryable());
        EXPECT_THAT(error.hint(), HasSubstr("TB_CDK_ENDPOINT"));
    }
}

TEST(TestApi, LostAnswersLeaveInDoubtWhatMayNotBeRepeated) {
    const std::vector<std::function<void(Client&)>> calls{
        [](Client& client) { client.append_data("1\n", "t"); },
        [](Client& client) { client.append_url("https://example.org/x.csv", "t"); },
        [](Client& client) { client.append_event("{}", "t"); }, [](Client& client) { client.retry_job("j"); },
        [](Client& client) {
            testing::UnsizedBody body("1\n");
            client.append(body, "t");
        }};
    for (const auto& call : calls) {
        for (const bool kept_connection : {false, true}) {
            std::vector<Reply> replies{lost()};
            if (kept_connection) {
                replies.insert(replies.begin(), Reply::json("{}"));
            }
            ScriptedTinybird tinybird(replies);
            Client client = tinybird.client();
            if (kept_connection) {
                client.get("/");
            }
            static_cast<void>(error_of<errors::InDoubtError>([&] { call(client); }));
            EXPECT_THAT(tinybird.server.received(), SizeIs(replies.size()));
        }
    }
}

TEST(TestApi, LostAnswersAreAskedForAgainWhereThatDoesNoHarm) {
    const std::vector<std::function<void(Client&)>> calls{
        [](Client& client) { client.replace_data("1\n", "t"); },
        [](Client& client) { client.replace_url("https://example.org/x.csv", "t"); },
        [](Client& client) { client.query("SELECT '" + std::string(5000, 'x') + "'"); },
        [](Client& client) { client.truncate("t"); },
        [](Client& client) { client.delete_rows("t", "id > 1"); },
        [](Client& client) { client.drop_data_source("t"); },
        [](Client& client) { client.alter("t", "`a` Int8"); },
        [](Client& client) { client.cancel_job("j"); }};
    for (const auto& call : calls) {
        ScriptedTinybird tinybird({lost(), Reply::json(R"({"data":[],"successful_rows":1})")});
        Client client = tinybird.client();
        call(client);
        const auto received = tinybird.server.received();
        ASSERT_THAT(received, SizeIs(2));
        EXPECT_EQ(received[0].target, received[1].target);
        EXPECT_EQ(received[0].body, received[1].body);
    }
}

TEST(TestApi, ServersThatFailLeaveAppendsInDoubtAndTheirExitCodeSaysSo) {
    for (const int status : {500, 502, 504}) {
        ScriptedTinybird tinybird({Reply::json(R"({"error":"broken"})", status)});
        Client client = tinybird.client();
        const auto append = error_of<errors::HTTPError>([&] { client.append_data("1\n", "orders"); });
        EXPECT_FALSE(append.retryable()) << status;
        EXPECT_EQ(append.exit_code(), errors::ExitCode::data_refused);
        EXPECT_THAT(append.hint(), HasSubstr("row count of \"orders\""));
        const auto replace = error_of<errors::HTTPError>([&] { client.replace_data("1\n", "orders"); });
        EXPECT_TRUE(replace.retryable()) << status;
    }
    ScriptedTinybird busy({Reply::json(R"({"error":"no server"})", 503)});
    EXPECT_TRUE(error_of<errors::HTTPError>([&] { busy.client().append_data("1\n", "orders"); }).retryable());
}

TEST(TestApi, AnEarlyRefusalOfALargeUploadIsNoDoubt) {
    for (const bool asks_first : {true, false}) {
        Reply refusal = Reply::json(R"({"error":"quota exceeded"})", 403);
        refusal.early = true;
        refusal.withhold_continue = !asks_first;
        ScriptedTinybird tinybird({refusal});
        testing::UnsizedBody body(std::string(20'000'000, 'z'));
        const auto error = error_of<errors::HTTPError>([&] { tinybird.client().append(body, "t"); });
        EXPECT_EQ(error.status(), 403);
        EXPECT_THAT(error.what(), HasSubstr("quota exceeded"));
    }
}

TEST(TestApi, AnUploadThatBrokeIsSentAgainFromItsBegin) {
    Reply reset;
    reset.reset_at_body_byte = 1'000'000;
    ScriptedTinybird tinybird({reset, Reply::json(R"({"successful_rows":1})")});
    // Far more than the buffers of a connection take: the break is seen before all is sent.
    std::string text;
    for (int i = 0; i < 40'000'000; ++i) {
        text += static_cast<char>('a' + i % 23);
    }
    testing::UnsizedBody body(text);
    EXPECT_EQ(tinybird.client().append(body, "t").rows, 1U);
    const auto received = tinybird.server.received();
    ASSERT_THAT(received, SizeIs(2));
    EXPECT_FALSE(received[0].complete);
    EXPECT_EQ(received[1].body, text);
}

}  // namespace
}  // namespace tinybird_cdk::tinybird
