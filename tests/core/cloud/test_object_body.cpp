// SPDX-License-Identifier: Apache-2.0
/// Objects that are read over connections that break.
#include <charconv>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/object_body.hpp"
#include "helpers/fake_clock.hpp"
#include "helpers/scripted_server.hpp"

namespace tinybird_cdk::cloud {
namespace {

using ::testing::HasSubstr;
using tinybird_cdk::testing::FakeClock;
using tinybird_cdk::testing::Received;
using tinybird_cdk::testing::Reply;
using tinybird_cdk::testing::ScriptedServer;

std::string content() {
    std::string text;
    for (int i = 0; text.size() < 3'000'000; ++i) {
        text += std::to_string(i) + ",";
    }
    return text;
}

/// The object from the byte on that the request asks for, as stores answer (RFC 9110 §14).
Reply part_of(const std::string& object, const Received& request, const std::string& etag = "\"1\"") {
    Reply reply;
    std::size_t from = 0;
    if (const auto range = request.header("range")) {
        std::from_chars(range->data() + 6, range->data() + range->size(), from);
        reply.status = 206;
    }
    if (const auto wanted = request.header("if-match"); wanted && *wanted != etag) {
        reply.status = 412;
        return reply;
    }
    reply.body = object.substr(from);
    reply.headers = {{"ETag", etag}};
    return reply;
}

ObjectSource source_of(const ScriptedServer& server) {
    ObjectSource source;
    source.service = "store";
    source.uri = "store://b/k";
    source.make = [url = server.url() + "/b/k"](std::uint64_t offset, const std::string& etag) {
        http::Request request;
        request.url = url;
        if (offset > 0) {
            request.headers.emplace_back("Range", "bytes=" + std::to_string(offset) + "-");
        }
        if (!etag.empty()) {
            request.headers.emplace_back("If-Match", etag);
        }
        return request;
    };
    source.refuse = [](const http::Response& answer) {
        throw errors::ExternalDatasourceError("refused: " + answer.body, std::to_string(answer.status));
    };
    return source;
}

std::string all_of(Body& body) {
    std::string text;
    std::string block(70'000, '\0');
    while (const std::size_t count = body.read(block)) {
        text.append(block, 0, count);
    }
    return text;
}

Transport transport_with(std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>()) {
    ClientOptions options;
    options.clock = std::move(clock);
    options.jitter = [] { return 0.0; };
    return Transport(options);
}

TEST(TestObjectBody, GivesTheObjectAndItsSizeAndAgain) {
    const std::string object = content();
    const ScriptedServer server([&](const Received& request) { return part_of(object, request); });
    Transport transport = transport_with();
    const auto body = object_body(transport, source_of(server), {});
    EXPECT_EQ(body->size(), object.size());
    EXPECT_TRUE(all_of(*body) == object);
    EXPECT_TRUE(body->rewind());
    EXPECT_TRUE(all_of(*body) == object);
}

TEST(TestObjectBody, AnEmptyObjectIsEmpty) {
    const ScriptedServer server([&](const Received& request) { return part_of("", request); });
    Transport transport = transport_with();
    const auto body = object_body(transport, source_of(server), {});
    EXPECT_EQ(body->size(), 0U);
    EXPECT_EQ(all_of(*body), "");
}

TEST(TestObjectBody, GoesOnWhereItBrokeOff) {
    const std::string object = content();
    int tries = 0;
    const ScriptedServer server([&](const Received& request) {
        Reply reply = part_of(object, request);
        if (++tries <= 3) {
            reply.cut_at_answer_byte = 700'000;
            reply.reset = tries == 2;
        }
        return reply;
    });
    Transport transport = transport_with();
    const auto body = object_body(transport, source_of(server), {});
    EXPECT_TRUE(all_of(*body) == object);
    EXPECT_EQ(tries, 4);
}

TEST(TestObjectBody, AnObjectThatWasChangedMeanwhileIsNotMixed) {
    const std::string object = content();
    int tries = 0;
    const ScriptedServer server([&](const Received& request) {
        Reply reply = part_of(object, request, ++tries == 1 ? "\"1\"" : "\"2\"");
        reply.cut_at_answer_byte = 700'000;
        return reply;
    });
    Transport transport = transport_with();
    const auto body = object_body(transport, source_of(server), {});
    try {
        all_of(*body);
        FAIL() << "a mixture was given";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("store://b/k was changed"));
        EXPECT_TRUE(error.retryable());
    }
}

TEST(TestObjectBody, GivesUpWhenNothingComesAnyMore) {
    const std::string object = content();
    const ScriptedServer server([&](const Received& request) {
        Reply reply = part_of(object, request);
        reply.cut_at_answer_byte = request.header("range") ? 40 : 700'000;
        return reply;
    });
    Transport transport = transport_with();
    const auto body = object_body(transport, source_of(server), {});
    EXPECT_THROW(all_of(*body), errors::ExternalDatasourceError);
}

TEST(TestObjectBody, ARefusalHasTheServersWords) {
    const ScriptedServer server([](const Received&) {
        Reply reply;
        reply.status = 403;
        reply.body = "no entry";
        return reply;
    });
    Transport transport = transport_with();
    try {
        object_body(transport, source_of(server), {});
        FAIL() << "it was let in";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("no entry"));
    }
}

TEST(TestObjectBody, ServerErrorsAreTriedAgain) {
    const auto clock = std::make_shared<FakeClock>();
    int tries = 0;
    const ScriptedServer server([&](const Received& request) {
        Reply reply = part_of("text", request);
        reply.status = ++tries < 3 ? 503 : reply.status;
        return reply;
    });
    Transport transport = transport_with(clock);
    EXPECT_EQ(all_of(*object_body(transport, source_of(server), {})), "text");
    EXPECT_EQ(clock->sleeps().size(), 2U);
}

TEST(TestObjectBody, AStopEndsIt) {
    const std::string object = content();
    const ScriptedServer server([&](const Received& request) { return part_of(object, request); });
    Transport transport = transport_with();
    std::stop_source stop;
    const auto body = object_body(transport, source_of(server), stop.get_token());
    std::string block(1000, '\0');
    EXPECT_GT(body->read(block), 0U);
    stop.request_stop();
    EXPECT_THROW(all_of(*body), errors::InterruptedError);
}

TEST(TestTransport, NobodyThereIsSaid) {
    Transport transport = transport_with();
    const std::string url =
        "http://127.0.0.1:" + std::to_string(tinybird_cdk::testing::closed_port()) + "/b?sig=secret1";
    const auto make = [&] {
        http::Request request;
        request.url = url;
        return request;
    };
    try {
        transport.send(make, "store", {});
        FAIL() << "there was an answer";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_TRUE(error.retryable());
        EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("secret1")));
    }
}

}  // namespace
}  // namespace tinybird_cdk::cloud
