// SPDX-License-Identifier: Apache-2.0
#include "transfer/load_fate.hpp"

#include <gtest/gtest.h>

#include "helpers/scripted_tinybird.hpp"

namespace tinybird_cdk::transfer {
namespace {

using testing::Reply;
using testing::ScriptedTinybird;

TEST(LoadFate, OfAJob) {
    const auto fate = [](const char* json) { return fate_of_job(Value::from_json(json)); };
    EXPECT_EQ(fate(R"({"status": "done"})"), Fate::loaded);
    EXPECT_EQ(fate(R"({"status": "waiting"})"), Fate::running);
    EXPECT_EQ(fate(R"({"status": "working"})"), Fate::running);
    EXPECT_EQ(fate(R"({"status": "cancelling"})"), Fate::running);
    EXPECT_EQ(fate(R"({"status": "cancelled"})"), Fate::nothing);
    EXPECT_EQ(fate(R"({"status": "error", "error": "no such file"})"), Fate::nothing);
    EXPECT_EQ(fate(R"({"status": "new in 2030"})"), Fate::unknown);
    EXPECT_EQ(fate("{}"), Fate::unknown);
}

TEST(LoadFate, AJobThatFailedLateMayHaveBroughtRows) {
    const auto fate = [](const char* json) { return fate_of_job(Value::from_json(json)); };
    EXPECT_EQ(fate(R"({"status": "error", "blocks": [{"process_return": [{"lines": 5, "quarantine": 0}]}]})"),
              Fate::unknown);
    EXPECT_EQ(fate(R"({"status": "error", "blocks": [{"process_return": [{"lines": 0, "quarantine": 2}]}]})"),
              Fate::unknown);
    EXPECT_EQ(fate(R"({"status": "error", "blocks": [{"process_return": [{"lines": 0, "quarantine": 0}]}]})"),
              Fate::nothing);
    // What the job says of quarantine is of the whole data source.
    EXPECT_EQ(fate(R"({"status": "error", "quarantine_rows": 7})"), Fate::nothing);
}

tinybird::Job import_of(const std::string& url, const std::string& created = "2026-11-30 10:00:00.000000") {
    tinybird::Job job;
    job.id = "j";
    job.kind = "import";
    job.created_at = created;
    job.description = Value(Value::Record{{"url", url}, {"datasource", Value::Record{{"name", "orders"}}}});
    return job;
}

TEST(LoadFate, ImportsOfAUrl) {
    const std::string url = "https://b.s3.amazonaws.com/a.csv?X-Amz-Signature=1";
    const std::string moment = "2026-11-30 10:00:00.000000";
    EXPECT_TRUE(imports_url(import_of("https://b.s3.amazonaws.com/a.csv?X-Amz-Signature=2"), "orders", url, moment));
    EXPECT_TRUE(imports_url(import_of("https://b.s3.amazonaws.com/a.csv"), "orders", url, moment));
    EXPECT_FALSE(imports_url(import_of("https://b.s3.amazonaws.com/a.csv2"), "orders", url, moment));
    EXPECT_FALSE(imports_url(import_of(url), "other", url, moment));
    // Before the load was begun the object may have had other content.
    EXPECT_FALSE(imports_url(import_of(url, "2026-11-30 09:59:59.999999"), "orders", url, moment));
    EXPECT_FALSE(imports_url(import_of(url, ""), "orders", url, moment));
    tinybird::Job other = import_of(url);
    other.kind = "copy";
    EXPECT_FALSE(imports_url(other, "orders", url, moment));
    EXPECT_FALSE(imports_url({}, "orders", url, moment));
}

TEST(LoadFate, OfSeveralJobsTheBestCounts) {
    std::map<std::string, std::string> statuses;
    ScriptedTinybird tinybird([&](const testing::Received& request) {
        const std::string id = request.path().substr(request.path().rfind('/') + 1);
        return statuses.contains(id) ? Reply::json(R"({"status": ")" + statuses[id] + R"("})")
                                     : Reply::json(R"({"error": "no such job"})", 404);
    });
    tinybird::Client client = tinybird.client();
    const LedgerLoad load{.uri = "s3://b/a", .etag = "e", .load_id = "l", .begun = "2026-11-30 10:00:00.000000"};
    const auto ask = [&](std::map<std::string, std::string> known) {
        statuses = std::move(known);
        std::vector<tinybird::Job> jobs(2, import_of("https://h/a"));
        jobs[0].id = "1";
        jobs[1].id = "2";
        return ask_for_url(client, jobs, "orders", "https://h/a?x", load);
    };
    EXPECT_EQ(ask({{"1", "error"}, {"2", "done"}}), Fate::loaded);
    EXPECT_EQ(ask({{"1", "working"}, {"2", "error"}}), Fate::running);
    EXPECT_EQ(ask({{"1", "error"}, {"2", "error"}}), Fate::nothing);
    EXPECT_EQ(ask({{"1", "error"}}), Fate::unknown);
    EXPECT_EQ(ask_for_url(client, {}, "orders", "https://h/a", load), Fate::unknown);
}

TEST(LoadFate, WhatMayHaveLoaded) {
    const auto http = [](int status) { return errors::HTTPError(status, "m"); };
    for (const int status : {0, 400, 401, 404, 408, 413, 429, 503}) {
        EXPECT_FALSE(may_have_loaded(http(status), true)) << status;
    }
    for (const int status : {200, 500, 502, 504}) {
        EXPECT_TRUE(may_have_loaded(http(status), true)) << status;
        EXPECT_FALSE(may_have_loaded(http(status), false)) << status;
    }
    EXPECT_FALSE(may_have_loaded(errors::RateLimitedForTooLongError("m"), true));
    EXPECT_TRUE(may_have_loaded(errors::InDoubtError("m"), true));
    EXPECT_TRUE(may_have_loaded(errors::InterruptedError(), true));
    EXPECT_FALSE(may_have_loaded(errors::InterruptedError(), false));
    EXPECT_TRUE(may_have_loaded(errors::JobError("j", "m"), true));
    EXPECT_TRUE(may_have_loaded(errors::Error("m"), true));
}

}  // namespace
}  // namespace tinybird_cdk::transfer
