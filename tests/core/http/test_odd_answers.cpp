// SPDX-License-Identifier: Apache-2.0
/// Answers that are none, come too early or break their own framing: none of them may pass for a success.
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <tinybird_cdk/errors.hpp>

#include "core/file_descriptor.hpp"
#include "helpers/scripted_server.hpp"
#include "helpers/unsized_body.hpp"
#include "http/client.hpp"
#include "http/gzip.hpp"

namespace tinybird_cdk::http {
namespace {

using testing::Received;
using testing::Reply;
using testing::ScriptedServer;
using ::testing::SizeIs;
using testing::UnsizedBody;

Request post(const std::string& url, Body* body) {
    Request request;
    request.method = "POST";
    request.url = url;
    request.body = body;
    return request;
}

/// Sends these bytes for an answer, then closes.
Reply raw(std::string text) {
    Reply reply;
    reply.raw = std::move(text);
    reply.close_after = true;
    return reply;
}

Response answer_to_small_body(const std::string& text) {
    ScriptedServer server({raw(text)});
    const auto body = body_of("rows");
    return Client({}).perform(post(server.url(), body.get()));
}

TEST(TestOddAnswers, AnInterimAnswerIsNoAnswer) {
    for (const char* text : {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 102 Processing\r\n\r\n",
                             "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"}) {
        const Response small = answer_to_small_body(text);
        EXPECT_EQ(small.status, 0) << text;
        EXPECT_TRUE(small.request_sent) << text;
        EXPECT_FALSE(small.failure.empty()) << text;
    }
    // With a body that asks first, so that the server's 100 is a wanted one.
    Reply silent;
    silent.cut_at_answer_byte = 0;
    ScriptedServer server({silent});
    UnsizedBody body("rows");
    const Response response = Client({}).perform(post(server.url(), &body));
    EXPECT_EQ(response.status, 0);
    EXPECT_TRUE(response.request_sent);
    EXPECT_TRUE(server.received().at(0).complete);
}

TEST(TestOddAnswers, WhatComesBeforeTheAnswerIsNoPartOfIt) {
    const Response response = answer_to_small_body(
        "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Late: 2\r\nContent-Length: 2\r\n\r\n{}");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "{}");
    EXPECT_EQ(response.header("x-early"), std::nullopt);
    EXPECT_EQ(response.header("x-late"), "2");
}

TEST(TestOddAnswers, WhatIsNoHttpIsNoAnswer) {
    for (const char* text : {"SSH-2.0-OpenSSH_9.2\r\n", "<html><body>Welcome</body></html>", "{\"data\":[]}", "HTTP",
                             "HTTP/1.1 \r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/7.3 200 OK\r\n\r\n",
                             "HTTP/1.1 000 Nothing\r\nContent-Length: 0\r\n\r\n", "\r\n\r\n"}) {
        const Response response = answer_to_small_body(text);
        EXPECT_EQ(response.status, 0) << text;
        EXPECT_TRUE(response.request_sent) << text;
        EXPECT_FALSE(response.failure.empty()) << text;
    }
}

TEST(TestOddAnswers, WithoutALengthTheConnectionsEndIsTheAnswersEnd) {
    const Response response = answer_to_small_body("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "{}");
}

TEST(TestOddAnswers, BrokenFramesAreNoAnswer) {
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const char* chunks : {"", "2\r\n{}", "2\r\n{}\r\n", "zz\r\n{}\r\n0\r\n\r\n", "-1\r\n{}\r\n0\r\n\r\n",
                               "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n", "9\r\n{}\r\n0\r\n\r\n"}) {
        const Response response = answer_to_small_body(head + chunks);
        EXPECT_EQ(response.status, 0) << chunks;
        EXPECT_TRUE(response.request_sent) << chunks;
    }
    for (const char* length : {"-5", "99999999999999999999999"}) {
        const std::string line = std::string("HTTP/1.1 200 OK\r\nContent-Length: ") + length + "\r\n\r\n{}";
        const Response response = answer_to_small_body(line);
        // What can't be a length is as good as none, or no answer; never a part of one.
        EXPECT_TRUE(response.status == 0 || response.body == "{}") << length;
    }
}

TEST(TestOddAnswers, BrokenCompressionIsNoAnswer) {
    std::string broken = gzip(R"({"data":[1,2,3]})");
    broken[broken.size() - 6] = static_cast<char>(~broken[broken.size() - 6]);  // in the checksum
    for (const std::string& body : {broken, std::string("{}")}) {
        Reply reply = Reply::json(body);
        reply.headers.emplace_back("Content-Encoding", "gzip");
        ScriptedServer server({reply});
        Request request;
        request.url = server.url();
        EXPECT_EQ(Client({}).perform(request).status, 0);
    }
}

TEST(TestOddAnswers, AGoodAnswerBeforeTheBodyWasReadIsNone) {
    Reply early = Reply::json("{}");
    early.early = true;
    early.withhold_continue = true;
    ScriptedServer server({early, Reply::json("{}")});
    Client client({});
    // Too large for the socket's buffers: the server can't have had all of it.
    const std::string bytes(30'000'000, 'z');
    UnsizedBody body(bytes);
    const Response response = client.perform(post(server.url(), &body));
    EXPECT_EQ(response.status, 0);
    EXPECT_FALSE(response.request_sent);
    EXPECT_FALSE(response.failure.empty());
    body.rewind();
    EXPECT_EQ(client.perform(post(server.url(), &body)).status, 200);
    EXPECT_EQ(server.received().back().body.size(), bytes.size());
    EXPECT_EQ(server.connections(), 2U) << "a connection that stands in the middle of a body is not used again";
}

TEST(TestOddAnswers, AnEarlyRedirectAndAnEarlyRefusalAreAnswers) {
    for (const int status : {307, 400, 401, 403, 413, 429, 503}) {
        Reply early = Reply::json("{}", status);
        early.early = true;
        ScriptedServer server({early});
        UnsizedBody body(std::string(30'000'000, 'z'));
        EXPECT_EQ(Client({}).perform(post(server.url(), &body)).status, status);
    }
}

TEST(TestOddAnswers, AnEarlyAnswerOnAConnectionThatStaysOpenLeavesNoRestOfTheBodyBehind) {
    // The server goes on reading the first body as if it were the next request.
    for (const int status : {200, 307, 403}) {
        Reply early = Reply::json("{}", status);
        early.early = true;
        early.withhold_continue = true;
        early.reads_on = true;
        ScriptedServer server({early, Reply::json("{}")});
        Client client({});
        UnsizedBody body(std::string(30'000'000, 'z'));
        EXPECT_EQ(client.perform(post(server.url(), &body)).status, status == 200 ? 0 : status);
        const auto next = body_of("rows");
        EXPECT_EQ(client.perform(post(server.url(), next.get())).status, 200) << status;
        EXPECT_EQ(server.received().back().body, "rows") << status;
    }
}

TEST(TestOddAnswers, AServerThatKnowsNoExpectationsGetsTheBodyWithoutOne) {
    ScriptedServer server([](const Received& request) {
        if (!request.header("expect")) {
            return Reply::json("{}");
        }
        Reply refusal = Reply::json("no such thing", 417);
        refusal.early = true;
        return refusal;
    });
    UnsizedBody body("rows");
    const Response response = Client({}).perform(post(server.url(), &body));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "{}");
    EXPECT_EQ(server.received().back().body, "rows");
}

TEST(TestUnsent, AnEmptyBodyWithoutAConnectionWasNotSent) {
    const auto body = body_of("");
    const Response response =
        Client({}).perform(post("http://127.0.0.1:" + std::to_string(testing::closed_port()), body.get()));
    EXPECT_EQ(response.status, 0);
    EXPECT_FALSE(response.request_sent);

    Reply lost;
    lost.cut_at_answer_byte = 0;
    ScriptedServer server({lost});
    EXPECT_TRUE(Client({}).perform(post(server.url(), body.get())).request_sent);
}

/// Rows of a slow query: the connection is idle for want of data, which is no fault of the network.
class SlowBody final : public Body {
public:
    explicit SlowBody(std::chrono::milliseconds pause) : pause_(pause) {}
    std::size_t read(std::span<char> into) override {
        if (given_ == 2) {
            return 0;
        }
        std::this_thread::sleep_for(pause_);
        ++given_;
        into[0] = 'x';
        return 1;
    }
    bool rewind() override { return false; }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }

private:
    const std::chrono::milliseconds pause_;
    int given_ = 0;
};

TEST(TestUnsent, ASlowSourceIsNoSilentServer) {
    ScriptedServer server({Reply::json("{}")});
    SlowBody body(std::chrono::milliseconds(2400));
    const Response response = Client({.connect = std::chrono::seconds(5), .idle = std::chrono::seconds(2)})
                                  .perform(post(server.url(), &body));
    EXPECT_EQ(response.status, 200) << response.failure;
    EXPECT_EQ(server.received().at(0).body, "xx");
}

/// A port whose connections are never made: nobody accepts, and the queue of those who wait is full.
class FullPort {
public:
    FullPort() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const plain = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(listener_.get(), plain, size), 0);
        EXPECT_EQ(::getsockname(listener_.get(), plain, &size), 0);
        EXPECT_EQ(::listen(listener_.get(), 0), 0);
        port_ = ntohs(address.sin_port);
        for (int i = 0; i < 4; ++i) {
            waiting_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
            ::connect(waiting_.back().get(), plain, size);
        }
    }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    /// How many connections to it have asked and got no answer (state SYN_SENT in proc(5), net/tcp).
    [[nodiscard]] std::size_t connecting() const {
        std::ifstream table("/proc/net/tcp");
        const std::string wanted = fmt::format(":{:04X} 02 ", port_);
        std::size_t count = 0;
        for (std::string line; std::getline(table, line);) {
            count += line.find(wanted) == std::string::npos ? 0U : 1U;
        }
        return count;
    }

private:
    core::FileDescriptor listener_;
    std::vector<core::FileDescriptor> waiting_;
    std::uint16_t port_ = 0;
};

TEST(TestUnsent, AConnectionThatIsNeverMadeIsGivenUp) {
    const FullPort port;
    const auto body = body_of("rows");
    const Response response = Client({.connect = std::chrono::milliseconds(200)}).perform(post(port.url(), body.get()));
    EXPECT_EQ(response.status, 0);
    EXPECT_FALSE(response.request_sent);
}

TEST(TestUnsent, AStopEndsTheConnecting) {
    const FullPort port;
    const std::size_t before = port.connecting();
    std::stop_source stop;
    Request request;
    request.url = port.url();
    request.stop = stop.get_token();
    std::jthread stopper([&] {
        while (port.connecting() == before) {
            std::this_thread::yield();
        }
        stop.request_stop();
    });
    Client client({.connect = std::chrono::hours(1)});
    EXPECT_THROW(client.perform(request), errors::InterruptedError);
}

}  // namespace
}  // namespace tinybird_cdk::http
