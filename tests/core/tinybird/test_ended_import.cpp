// SPDX-License-Identifier: Apache-2.0
/// Imports by URL that are stopped, or whose fate can't be seen: their jobs are ended before anybody deletes what they
/// fetch, and the error says what is known of their rows.
#include <chrono>
#include <functional>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "helpers/scripted_tinybird.hpp"

namespace tinybird_cdk::tinybird {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Received;
using testing::Reply;
using testing::ScriptedTinybird;

constexpr const char* url = "https://example.org/unload/x.csv?signature=s";

const Reply taken = Reply::json(R"({"id":"j","status":"waiting"})");
const Reply refused = Reply::json(R"({"error":"Job is not in a cancellable status"})", 400);

Reply job(const std::string& status, const std::string& more = {}) {
    return Reply::json(R"({"id":"j","kind":"import","status":")" + status + "\"" + more + "}");
}

std::string lines(int count) {
    return R"(,"blocks":[{"process_return":[{"lines":)" + std::to_string(count) + "}]}]";
}

/// Requests without what they ask for.
std::vector<std::string> asked(const ScriptedTinybird& tinybird) {
    std::vector<std::string> requests;
    for (const Received& request : tinybird.server.received()) {
        requests.push_back(request.method + " " + request.path());
    }
    return requests;
}

/// Stops an append when its job is first looked at. @return what is said
std::string stopped(ScriptedTinybird& tinybird) {
    std::stop_source stop;
    try {
        tinybird.client().append_url(url, "t",
                                     {.stop = stop.get_token(), .on_job = [&](const Job&) { stop.request_stop(); }});
    } catch (const errors::InterruptedError& error) {
        EXPECT_EQ(error.exit_code(), errors::ExitCode::interrupted);
        return error.what();
    }
    return "it was not stopped";
}

TEST(TestEndedImport, AStopCancelsTheJobAndWaitsForItsEnd) {
    ScriptedTinybird tinybird({taken, job("waiting"), job("cancelling"), job("cancelling"), job("cancelled")});
    EXPECT_THAT(stopped(tinybird), HasSubstr("job j is cancelled, and no row of it is in"));
    EXPECT_THAT(asked(tinybird), ElementsAre("POST /v1/datasources/t/append", "GET /v0/jobs/j",
                                             "POST /v0/jobs/j/cancel", "GET /v0/jobs/j", "GET /v0/jobs/j"));
}

TEST(TestEndedImport, WhatCantBeCancelledIsWaitedFor) {
    ScriptedTinybird done({taken, job("working"), refused, job("working"), job("done", lines(4))});
    EXPECT_THAT(stopped(done), HasSubstr("its 4 rows are in"));
    ScriptedTinybird failed({taken, job("working"), refused, job("working"), job("error", lines(3))});
    EXPECT_THAT(stopped(failed), HasSubstr("has failed, and up to 3 rows of it are in"));
    ScriptedTinybird broken({taken, job("working"), refused, Reply::json("{}", 403)});
    EXPECT_THAT(stopped(broken), HasSubstr("whether job j goes on at Tinybird can't be seen"));
}

TEST(TestEndedImport, AnEndThatDoesNotComeIsWaitedForTwoMinutes) {
    ScriptedTinybird tinybird({taken, job("working"), refused, job("working")});
    EXPECT_THAT(stopped(tinybird), AllOf(HasSubstr("job j can't be cancelled while it is working"),
                                         HasSubstr("goes on at Tinybird"), HasSubstr("/v0/jobs/j")));
    const auto sleeps = tinybird.clock->sleeps();
    const auto waited = std::accumulate(sleeps.begin(), sleeps.end(), std::chrono::milliseconds(0));
    EXPECT_GE(waited, std::chrono::minutes(2));
    EXPECT_LE(waited, std::chrono::seconds(130));
}

TEST(TestEndedImport, BodiesAreThereAndTheirJobsGoOn) {
    ScriptedTinybird tinybird({taken, job("working")});
    std::stop_source stop;
    try {
        tinybird.client().append_data("1\n", "t",
                                      {.stop = stop.get_token(), .on_job = [&](const Job&) { stop.request_stop(); }});
        FAIL() << "it was stopped";
    } catch (const errors::InterruptedError& error) {
        EXPECT_THAT(error.what(), HasSubstr("job j, which goes on at Tinybird"));
    }
    EXPECT_THAT(asked(tinybird), ElementsAre("POST /v1/datasources/t/append", "GET /v0/jobs/j"));
}

TEST(TestEndedImport, AJobThatCantBeReadIsEndedToo) {
    ScriptedTinybird tinybird({taken, Reply::json("{}", 403), job("cancelled"), job("cancelled")});
    try {
        tinybird.client().append_url(url, "t");
        FAIL() << "nothing was thrown";
    } catch (const errors::InDoubtError& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("can't be read"), HasSubstr("job j is cancelled, and no row")));
    }
}

TEST(TestEndedImport, WhatTheCallerThrowsEndsTheJob) {
    ScriptedTinybird tinybird({taken, job("working"), job("cancelled"), job("cancelled")});
    const auto throwing = [](const Job&) { throw std::runtime_error("the caller's"); };
    EXPECT_THROW(tinybird.client().append_url(url, "t", {.on_job = throwing}), std::runtime_error);
    EXPECT_EQ(asked(tinybird).at(2), "POST /v0/jobs/j/cancel");
}

TEST(TestEndedImport, OfAnOwnUrlIsFoundWithoutAnAnswer) {
    Reply lost;
    lost.cut_at_answer_byte = 0;
    const Reply others = Reply::json(R"({"jobs":[{"id":"a","kind":"import","status":"working","created_at":"9",
        "url":"https://example.org/unload/y.csv","datasource":{"name":"t"}},
        {"id":"b","kind":"import","status":"working","created_at":"9","url":"https://example.org/unload/x.csv",
        "datasource":{"name":"other"}}]})");
    const Reply listed = Reply::json(R"({"jobs":[{"id":"j","kind":"import","status":"waiting","created_at":"1",
        "url":"https://example.org/unload/x.csv","datasource":{"name":"t"}}]})");
    ScriptedTinybird tinybird({lost, others, listed, job("cancelled"), job("cancelled")});
    try {
        tinybird.client().append_url(url, "t", {.url_is_own = true});
        FAIL() << "nothing was thrown";
    } catch (const errors::InDoubtError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("What is known of it: job j is cancelled, and no row of it is in."));
    }
    EXPECT_THAT(asked(tinybird), ElementsAre("POST /v1/datasources/t/append", "GET /v0/jobs", "GET /v0/jobs",
                                             "POST /v0/jobs/j/cancel", "GET /v0/jobs/j"));
    // Somebody else may import another one's URL.
    ScriptedTinybird shared({lost});
    EXPECT_THROW(shared.client().append_url(url, "t"), errors::InDoubtError);
    EXPECT_THAT(asked(shared), ElementsAre("POST /v1/datasources/t/append"));
    // An answer that names no job is as good as none.
    ScriptedTinybird nameless({Reply::json("{}"), listed, job("done", lines(2)), job("done", lines(2))});
    try {
        nameless.client({.import_api = ImportApi::v1}).append_url(url, "t", {.url_is_own = true});
        FAIL() << "nothing was thrown";
    } catch (const errors::InDoubtError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("its 2 rows are in"));
    }
}

}  // namespace
}  // namespace tinybird_cdk::tinybird
