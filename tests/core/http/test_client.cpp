// SPDX-License-Identifier: Apache-2.0
/// One attempt of one request: what is sent, what is read, and what is known when it breaks.
#include "http/client.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <tinybird_cdk/errors.hpp>

#include "helpers/scripted_server.hpp"
#include "helpers/unsized_body.hpp"

namespace tinybird_cdk::http {
namespace {

using ::testing::HasSubstr;
using testing::Received;
using testing::Reply;
using testing::ScriptedServer;
using testing::UnsizedBody;

/// Gives some bytes for ever, or throws after so many.
class EndlessBody final : public Body {
public:
    explicit EndlessBody(std::size_t throw_at = SIZE_MAX) : throw_at_(throw_at) {}
    std::size_t read(std::span<char> into) override {
        if (given_ >= throw_at_) {
            throw std::runtime_error("the source broke");
        }
        const std::size_t count = std::min<std::size_t>(into.size(), 10'000);
        std::fill_n(into.begin(), count, 'x');
        given_ += count;
        return count;
    }
    bool rewind() override { return false; }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }

private:
    const std::size_t throw_at_;
    std::size_t given_ = 0;
};

Request post(const ScriptedServer& server, Body* body) {
    Request request;
    request.method = "POST";
    request.url = server.url() + "/v1/x";
    request.body = body;
    return request;
}

TEST(TestHttpClient, SendsMethodTargetHeadersAndBody) {
    ScriptedServer server({Reply::json("{}")});
    Client client({});
    const auto body = body_of("a,b\n");
    Request request = post(server, body.get());
    request.url += "?q=1%202";
    request.headers = {{"X-Tag", "nightly"}, {"Empty", ""}};
    const Response response = client.perform(request);
    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(response.request_sent);
    const Received seen = server.received().at(0);
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.target, "/v1/x?q=1%202");
    EXPECT_EQ(seen.parameter("q"), "1 2");
    EXPECT_EQ(seen.header("x-tag"), "nightly");
    EXPECT_EQ(seen.header("empty"), "");
    EXPECT_EQ(seen.header("content-length"), "4");
    EXPECT_EQ(seen.header("expect"), std::nullopt);
    EXPECT_EQ(seen.body, "a,b\n");
}

TEST(TestHttpClient, KeepsTheConnectionForTheNextRequest) {
    ScriptedServer server({Reply::json("{}")});
    Client client({});
    for (int i = 0; i < 3; ++i) {
        Request request;
        request.url = server.url() + "/";
        EXPECT_EQ(client.perform(request).status, 200);
    }
    EXPECT_EQ(server.connections(), 1U);
}

TEST(TestHttpClient, AConnectionThatTheServerClosedIsReplaced) {
    Reply closing = Reply::json("{}");
    closing.close_after = true;
    ScriptedServer server({closing});
    Client client({});
    for (int i = 0; i < 3; ++i) {
        const auto body = body_of("x");
        // Whether the close is seen before or after sending is a matter of luck, so it must be a call that may be
        // repeated.
        Request request = post(server, body.get());
        request.idempotent = true;
        EXPECT_EQ(client.perform(request).status, 200);
    }
    EXPECT_GE(server.received().size(), 3U);
}

TEST(TestHttpClient, ABodyOfUnknownSizeIsChunkedAndAsksFirst) {
    ScriptedServer server({Reply::json("{}")});
    Client client({});
    UnsizedBody body(std::string(3'000'000, 'z'));
    std::uint64_t sent = 0;
    Request request = post(server, &body);
    request.on_sent = [&](std::uint64_t bytes) { sent = bytes; };
    EXPECT_EQ(client.perform(request).status, 200);
    const Received seen = server.received().at(0);
    EXPECT_EQ(seen.header("transfer-encoding"), "chunked");
    EXPECT_EQ(seen.header("expect"), "100-continue");
    EXPECT_EQ(seen.body.size(), 3'000'000U);
    EXPECT_EQ(sent, 3'000'000U);
}

TEST(TestHttpClient, AServerThatIgnoresExpectStillGetsTheBody) {
    Reply reply = Reply::json("{}");
    reply.withhold_continue = true;
    ScriptedServer server({reply});
    Client client({});
    UnsizedBody body("rows");
    EXPECT_EQ(client.perform(post(server, &body)).status, 200);
    EXPECT_EQ(server.received().at(0).body, "rows");
}

TEST(TestHttpClient, AnEarlyRefusalCostsNoUpload) {
    Reply refusal = Reply::json(R"({"error":"no"})", 403);
    refusal.early = true;
    ScriptedServer server({refusal});
    Client client({});
    EndlessBody body;
    const Response response = client.perform(post(server, &body));
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(response.body, R"({"error":"no"})");
}

TEST(TestHttpClient, ARefusalInTheMiddleOfAnUploadIsTheAnswer) {
    Reply refusal = Reply::json(R"({"error":"too large"})", 413);
    refusal.early = true;
    refusal.withhold_continue = true;
    refusal.delay = std::chrono::milliseconds(50);
    ScriptedServer server({refusal});
    Client client({});
    // Small enough to go without asking, too large for the socket's buffers.
    const std::string bytes(1U << 20U, 'x');
    const auto body = body_of(bytes);
    const Response response = client.perform(post(server, body.get()));
    EXPECT_EQ(response.status, 413);
}

TEST(TestHttpClient, ALostAnswerIsToldFromARequestThatNeverArrived) {
    Reply lost;
    lost.cut_at_answer_byte = 0;
    ScriptedServer server({lost});
    Client client({});
    const auto body = body_of("rows");
    const Response response = client.perform(post(server, body.get()));
    EXPECT_EQ(response.status, 0);
    EXPECT_TRUE(response.request_sent);
    EXPECT_FALSE(response.failure.empty());

    Request nowhere;
    nowhere.url = "http://127.0.0.1:" + std::to_string(testing::closed_port());
    const Response refused = client.perform(nowhere);
    EXPECT_EQ(refused.status, 0);
    EXPECT_FALSE(refused.request_sent);
}

/// libcurl repeats a request by itself when a kept connection ends without an answer.
TEST(TestHttpClient, NothingIsRepeatedOnAKeptConnectionThatMayNotBe) {
    for (const std::size_t answered : {0U, 10U}) {
        for (const bool with_body : {true, false}) {
            for (const bool idempotent : {true, false}) {
                Reply lost = Reply::json("{}");
                lost.cut_at_answer_byte = answered;
                ScriptedServer server({Reply::json("{}"), lost, Reply::json("{}")});
                Client client({});
                const auto body = body_of("rows");
                Request request = post(server, with_body ? body.get() : nullptr);
                request.idempotent = idempotent;
                EXPECT_EQ(client.perform(request).status, 200);
                if (with_body) {
                    body->rewind();
                }
                const Response response = client.perform(request);
                if (!idempotent) {
                    EXPECT_EQ(response.status, 0);
                    EXPECT_EQ(server.received().size(), 2U) << answered << with_body;
                }
                EXPECT_TRUE(response.request_sent);
            }
        }
    }
}

TEST(TestHttpClient, AnUploadThatBreaksInTheMiddleWasNotSent) {
    Reply reset;
    reset.reset_at_body_byte = 100'000;
    ScriptedServer server({reset});
    Client client({});
    UnsizedBody body(std::string(20'000'000, 'z'));
    const Response response = client.perform(post(server, &body));
    EXPECT_EQ(response.status, 0);
    EXPECT_FALSE(response.request_sent);
    EXPECT_FALSE(server.received().at(0).complete);
}

TEST(TestHttpClient, APartOfAnAnswerIsNoAnswer) {
    // Wherever it is cut, also behind a whole header line.
    for (std::size_t cut = 0; cut < 100; ++cut) {
        Reply part = Reply::json(std::string(1000, ' '));
        part.cut_at_answer_byte = cut < 99 ? cut : 500;
        ScriptedServer server({part});
        Client client({});
        const auto body = body_of("rows");
        const Response response = client.perform(post(server, body.get()));
        EXPECT_EQ(response.status, 0) << cut;
        EXPECT_TRUE(response.request_sent) << cut;
        EXPECT_FALSE(response.failure.empty()) << cut;
    }
}

TEST(TestHttpClient, ARefusalCountsEvenIfItsTextIsCut) {
    Reply half = Reply::json(std::string(1000, 'e'), 400);
    half.cut_at_answer_byte = 500;
    ScriptedServer server({half});
    Client client({});
    Request request;
    request.url = server.url();
    EXPECT_EQ(client.perform(request).status, 400);
}

TEST(TestHttpClient, ChunkedAndCompressedAnswersAreRead) {
    const std::string text = R"({"data":[]})";
    z_stream stream{};
    ASSERT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string packed(200, '\0');
    std::string input = text;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);

    Reply reply = Reply::json(packed);
    reply.headers.emplace_back("Content-Encoding", "gzip");
    reply.chunked = true;
    ScriptedServer server({reply});
    Client client({});
    Request request;
    request.url = server.url();
    EXPECT_EQ(client.perform(request).body, text);
}

TEST(TestHttpClient, ABodyThatFailsLeavesAnIncompleteRequestAndKeepsItsReason) {
    ScriptedServer server({Reply::json("{}")});
    Client client({});
    EndlessBody body(100'000);
    try {
        client.perform(post(server, &body));
        FAIL() << "no exception";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "the source broke");
    }
    ASSERT_TRUE(server.wait_for(1));
    EXPECT_FALSE(server.received().at(0).complete);
    // The broken connection is not used again.
    const auto body2 = body_of("x");
    EXPECT_EQ(client.perform(post(server, body2.get())).status, 200);
    EXPECT_EQ(server.connections(), 2U);
}

class TestHttpClientStops : public ::testing::Test {
protected:
    /// Stops the request when `condition` holds.
    static void expect_stopped(Client& client, Request request, const std::function<void()>& until) {
        std::stop_source stop;
        request.stop = stop.get_token();
        std::jthread stopper([&] {
            until();
            stop.request_stop();
        });
        EXPECT_THROW(client.perform(request), errors::InterruptedError);
    }
};

TEST_F(TestHttpClientStops, WhileItUploads) {
    ScriptedServer server({Reply::json("{}")});
    Client client({});
    EndlessBody body;
    std::atomic<std::uint64_t> sent = 0;
    Request request = post(server, &body);
    request.on_sent = [&](std::uint64_t bytes) { sent = bytes; };
    expect_stopped(client, request, [&] {
        while (sent < 1'000'000) {
            std::this_thread::yield();
        }
    });
    ASSERT_TRUE(server.wait_for(1));
    EXPECT_FALSE(server.received().at(0).complete);
}

TEST_F(TestHttpClientStops, WhileItWaitsForTheAnswer) {
    Reply slow = Reply::json("{}");
    slow.delay = std::chrono::minutes(5);
    ScriptedServer server({slow});
    Client client({});
    const auto body = body_of("rows");
    expect_stopped(client, post(server, body.get()), [&] { ASSERT_TRUE(server.wait_for(1)); });
}

TEST_F(TestHttpClientStops, BeforeItBegins) {
    ScriptedServer server({Reply::json("{}")});
    Client client({});
    std::stop_source stop;
    stop.request_stop();
    Request request;
    request.url = server.url();
    request.stop = stop.get_token();
    EXPECT_THROW(client.perform(request), errors::InterruptedError);
}

TEST(TestHttpClient, ASilentServerIsGivenUp) {
    Reply silent = Reply::json("{}");
    silent.delay = std::chrono::minutes(5);
    ScriptedServer server({silent});
    Client client({.connect = std::chrono::seconds(5), .idle = std::chrono::seconds(1)});
    const auto body = body_of("rows");
    const Response response = client.perform(post(server, body.get()));
    EXPECT_EQ(response.status, 0);
    EXPECT_TRUE(response.request_sent);
}

TEST(TestHttpClient, ASlowReaderGetsAll) {
    Reply reply = Reply::json("{}");
    reply.read_pause = std::chrono::milliseconds(1);
    ScriptedServer server({reply});
    Client client({});
    UnsizedBody body(std::string(2'000'000, 'z'));
    EXPECT_EQ(client.perform(post(server, &body)).status, 200);
    EXPECT_EQ(server.received().at(0).body.size(), 2'000'000U);
}

TEST(TestHttpClient, HeadersWithLineBreaksAreRefused) {
    ScriptedServer server({Reply::json("{}")});
    Client client({});
    Request request;
    request.url = server.url();
    request.headers = {{"X-Tag", "a\r\nX-Injected: 1"}};
    EXPECT_THROW(client.perform(request), errors::InvalidArgument);
    EXPECT_EQ(server.connections(), 0U);
}

TEST(TestHttpClient, ManyThreadsShareIt) {
    ScriptedServer server([](const Received&) {
        Reply reply;
        reply.answer = [](const Received& request) { return Reply::json(request.body); };
        return reply;
    });
    Client client({});
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 25; ++i) {
                const std::string text = std::to_string(thread) + "/" + std::to_string(i);
                const auto body = body_of(text);
                EXPECT_EQ(client.perform(post(server, body.get())).body, text);
            }
        });
    }
}

}  // namespace
}  // namespace tinybird_cdk::http
