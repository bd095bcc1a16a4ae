// SPDX-License-Identifier: Apache-2.0
/// Waiting for jobs: when to look, when to end, and what is known when looking fails.
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "helpers/scripted_tinybird.hpp"

namespace tinybird_cdk::tinybird {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Received;
using testing::Reply;
using testing::ScriptedTinybird;
using ::testing::SizeIs;

Reply job(const char* status) {
    return Reply::json(std::string(R"({"id":"j","status":")") + status + R"("})");
}

TEST(TestJobs, AreLookedAtLessAndLessOften) {
    std::vector<Reply> replies(12, job("working"));
    replies.push_back(job("done"));
    ScriptedTinybird tinybird(replies);
    EXPECT_EQ(tinybird.client().wait_for_job("j").status, "done");
    const auto sleeps = tinybird.clock->sleeps();
    ASSERT_THAT(sleeps, SizeIs(12));
    EXPECT_EQ(sleeps.front(), milliseconds(250));
    EXPECT_EQ(sleeps.back(), milliseconds(5000));
    EXPECT_TRUE(std::is_sorted(sleeps.begin(), sleeps.end()));
    for (const Received& look : tinybird.server.received()) {
        EXPECT_EQ(look.method, "GET");
        EXPECT_EQ(look.path(), "/v0/jobs/j");
        EXPECT_EQ(look.parameter("debug"), "blocks,block_log");
    }
}

TEST(TestJobs, ThatAreBeingCancelledAreWaitedFor) {
    ScriptedTinybird tinybird({job("waiting"), job("cancelling"), job("cancelled")});
    try {
        tinybird.client().wait_for_job("j");
        FAIL() << "no exception";
    } catch (const errors::JobError& error) {
        EXPECT_EQ(error.job_id(), "j");
        EXPECT_THAT(error.what(), HasSubstr("job j ended with status cancelled"));
        EXPECT_THAT(error.hint(), HasSubstr("/v0/jobs/j"));
    }
}

TEST(TestJobs, WithoutAStatusAreAnErrorAndNotWaitedForForEver) {
    for (const char* answer : {"{}", "[]", "null", R"({"status":null})", R"({"status":7})", R"({"jobs":[]})"}) {
        ScriptedTinybird tinybird({Reply::json(answer)});
        EXPECT_THROW(tinybird.client().wait_for_job("j"), errors::TinybirdClientError) << answer;
        EXPECT_THAT(tinybird.server.received(), SizeIs(1)) << answer;
    }
}

TEST(TestJobs, AnswersThatAreNoJsonAreAClearError) {
    for (const char* answer : {"", "<html>the console</html>", "{\"status\":"}) {
        ScriptedTinybird tinybird({Reply::json(answer)});
        Client client = tinybird.client();
        const std::vector<std::function<void()>> calls{[&] { client.wait_for_job("j"); }, [&] { client.job("j"); },
                                                       [&] { client.jobs(); }, [&] { client.cancel_job("j"); },
                                                       [&] { client.retry_job("j"); }};
        for (const auto& call : calls) {
            try {
                call();
                ADD_FAILURE() << "no exception: " << answer;
            } catch (const errors::HTTPError& error) {
                EXPECT_EQ(error.status(), 200);
                EXPECT_THAT(error.what(), HasSubstr("no JSON"));
                EXPECT_THAT(error.hint(), HasSubstr("TB_CDK_ENDPOINT"));
            }
        }
    }
}

TEST(TestJobs, AStopEndsTheWaitAndNamesTheJob) {
    ScriptedTinybird tinybird({job("working")});
    std::stop_source stop;
    try {
        tinybird.client().wait_for_job("j", stop.get_token(), [&](const Job&) { stop.request_stop(); });
        FAIL() << "no exception";
    } catch (const errors::InterruptedError& error) {
        EXPECT_THAT(error.what(), HasSubstr("job j"));
    }
}

TEST(TestJobs, LookingIsRepeatedWhereItMayBe) {
    Reply lost;
    lost.cut_at_answer_byte = 0;
    Reply limited = Reply::json(R"({"error":"slow down"})", 429);
    limited.headers.emplace_back("Retry-After", "3");
    ScriptedTinybird tinybird({lost, Reply::json("{}", 502), limited, Reply::json("{}", 408), job("done")});
    EXPECT_EQ(tinybird.client().wait_for_job("j").status, "done");
    EXPECT_THAT(tinybird.clock->sleeps(),
                ElementsAre(milliseconds(1000), milliseconds(1000), milliseconds(3000), milliseconds(1000)));
}

TEST(TestJobs, IdsAreEncoded) {
    ScriptedTinybird tinybird({job("done")});
    Client client = tinybird.client();
    client.job("a/b?c");
    EXPECT_EQ(tinybird.server.received().at(0).target, "/v0/jobs/a%2Fb%3Fc");
}

/// Where an import was taken but its job can't be followed, the rows may be in: the import failed for nobody.
class TestJobsOfImports : public ::testing::TestWithParam<const char*> {
protected:
    static std::vector<Reply> script() {
        Reply lost;
        lost.cut_at_answer_byte = 0;
        const std::string kind = GetParam();
        const Reply accepted = Reply::json(R"({"id":"job-7","import_id":"i"})", 202);
        if (kind == "forbidden") {
            // Tokens that may only append could not read jobs before September 2026.
            return {accepted, Reply::json(R"({"error":"no scope"})", 403)};
        }
        if (kind == "unknown") {
            return {accepted, Reply::json(R"({"error":"no job"})", 404)};
        }
        if (kind == "failing") {
            return {accepted, job("working"), Reply::json("oops", 500)};
        }
        if (kind == "unreadable") {
            return {accepted, Reply::json("<html>")};
        }
        if (kind == "without status") {
            return {accepted, Reply::json("{}")};
        }
        return {accepted, lost};
    }
};

TEST_P(TestJobsOfImports, LeaveAnAppendInDoubt) {
    ScriptedTinybird tinybird(script());
    try {
        tinybird.client().append_data("1\n", "orders");
        FAIL() << "no exception";
    } catch (const errors::InDoubtError& error) {
        EXPECT_THAT(error.what(), HasSubstr("job job-7"));
        EXPECT_THAT(error.what(), HasSubstr("\"orders\""));
        EXPECT_TRUE(error.has_cause());
    }
    std::size_t imports = 0;
    for (const Received& request : tinybird.server.received()) {
        imports += request.method == "POST" ? 1U : 0U;
    }
    EXPECT_EQ(imports, 1U);
}

TEST_P(TestJobsOfImports, LeaveAReplaceToBeRepeatedByItsCaller) {
    ScriptedTinybird tinybird(script());
    EXPECT_THROW(tinybird.client().replace_data("1\n", "orders"), errors::TinybirdClientError);
}

INSTANTIATE_TEST_SUITE_P(TestJobsOfImports, TestJobsOfImports,
                         ::testing::Values("forbidden", "unknown", "failing", "unreadable", "without status", "lost"));

TEST(TestImportsByJob, FailuresOfTheJobItselfAreNoDoubt) {
    ScriptedTinybird tinybird({Reply::json(R"({"id":"job-7"})"), job("error")});
    EXPECT_THROW(tinybird.client().append_data("1\n", "orders"), errors::JobError);
}

TEST(TestImportsByJob, AreFoundByTheImportsIdWhereThereIsNoOther) {
    ScriptedTinybird tinybird({Reply::json(R"({"import_id":"i-7"})"), job("working"),
                               Reply::json(R"({"status":"done","blocks":[{"process_return":[{"lines":4}]}]})")});
    const Response response = tinybird.client().append_data("1\n", "orders");
    EXPECT_EQ(response.rows, 4U);
    EXPECT_EQ(response.import_id, "i-7");
    EXPECT_EQ(response.job_id, "i-7");
    EXPECT_EQ(tinybird.server.received().at(1).path(), "/v0/jobs/i-7");
}

TEST(TestImportsByJob, SynchronousImportsHaveNone) {
    ScriptedTinybird tinybird({Reply::json(R"({"import_id":"i","datasource":{"name":"t"},"error":false})")});
    EXPECT_EQ(tinybird.client({.import_api = ImportApi::v0}).append_data("1\n", "t").import_id, "i");
    EXPECT_THAT(tinybird.server.received(), SizeIs(1));
}

}  // namespace
}  // namespace tinybird_cdk::tinybird
