// SPDX-License-Identifier: Apache-2.0
/// Imports by URL that are stopped, or whose fate can't be seen: their jobs are ended before anybody deletes what they
/// fetch, and the error says what is known of their rows.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "helpers/scripted_tinybird.hpp"

namespace tinybird_cdk::tinybird {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
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

Reply later(std::string seconds) {
    Reply reply = Reply::json(R"({"error":"slow down"})", 429);
    reply.headers.emplace_back("Retry-After", std::move(seconds));
    return reply;
}

/// No answer, as of a server that hangs: what is known then, and what is done, is the same.
Reply lost() {
    Reply reply;
    reply.cut_at_answer_byte = 0;
    return reply;
}

/// What is answered to each kind of request, one after the other; the last one from then on.
struct Answers {
    std::vector<Reply> looks = {};
    std::vector<Reply> cancels = {refused};
    std::vector<Reply> imports = {taken};
    std::vector<Reply> lists = {Reply::json(R"({"jobs":[]})")};
};

ScriptedTinybird playing(const Answers& answers) {
    const auto next = [](std::vector<Reply> replies) {
        return [replies = std::move(replies), count = std::make_shared<std::atomic<std::size_t>>(0)] {
            return replies.at(std::min((*count)++, replies.size() - 1));
        };
    };
    return ScriptedTinybird([look = next(answers.looks), cancel = next(answers.cancels), import = next(answers.imports),
                             list = next(answers.lists)](const Received& request) {
        if (request.path() == "/v0/jobs") {
            return list();
        }
        if (request.path().find("/v0/jobs/") == 0) {
            return request.method == "GET" ? look() : cancel();
        }
        return import();
    });
}

/// Requests without what they ask for.
std::vector<std::string> asked(const ScriptedTinybird& tinybird) {
    std::vector<std::string> requests;
    for (const Received& request : tinybird.server.received()) {
        requests.push_back(request.method + " " + request.path());
    }
    return requests;
}

/// How long the ends of jobs were waited for: a job that is stopped at its first look was not waited for before.
std::chrono::milliseconds waited(const ScriptedTinybird& tinybird) {
    const auto sleeps = tinybird.clock->sleeps();
    return std::accumulate(sleeps.begin() + 1, sleeps.end(), std::chrono::milliseconds(0));
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

std::string stopped(const Answers& answers) {
    ScriptedTinybird tinybird = playing(answers);
    return stopped(tinybird);
}

TEST(TestEndedImport, AStopCancelsTheJobAndWaitsForItsEnd) {
    ScriptedTinybird tinybird = playing({.looks = {job("waiting"), job("waiting"), job("cancelling"), job("cancelled")},
                                         .cancels = {job("cancelling")}});
    EXPECT_THAT(stopped(tinybird), HasSubstr("job j is cancelled, and no row of it is in"));
    EXPECT_THAT(asked(tinybird), ElementsAre("POST /v1/datasources/t/append", "GET /v0/jobs/j", "GET /v0/jobs/j",
                                             "POST /v0/jobs/j/cancel", "GET /v0/jobs/j", "GET /v0/jobs/j"));
}

TEST(TestEndedImport, WhatCantBeCancelledIsWaitedFor) {
    EXPECT_THAT(stopped({.looks = {job("working"), job("working"), job("working"), job("done", lines(4))}}),
                HasSubstr("its 4 rows are in"));
    EXPECT_THAT(stopped({.looks = {job("working"), job("working"), job("error", lines(3))}}),
                HasSubstr("has failed, and up to 3 rows of it are in"));
    EXPECT_THAT(stopped({.looks = {job("working"), Reply::json("{}", 403)}}),
                HasSubstr("whether job j goes on at Tinybird can't be seen"));
}

TEST(TestEndedImport, RowsAreCountedOnlyWhereTinybirdDoes) {
    const std::string unseen = "whether rows of it are in can't be seen";
    EXPECT_THAT(stopped({.looks = {job("working"), job("error")}}), HasSubstr("has failed, and " + unseen));
    EXPECT_THAT(stopped({.looks = {job("working"), job("error", lines(0))}}), HasSubstr("no row of it is in"));
    // Nobody saw it wait.
    EXPECT_THAT(stopped({.looks = {job("working"), job("working"), job("cancelled")}, .cancels = {job("cancelling")}}),
                HasSubstr("is cancelled, and " + unseen));
    EXPECT_THAT(stopped({.looks = {job("working"), job("done")}}), HasSubstr("its rows are in"));
    const std::string mixed = R"(,"blocks":[{"process_return":[{"lines":3,"quarantine":2}]}])";
    EXPECT_THAT(stopped({.looks = {job("working"), job("done", mixed)}}),
                HasSubstr("its 3 rows are in, and 2 are in quarantine"));
    const std::string none_fits = R"(,"blocks":[{"process_return":[{"lines":0,"quarantine":2}]}])";
    EXPECT_THAT(stopped({.looks = {job("working"), job("error", none_fits)}}),
                HasSubstr("no row of it is in, and 2 are in quarantine"));
}

TEST(TestEndedImport, AnEndThatDoesNotComeIsWaitedForTwoMinutes) {
    ScriptedTinybird tinybird = playing({.looks = {job("working")}});
    EXPECT_THAT(stopped(tinybird), AllOf(HasSubstr("job j can't be cancelled while it is working"),
                                         HasSubstr("goes on at Tinybird"), HasSubstr("/v0/jobs/j")));
    EXPECT_GE(waited(tinybird), std::chrono::minutes(2));
    EXPECT_LE(waited(tinybird), std::chrono::seconds(130));
}

TEST(TestEndedImport, ATinybirdThatSaysNothingIsNotWaitedForSoLong) {
    for (const Reply& reply : {lost(), later("600"), later("0"), Reply::json("{}", 503), Reply::json("<html>")}) {
        ScriptedTinybird tinybird = playing({.looks = {job("waiting"), reply}, .cancels = {reply}});
        EXPECT_THAT(stopped(tinybird), HasSubstr("whether job j goes on at Tinybird can't be seen"));
        EXPECT_GE(waited(tinybird), std::chrono::seconds(15));
        EXPECT_LE(waited(tinybird), std::chrono::seconds(20));
    }
    ScriptedTinybird waits = playing({.looks = {job("waiting")}, .cancels = {Reply::json("{}", 403)}});
    EXPECT_THAT(stopped(waits), HasSubstr("job j could not be cancelled while it is waiting, and goes on"));
    EXPECT_LE(waited(waits), std::chrono::seconds(20));
}

TEST(TestEndedImport, ACancelThatFailedIsRepeated) {
    ScriptedTinybird tinybird =
        playing({.looks = {job("waiting"), lost(), job("waiting"), job("waiting"), job("cancelled")},
                 .cancels = {Reply::json("{}", 503), lost(), job("cancelled")}});
    EXPECT_THAT(stopped(tinybird), HasSubstr("job j is cancelled, and no row of it is in"));
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

/// What is said of a body when the stop comes while Tinybird is at the request, which it then answers.
std::string stopped_body(const std::string& method, const Reply& import, bool replace) {
    std::stop_source stop;
    ScriptedTinybird tinybird([&](const Received& request) {
        if (request.method == method) {
            stop.request_stop();
        }
        return request.method == "POST" ? import : job("working");
    });
    try {
        replace ? tinybird.client().replace_data("1\n", "t", {.stop = stop.get_token()})
                : tinybird.client().append_data("1\n", "t", {.stop = stop.get_token()});
    } catch (const errors::InterruptedError& error) {
        return error.what();
    }
    return "it was not stopped";
}

TEST(TestEndedImport, AStopBehindABodySaysThatItsRowsMayBeIn) {
    for (const bool replace : {false, true}) {
        EXPECT_THAT(stopped_body("POST", taken, replace), HasSubstr("they may be in, so look before you load again"));
        EXPECT_THAT(stopped_body("POST", lost(), replace), HasSubstr("they may be in, so look before you load again"));
        EXPECT_THAT(stopped_body("GET", taken, replace), HasSubstr("job j, which goes on at Tinybird"));
    }
}

/// One line; the stop comes when it is to be sent again.
class StopAtRewind : public Body {
public:
    explicit StopAtRewind(std::stop_source& stop) : stop_(stop) {}
    std::size_t read(std::span<char> into) override {
        const std::size_t count = std::min(into.size(), text_.size());
        std::copy_n(text_.begin(), count, into.begin());
        text_.remove_prefix(count);
        return count;
    }
    bool rewind() override {
        stop_.request_stop();
        return true;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return 2; }

private:
    std::stop_source& stop_;
    std::string_view text_ = "1\n";
};

TEST(TestEndedImport, AStopBetweenTheTriesOfABodySaysOfTheFirstThatItMayHaveDone) {
    const auto stopped_wait = [](const Reply& first) {
        std::stop_source stop;
        StopAtRewind body(stop);
        ScriptedTinybird tinybird({first});
        try {
            tinybird.client().replace(body, "t", {.stop = stop.get_token()});
        } catch (const errors::InterruptedError& error) {
            return std::string(error.what());
        }
        return std::string("it was not stopped");
    };
    EXPECT_THAT(stopped_wait(lost()), HasSubstr("they may be in"));
    EXPECT_EQ(stopped_wait(Reply::json("{}", 429)), "interrupted");
}

TEST(TestEndedImport, OnlyAnOwnUrlIsEndedWhenItsJobCantBeRead) {
    const Answers answers{.looks = {Reply::json("{}", 403)}, .cancels = {job("cancelled")}};
    ScriptedTinybird own = playing(answers);
    try {
        own.client().append_url(url, "t", {.url_is_own = true});
        FAIL() << "nothing was thrown";
    } catch (const errors::InDoubtError& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("can't be read"), HasSubstr("job j is cancelled, and whether rows")));
    }
    // Another one's object stays where it is, and so the import may go on.
    ScriptedTinybird another = playing(answers);
    EXPECT_THROW(another.client().append_url(url, "t"), errors::InDoubtError);
    EXPECT_THAT(asked(another), ElementsAre("POST /v1/datasources/t/append", "GET /v0/jobs/j"));
}

TEST(TestEndedImport, AServerThatFailsIsAskedAgain) {
    ScriptedTinybird tinybird = playing({.looks = {job("waiting"), Reply::json("{}", 503), Reply::json("{}", 500),
                                                   Reply::json("{}", 504), job("done", lines(4))}});
    EXPECT_EQ(tinybird.client().append_url(url, "t", {.url_is_own = true}).rows, 4U);
    EXPECT_THAT(asked(tinybird), Not(Contains("POST /v0/jobs/j/cancel")));
}

TEST(TestEndedImport, AnEndThatIsAGoodOneIsTheResult) {
    std::vector<Reply> looks(6, Reply::json("{}", 503));
    looks.push_back(job("done", lines(4)));
    ScriptedTinybird tinybird = playing({.looks = looks});
    const Response response = tinybird.client().append_url(url, "t", {.url_is_own = true});
    EXPECT_EQ(response.rows, 4U);
    EXPECT_EQ(response.job_id, "j");
}

TEST(TestEndedImport, WhatTheCallerThrowsEndsTheJob) {
    ScriptedTinybird tinybird = playing({.looks = {job("waiting"), job("waiting"), job("cancelled")}});
    const auto throwing = [](const Job&) { throw std::runtime_error("the caller's"); };
    EXPECT_THROW(tinybird.client().append_url(url, "t", {.on_job = throwing}), std::runtime_error);
    EXPECT_THAT(asked(tinybird), Contains("POST /v0/jobs/j/cancel"));
}

TEST(TestEndedImport, OfARepeatedReplaceAllJobsAreEnded) {
    std::mutex mutex;
    std::set<std::string> cancelled;
    // The answer of the first request was lost, so that nobody was told of its job.
    ScriptedTinybird tinybird([&, imports = std::make_shared<std::atomic<int>>(0)](const Received& request) {
        const std::string path = request.path();
        if (path.find("/v0/jobs") != 0) {
            return (*imports)++ == 0 ? lost() : Reply::json(R"({"id":"second","status":"waiting"})");
        }
        const std::lock_guard lock(mutex);
        const auto one = [&](const std::string& id) {
            return R"({"id":")" + id + R"(","kind":"import","created_at":"1","status":")" +
                   (cancelled.contains(id) ? "cancelled" : "waiting") +
                   R"(","url":"https://example.org/unload/x.csv","datasource":{"id":"t_1","name":"t"}})";
        };
        if (path == "/v0/jobs") {
            EXPECT_EQ(request.parameter("kind"), "import");
            return Reply::json(R"({"jobs":[)" + one("first") + "," + one("second") + "]}");
        }
        const std::string id = path.find("first") != std::string::npos ? "first" : "second";
        if (request.method == "POST") {
            cancelled.insert(id);
        }
        return Reply::json(one(id));
    });
    std::stop_source stop;
    try {
        tinybird.client().replace_url(
            url, "t_1",
            {.stop = stop.get_token(), .on_job = [&](const Job&) { stop.request_stop(); }, .url_is_own = true});
        FAIL() << "it was not stopped";
    } catch (const errors::InterruptedError& error) {
        EXPECT_THAT(error.what(), HasSubstr("job second is cancelled, and no row of it is in; "
                                            "job first is cancelled, and no row of it is in"));
    }
    EXPECT_EQ(cancelled, (std::set<std::string>{"first", "second"}));
}

TEST(TestEndedImport, OfAnOwnUrlIsFoundWithoutAnAnswer) {
    const Reply others = Reply::json(R"({"jobs":[{"id":"a","kind":"import","status":"working","created_at":"9",
        "url":"https://example.org/unload/y.csv","datasource":{"name":"t"}},
        {"id":"b","kind":"import","status":"working","created_at":"9","url":"https://example.org/unload/x.csv",
        "datasource":{"name":"other"}}]})");
    const Reply listed = Reply::json(R"({"jobs":[{"id":"j","kind":"import","status":"waiting","created_at":"1",
        "url":"https://example.org/unload/x.csv","datasource":{"name":"t"}}]})");
    const Answers answers{.looks = {job("waiting"), job("cancelled")},
                          .cancels = {job("cancelled")},
                          .imports = {lost()},
                          .lists = {others, listed}};
    ScriptedTinybird tinybird = playing(answers);
    try {
        tinybird.client().append_url(url, "t", {.url_is_own = true});
        FAIL() << "nothing was thrown";
    } catch (const errors::InDoubtError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("What is known of it: job j is cancelled, and no row of it is in."));
    }
    EXPECT_THAT(asked(tinybird), ElementsAre("POST /v1/datasources/t/append", "GET /v0/jobs", "GET /v0/jobs",
                                             "GET /v0/jobs/j", "POST /v0/jobs/j/cancel", "GET /v0/jobs/j"));
    // Somebody else may import another one's URL.
    ScriptedTinybird shared = playing(answers);
    EXPECT_THROW(shared.client().append_url(url, "t"), errors::InDoubtError);
    EXPECT_THAT(asked(shared), ElementsAre("POST /v1/datasources/t/append"));
    // An answer that names no job is as good as none.
    ScriptedTinybird nameless =
        playing({.looks = {job("done", lines(2))}, .imports = {Reply::json("{}")}, .lists = {listed}});
    try {
        nameless.client({.import_api = ImportApi::v1}).append_url(url, "t", {.url_is_own = true});
        FAIL() << "nothing was thrown";
    } catch (const errors::InDoubtError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("its 2 rows are in"));
    }
}

TEST(TestEndedImport, AListThatCantBeHadIsNotWaitedForLong) {
    for (const Reply& reply : {lost(), later("600"), Reply::json("{}", 503), Reply::json("{}", 403)}) {
        ScriptedTinybird tinybird = playing({.looks = {job("waiting")}, .imports = {lost()}, .lists = {reply}});
        EXPECT_THROW(tinybird.client().append_url(url, "t", {.url_is_own = true}), errors::InDoubtError);
        const auto sleeps = tinybird.clock->sleeps();
        EXPECT_LE(std::accumulate(sleeps.begin(), sleeps.end(), std::chrono::milliseconds(0)), std::chrono::seconds(2));
    }
}

}  // namespace
}  // namespace tinybird_cdk::tinybird
