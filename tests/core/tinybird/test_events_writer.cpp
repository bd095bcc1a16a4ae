// SPDX-License-Identifier: Apache-2.0
/// Batches of events: what is sent, what is tried again, what becomes of bad ones, and that the counts are exact.
#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/events.hpp>

#include "helpers/scripted_tinybird.hpp"

namespace tinybird_cdk::tinybird {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Received;
using testing::Reply;
using testing::ScriptedTinybird;
using ::testing::SizeIs;

/// Only flush() and close() seal batches, but for their size.
EventsOptions patient() {
    EventsOptions options;
    options.batch_age = std::chrono::hours(1);
    options.requests_in_flight = 1;
    return options;
}

std::vector<std::string> lines_of(const std::string& body) {
    std::vector<std::string> lines;
    std::istringstream stream(body);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

Reply accepted(int status = 200) {
    Reply reply;
    reply.answer = [status](const Received& request) {
        return Reply::json(
            R"({"successful_rows":)" + std::to_string(lines_of(request.body).size()) + R"(,"quarantined_rows":0})",
            status);
    };
    return reply;
}

/// Takes all but events with "bad" in them.
Reply picky(int status = 400) {
    Reply reply;
    reply.answer = [status](const Received& request) {
        return request.body.find("bad") == std::string::npos ? accepted().answer(request)
                                                             : Reply::json(R"({"error":"bad event"})", status);
    };
    return reply;
}

TEST(TestEventsWriter, SendsBatchesBySizeAndAtTheEnd) {
    ScriptedTinybird tinybird({accepted()});
    Client client = tinybird.client();
    EventsOptions options = patient();
    options.batch_events = 2;
    EventsWriter writer(client, "clicks", options);
    for (const char* event : {R"({"n":1})", " {\"n\":\n2} \n", R"({"n":3})"}) {
        writer.append(event);
    }
    const EventsSummary summary = writer.close();
    EXPECT_EQ(summary.appended, 3U);
    EXPECT_EQ(summary.acknowledged, 3U);
    EXPECT_EQ(summary.pending, 0U);
    EXPECT_EQ(summary.requests, 2U);
    const auto received = tinybird.server.received();
    ASSERT_THAT(received, SizeIs(2));
    EXPECT_EQ(received[0].target, "/v0/events?name=clicks&wait=true");
    EXPECT_EQ(received[0].body, "{\"n\":1}\n{\"n\": 2}\n");
    EXPECT_EQ(received[1].body, "{\"n\":3}\n");
    EXPECT_THROW(writer.append("{}"), errors::Error);
    EXPECT_EQ(writer.close().acknowledged, 3U);
}

TEST(TestEventsWriter, SendsBatchesByAge) {
    ScriptedTinybird tinybird({accepted(202)});
    Client client = tinybird.client();
    EventsOptions options;
    options.batch_age = std::chrono::milliseconds(1);
    options.wait = false;
    EventsWriter writer(client, "clicks", options);
    writer.append("{}");
    ASSERT_TRUE(tinybird.server.wait_for(1));
    EXPECT_EQ(tinybird.server.received().at(0).target, "/v0/events?name=clicks");
    EXPECT_EQ(writer.close().acknowledged, 1U);
}

TEST(TestEventsWriter, TriesAgainWhatMayBeTriedAgain) {
    for (const int status : {429, 500, 502, 503, 504}) {
        ScriptedTinybird tinybird({Reply::json(R"({"error":"busy"})", status), accepted()});
        Client client = tinybird.client();
        EventsWriter writer(client, "clicks", patient());
        writer.append("{}");
        EXPECT_EQ(writer.close().acknowledged, 1U) << status;
        EXPECT_EQ(writer.summary().requests, 2U) << status;
    }
}

TEST(TestEventsWriter, OnlyWhatTinybirdCountsIsAcknowledged) {
    for (const char* answer : {"<html>Log in</html>", "", R"({"successful_rows":1,"quarantined_rows":0})"}) {
        ScriptedTinybird tinybird({Reply::json(answer)});
        Client client = tinybird.client();
        EventsOptions options = patient();
        std::size_t in_doubt = 0;
        options.on_rejected = [&](const RejectedEvent& event) { in_doubt += event.in_doubt ? 1 : 0; };
        EventsWriter writer(client, "clicks", options);
        writer.append("{}");
        writer.append("{}");
        const EventsSummary summary = writer.close();
        EXPECT_EQ(summary.acknowledged, 0U) << answer;
        EXPECT_EQ(summary.in_doubt, 2U) << answer;
        EXPECT_EQ(in_doubt, 2U) << answer;
        EXPECT_THAT(tinybird.server.received(), SizeIs(1)) << answer;
    }
}

TEST(TestEventsWriter, FindsTheBadEventOfARefusedBatch) {
    ScriptedTinybird tinybird([](const Received&) { return picky(); });
    Client client = tinybird.client();
    EventsOptions options = patient();
    std::vector<std::string> rejected;
    options.on_rejected = [&](const RejectedEvent& event) {
        rejected.push_back(std::string(event.event) + " " + std::string(event.reason));
        EXPECT_FALSE(event.in_doubt);
    };
    EventsWriter writer(client, "clicks", options);
    for (int i = 0; i < 100; ++i) {
        writer.append(i == 17 || i == 63 ? R"({"bad":)" + std::to_string(i) + "}" : R"({"n":1})");
    }
    const EventsSummary summary = writer.close();
    EXPECT_EQ(summary.acknowledged, 98U);
    EXPECT_EQ(summary.rejected, 2U);
    EXPECT_THAT(rejected, ElementsAre(R"({"bad":17} 400: bad event)", R"({"bad":63} 400: bad event)"));
    // Nobody is sent twice after being taken.
    std::size_t taken = 0;
    for (const Received& request : tinybird.server.received()) {
        taken += request.body.find("bad") == std::string::npos ? lines_of(request.body).size() : 0;
    }
    EXPECT_EQ(taken, 98U);
}

TEST(TestEventsWriter, RejectedEventsGoToTheDeadLetterFile) {
    ScriptedTinybird tinybird([](const Received&) { return picky(413); });
    Client client = tinybird.client();
    EventsOptions options = patient();
    options.dead_letter_file = std::filesystem::path(::testing::TempDir()) / "dead_letters.ndjson";
    std::filesystem::remove(options.dead_letter_file);
    {
        EventsWriter writer(client, "clicks", options);
        writer.append(R"({"bad":"\"quoted\""})");
        writer.append(R"({"n":1})");
        EXPECT_EQ(writer.close().rejected, 1U);
    }
    std::ifstream file(options.dead_letter_file);
    std::string line;
    std::getline(file, line);
    const Value record = Value::from_json(line);
    EXPECT_EQ(record.at("event").to_text(), R"({"bad":"\"quoted\""})");
    EXPECT_EQ(record.at("reason").to_text(), "413: bad event");
    std::filesystem::remove(options.dead_letter_file);
}

TEST(TestEventsWriter, RejectedEventsThatNobodyTakesAreAnError) {
    ScriptedTinybird tinybird([](const Received&) { return picky(); });
    Client client = tinybird.client();
    EventsWriter writer(client, "clicks", patient());
    writer.append(R"({"bad":1})");
    writer.append(R"({"n":1})");
    try {
        writer.flush();
        FAIL() << "no exception";
    } catch (const errors::TinybirdClientError& error) {
        EXPECT_THAT(error.what(),
                    HasSubstr("1 rejected, 0 in doubt, 1 acknowledged. The first reason: 400: bad event"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
    }
    // Told once; the writer goes on.
    writer.append(R"({"n":2})");
    EXPECT_EQ(writer.close().acknowledged, 2U);
}

TEST(TestEventsWriter, ARefusalOfEverythingEndsTheWriterSoon) {
    ScriptedTinybird tinybird({Reply::json(R"({"error":"no name"})", 400)});
    Client client = tinybird.client();
    EventsOptions options = patient();
    std::size_t handed_over = 0;
    options.on_rejected = [&](const RejectedEvent&) { ++handed_over; };
    EventsWriter writer(client, "clicks", options);
    for (int i = 0; i < 5000; ++i) {
        writer.append("{}");
    }
    EXPECT_THROW(writer.flush(), errors::HTTPError);
    const EventsSummary summary = writer.summary();
    EXPECT_EQ(summary.acknowledged, 0U);
    EXPECT_EQ(summary.rejected + summary.undelivered, 5000U);
    EXPECT_EQ(handed_over, 5000U);
    EXPECT_LT(tinybird.server.received().size(), 100U);
}

TEST(TestEventsWriter, ABadTokenEndsTheWriter) {
    for (const int status : {401, 403, 404}) {
        ScriptedTinybird tinybird({Reply::json(R"({"error":"no"})", status)});
        Client client = tinybird.client();
        EventsWriter writer(client, "clicks", patient());
        writer.append("{}");
        EXPECT_THROW(writer.flush(), errors::HTTPError) << status;
        EXPECT_THROW(writer.append("{}"), errors::HTTPError) << status;
        EXPECT_EQ(writer.summary().undelivered, 1U);
        EXPECT_THAT(tinybird.server.received(), SizeIs(1));
    }
}

TEST(TestEventsWriter, ALostAnswerLeavesEventsInDoubt) {
    Reply lost;
    lost.cut_at_answer_byte = 0;
    // 202 to wait=true says that they are taken, not that they are stored.
    for (const Reply& reply : {lost, Reply::json(R"({"error":"a view failed"})", 422), Reply::json("{}", 202)}) {
        ScriptedTinybird tinybird({reply, accepted()});
        Client client = tinybird.client();
        EventsOptions options = patient();
        std::vector<bool> in_doubt;
        options.on_rejected = [&](const RejectedEvent& event) { in_doubt.push_back(event.in_doubt); };
        EventsWriter writer(client, "clicks", options);
        writer.append("{\"n\":1}");
        writer.append("{\"n\":2}");
        EXPECT_EQ(writer.flush().in_doubt, 2U);
        writer.append("{\"n\":3}");
        EXPECT_EQ(writer.close().acknowledged, 1U);
        EXPECT_THAT(in_doubt, ElementsAre(true, true));
        EXPECT_THAT(tinybird.server.received(), SizeIs(2));
    }
}

TEST(TestEventsWriter, BodiesBeyondTheLimitAreSplitBeforeTheyAreSent) {
    testing::ScriptedServer server({accepted()});
    auto configuration = testing::configuration_for(server.url());
    configuration.limits.event_request_bytes = 100;
    Client client(configuration);
    EventsWriter writer(client, "clicks", patient());
    const std::string event = R"({"text":")" + std::string(40, 'x') + "\"}";
    for (int i = 0; i < 10; ++i) {
        writer.append(event);
    }
    EXPECT_THROW(writer.append(std::string(100, 'x')), errors::InvalidArgument);
    EXPECT_EQ(writer.close().acknowledged, 10U);
    for (const Received& request : server.received()) {
        EXPECT_LE(request.body.size(), 100U);
    }
}

TEST(TestEventsWriter, CompressesWhenAsked) {
    ScriptedTinybird tinybird({Reply::json("{}")});
    Client client = tinybird.client();
    EventsOptions options = patient();
    options.compression = Compression::gzip;
    EventsWriter writer(client, "clicks", options);
    for (int i = 0; i < 1000; ++i) {
        writer.append(R"({"text":"the same again"})");
    }
    EXPECT_EQ(writer.close().acknowledged, 1000U);
    const Received request = tinybird.server.received().at(0);
    EXPECT_EQ(request.header("content-encoding"), "gzip");
    EXPECT_LT(request.body.size(), 1000U);
    EXPECT_EQ(writer.summary().bytes_sent, request.body.size());
}

TEST(TestEventsWriter, MemoryIsBoundedAndAStopEndsTheWait) {
    Reply slow = accepted();
    slow.answer = [](const Received&) {
        Reply reply = Reply::json("{}");
        reply.delay = std::chrono::hours(1);
        return reply;
    };
    ScriptedTinybird tinybird({slow});
    Client client = tinybird.client();
    std::stop_source stop;
    EventsOptions options = patient();
    options.batch_bytes = 1000;
    options.buffer_bytes = 10'000;
    options.stop = stop.get_token();
    std::atomic<int> taken = 0;
    EventsWriter writer(client, "clicks", options);
    std::jthread stopper([&] {
        ASSERT_TRUE(tinybird.server.wait_for(1));
        while (taken < 99) {
            std::this_thread::yield();
        }
        stop.request_stop();
    });
    const std::string event = R"({"t":")" + std::string(92, 'x') + "\"}";
    EXPECT_THROW(
        {
            while (true) {
                writer.append(event);
                ++taken;
            }
        },
        errors::InterruptedError);
    EXPECT_EQ(taken, 99);
    EXPECT_THROW(writer.close(), errors::InterruptedError);
    const EventsSummary summary = writer.summary();
    EXPECT_EQ(summary.in_doubt + summary.undelivered, summary.appended);
}

TEST(TestEventsWriter, OddOptionsAreRefused) {
    ScriptedTinybird tinybird({accepted()});
    Client client = tinybird.client();
    EXPECT_THROW(EventsWriter(client, "x", {.batch_events = 0}), errors::InvalidArgument);
    EXPECT_THROW(EventsWriter(client, "x", {.batch_bytes = 2000, .buffer_bytes = 1000}), errors::InvalidArgument);
    EXPECT_THROW(EventsWriter(client, "x", {.dead_letter_file = "/no/such/folder/file"}), errors::InvalidArgument);
    EventsWriter writer(client, "x");
    EXPECT_THROW(writer.append(" \n"), errors::InvalidArgument);
}

/// Under faults of every kind, from several threads: each event is in exactly as often as the summary says.
TEST(TestEventsWriterStorm, CountsAgreeWithWhatTheServerTook) {
    std::mutex mutex;
    std::multiset<std::string> stored;
    std::multiset<std::string> doubtful;
    std::atomic<unsigned> number = 0;
    ScriptedTinybird tinybird([&](const Received&) {
        const unsigned kind = (number++ * 7919U) % 23U;
        Reply reply;
        if (kind < 2) {
            reply.reset_at_body_byte = kind * 5;
            return reply;
        }
        reply.answer = [&, kind](const Received& request) {
            const std::vector<std::string> lines = lines_of(request.body);
            if (kind < 8) {
                constexpr int statuses[] = {429, 500, 503, 504, 408, 502};
                return Reply::json(R"({"error":"scripted"})", statuses[kind - 2]);
            }
            if (request.body.find("bad") != std::string::npos) {
                return Reply::json(R"({"error":"bad event"})", 400);
            }
            const std::lock_guard lock(mutex);
            if (kind == 8) {
                // Stored, but the answer is lost.
                doubtful.insert(lines.begin(), lines.end());
                Reply lost = Reply::json("{}");
                lost.cut_at_answer_byte = 10;
                return lost;
            }
            stored.insert(lines.begin(), lines.end());
            return accepted().answer(request);
        };
        return reply;
    });
    Client client = tinybird.client({.retry = {.timeout_attempts = 1000, .server_error_attempts = 1000}});
    EventsOptions options;
    options.batch_events = 20;
    options.batch_age = std::chrono::milliseconds(5);
    std::multiset<std::string> rejected;
    std::multiset<std::string> told_in_doubt;
    options.on_rejected = [&](const RejectedEvent& event) {
        (event.in_doubt ? told_in_doubt : rejected).emplace(event.event);
    };
    EventsSummary summary;
    {
        EventsWriter writer(client, "clicks", options);
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread) {
            threads.emplace_back([&writer, thread] {
                for (int i = 0; i < 2500; ++i) {
                    writer.append(fmt::format(R"({{"id":"{}-{}"{}}})", thread, i, i % 400 == 7 ? R"(,"bad":1)" : ""));
                }
            });
        }
        threads.clear();
        summary = writer.close();
    }
    const std::lock_guard lock(mutex);
    EXPECT_EQ(summary.appended, 10'000U);
    EXPECT_EQ(summary.pending, 0U);
    EXPECT_EQ(summary.undelivered, 0U);
    EXPECT_EQ(summary.acknowledged, stored.size());
    EXPECT_EQ(summary.rejected, rejected.size());
    EXPECT_EQ(summary.in_doubt, told_in_doubt.size());
    EXPECT_EQ(stored.size() + rejected.size() + told_in_doubt.size(), 10'000U);
    const std::set<std::string> once(stored.begin(), stored.end());
    EXPECT_EQ(once.size(), stored.size()) << "an event is in twice";
    for (const std::string& event : doubtful) {
        EXPECT_EQ(stored.count(event), 0U) << event;
        EXPECT_EQ(told_in_doubt.count(event), 1U) << event;
    }
}

}  // namespace
}  // namespace tinybird_cdk::tinybird
