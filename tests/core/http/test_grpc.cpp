// SPDX-License-Identifier: Apache-2.0
// gRPC's frames and statuses. Calls of a real server are in tests/connectors/sql/bigquery/test_streams.cpp.
#include <tinybird_cdk/grpc.hpp>

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>

#include "helpers/fake_clock.hpp"
#include "helpers/scripted_server.hpp"
#include "http/grpc_frames.hpp"
#include "http/grpc_status.hpp"

namespace tinybird_cdk {
namespace {

using http::GrpcFrames;
using ::testing::ElementsAre;
using testing::FakeClock;
using ::testing::HasSubstr;
using testing::Reply;
using testing::ScriptedServer;

struct Read {
    std::vector<std::string> messages;
    std::vector<std::size_t> admitted;
    bool truncated = false;
};

/// @param piece bytes that come at once
Read read(std::string_view bytes, std::size_t piece, std::size_t largest = 1000) {
    GrpcFrames frames(largest);
    Read result;
    const auto more = [&] {
        const std::string_view next = bytes.substr(0, piece);
        bytes.remove_prefix(next.size());
        return next;
    };
    while (auto message = frames.next(more, [&](std::size_t size) { result.admitted.push_back(size); })) {
        result.messages.push_back(std::move(*message));
    }
    result.truncated = frames.truncated();
    return result;
}

const std::string three = http::grpc_frame("one") + http::grpc_frame("") + http::grpc_frame(std::string(300, 'x'));

TEST(TestGrpcFrames, ArePutTogetherFromPiecesOfAnySize) {
    for (std::size_t piece = 1; piece <= three.size(); ++piece) {
        const Read result = read(three, piece);
        EXPECT_THAT(result.messages, ElementsAre("one", "", std::string(300, 'x')));
        EXPECT_THAT(result.admitted, ElementsAre(3U, 0U, 300U));
        EXPECT_FALSE(result.truncated);
    }
}

TEST(TestGrpcFrames, AreCutOffAnywhereButBetweenTwo) {
    for (std::size_t size = 0; size < three.size(); ++size) {
        const bool between = size == 0 || size == 8 || size == 13;
        EXPECT_EQ(read(std::string_view(three).substr(0, size), 7).truncated, !between) << size;
    }
}

TEST(TestGrpcFrames, HaveALimitThatIsLookedAtBeforeMemoryIsTaken) {
    EXPECT_EQ(read(http::grpc_frame(std::string(10, 'x')), 100, 10).messages.size(), 1U);
    // Of four gigabytes, of which none came.
    EXPECT_THROW(read(std::string("\0\xff\xff\xff\xff", 5), 5, 1000), errors::Error);
}

TEST(TestGrpcFrames, MustNotBeCompressed) {
    EXPECT_THROW(read(std::string("\1\0\0\0\1x", 6), 6), errors::Error);
    EXPECT_THROW(read("HTTP/1.1 400", 12), errors::Error);
}

http::GrpcStatus status_of(int status, std::vector<std::pair<std::string, std::string>> headers,
                           const std::string& failure = {}) {
    http::Response response;
    response.status = status;
    response.headers = std::move(headers);
    response.failure = failure;
    return http::grpc_status_of(response);
}

TEST(TestGrpcStatus, IsThatOfTheTrailers) {
    const http::GrpcStatus status = status_of(200, {{"grpc-status", "7"}, {"grpc-message", "100%25 caf%C3%A9 %zz %"}});
    EXPECT_EQ(status.name, "PERMISSION_DENIED");
    EXPECT_EQ(status.message, "100% café %zz %");
    EXPECT_FALSE(status.retryable);
    EXPECT_EQ(status_of(200, {{"grpc-status", "0"}}).name, "OK");
    EXPECT_EQ(status_of(200, {{"grpc-status", "99"}}).name, "UNKNOWN");
    EXPECT_EQ(status_of(200, {{"grpc-status", "0x"}}).name, "UNKNOWN");
    EXPECT_FALSE(status_of(200, {{"grpc-status", "2"}, {"grpc-message", "whatever"}}).retryable);
    EXPECT_TRUE(status_of(200, {{"grpc-status", "2"}, {"grpc-message", "Stream removed"}}).retryable);
    EXPECT_TRUE(status_of(200, {{"grpc-status", "0"}, {"grpc-status", "14"}}).retryable);
}

TEST(TestGrpcStatus, IsWhatHttpSaysWithoutTrailers) {
    EXPECT_EQ(status_of(403, {}).name, "PERMISSION_DENIED");
    EXPECT_EQ(status_of(404, {}).name, "UNIMPLEMENTED");
    EXPECT_TRUE(status_of(503, {}).retryable);
    // All is well only when the server says so.
    EXPECT_EQ(status_of(200, {}).name, "UNAVAILABLE");
    EXPECT_EQ(status_of(0, {}, "reset").message, "reset");
}

TEST(TestGrpcClient, TriesAgainAndSaysWhyItGaveUp) {
    // It speaks HTTP/1.1 only.
    const ScriptedServer server({Reply::json("{}"), Reply::json("{}"), Reply::json("{}")});
    const auto clock = std::make_shared<FakeClock>();
    cloud::ClientOptions options;
    options.retry.server_error_attempts = 2;
    options.clock = clock;
    options.jitter = [] { return 0.0; };
    grpc::Client client("Warehouse", server.url(), options);
    try {
        client.unary({.method = "/a.Service/Get"});
        FAIL() << "there is no gRPC";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("Warehouse: Get: "));
        EXPECT_EQ(error.sqlstate(), "UNAVAILABLE");
        EXPECT_TRUE(error.retryable());
    }
    EXPECT_EQ(clock->sleeps().size(), 2U);
}

TEST(TestGrpcClient, AStopEndsACall) {
    std::stop_source stop;
    stop.request_stop();
    grpc::Client client("Warehouse", "http://127.0.0.1:9");
    EXPECT_THROW(client.unary({.method = "/a.Service/Get", .stop = stop.get_token()}), errors::InterruptedError);
}

}  // namespace
}  // namespace tinybird_cdk
