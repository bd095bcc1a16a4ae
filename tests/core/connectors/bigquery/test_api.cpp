// SPDX-License-Identifier: Apache-2.0
#include "connectors/bigquery/api.hpp"

#include <gmock/gmock.h>

namespace tinybird_cdk::bigquery {
namespace {

using ::testing::HasSubstr;

/// As the API answers (https://cloud.google.com/bigquery/docs/error-messages).
constexpr const char* not_found =
    R"({"error":{"code":404,"message":"Not found: Table p:d.t was not found in location EU","errors":[{"message":)"
    R"("Not found: Table p:d.t was not found in location EU","domain":"global","reason":"notFound"}],"status":"NOT_FOUND"}})";

TEST(TestBigQueryRefusal, HasTheServicesTextAndReason) {
    const Refusal refusal = refusal_of({.status = 404, .headers = {}, .body = not_found});
    EXPECT_EQ(refusal.reason, "notFound");
    const auto error = error_of(refusal, "the query can't be run", "https://link");
    EXPECT_STREQ(error.what(),
                 "BigQuery: the query can't be run: Not found: Table p:d.t was not found in location EU (notFound)");
    EXPECT_EQ(error.sqlstate(), "notFound");
    EXPECT_THAT(error.hint(), HasSubstr("BIGQUERY_LOCATION"));
    EXPECT_THAT(error.hint(), HasSubstr("The job: https://link"));
    EXPECT_FALSE(error.retryable());
}

TEST(TestBigQueryRefusal, APageThatIsNoJsonIsToldByItsStatus) {
    const Refusal refusal = refusal_of({.status = 502, .headers = {}, .body = "<html>Bad gateway</html>"});
    const auto error = error_of(refusal, "the query failed");
    EXPECT_STREQ(error.what(), "BigQuery: the query failed: the server answered 502");
    EXPECT_TRUE(error.retryable());
}

TEST(TestBigQueryRefusal, WhatPassesByItselfMayBeRunAgain) {
    for (const char* const reason : {"backendError", "internalError", "rateLimitExceeded", "jobRateLimitExceeded"}) {
        EXPECT_TRUE(error_of({.reason = reason, .message = "m", .status = 403}, "w").retryable()) << reason;
    }
    for (const char* const reason : {"quotaExceeded", "accessDenied", "invalidQuery", "stopped"}) {
        EXPECT_FALSE(error_of({.reason = reason, .message = "m", .status = 403}, "w").retryable()) << reason;
    }
}

// As getQueryResults answers for a job that ended so.
TEST(TestBigQueryRefusal, AJobThatTimedOutIsNotOneThatSomebodyCancelled) {
    for (const Refusal& refusal :
         {Refusal{.reason = "stopped", .message = "Job execution was cancelled: Job timed out after 1s", .status = 499},
          Refusal{.reason = "timeout", .message = "m", .status = 400}}) {
        const auto error = error_of(refusal, "the query failed");
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary) << refusal.reason;
        EXPECT_THAT(error.hint(), HasSubstr("--statement-timeout")) << refusal.reason;
    }
    const auto cancelled = error_of(
        {.reason = "stopped", .message = "Job execution was cancelled: User requested cancellation", .status = 499},
        "the query failed");
    EXPECT_EQ(cancelled.exit_code(), errors::ExitCode::bad_input);
    EXPECT_THAT(cancelled.hint(), HasSubstr("Somebody else has cancelled"));
}

TEST(TestBigQueryRefusal, ANullIsNoValueThatAPolicyCouldChange) {
    const auto hint = [](const char* message) {
        return error_of({.reason = "invalidQuery", .message = message, .status = 400}, "w").hint();
    };
    for (const char* const message :
         {"data refused: column \"n\" has NULL, and its place in the data source takes none; error in …",
          "data refused: column \"n\" has NULL in an array"}) {
        EXPECT_THAT(hint(message),
                    ::testing::AllOf(HasSubstr("Nullable"), HasSubstr("COALESCE"), ::testing::Not(HasSubstr("--on"))));
    }
    EXPECT_THAT(hint("data refused: column \"n\": the value 1 does not fit"), HasSubstr("--on"));
}

TEST(TestBigQueryRefusal, ARightThatIsMissingIsNamed) {
    EXPECT_THAT(error_of({.reason = "accessDenied", .message = "m", .status = 403}, "w").hint(),
                HasSubstr("roles/bigquery.jobUser"));
}

TEST(TestBigQueryRefusal, ASheetAndAConditionThatIsMissingHaveHintsOfTheirOwn) {
    const auto hint = [](const char* reason, const char* message, int status) {
        return error_of({.reason = reason, .message = message, .status = status}, "w").hint();
    };
    EXPECT_THAT(hint("accessDenied",
                     "Access Denied: BigQuery BigQuery: Permission denied while getting Drive credentials.", 403),
                ::testing::AllOf(HasSubstr("Google Drive"), ::testing::Not(HasSubstr("roles/"))));
    EXPECT_THAT(hint("invalidQuery",
                     "Cannot query over table 'p.d.t' without a filter over column(s) 'day' that can be used for "
                     "partition elimination",
                     400),
                HasSubstr("--query"));
}

TEST(TestBigQueryRefusal, OtherReasonsAreNotTakenForAMissingRight) {
    const auto hint = [](const char* reason) {
        return error_of({.reason = reason, .message = "m", .status = 403}, "w").hint();
    };
    EXPECT_THAT(hint("responseTooLarge"), ::testing::AllOf(HasSubstr("--via bucket"), HasSubstr("wildcard table")));
    for (const char* const reason : {"responseTooLarge", "billingNotEnabled", "accessNotConfigured", ""}) {
        EXPECT_THAT(hint(reason), ::testing::Not(HasSubstr("roles/"))) << reason;
    }
}

TEST(TestBigQueryRefusal, APageInThePlaceOfAnAnswerSaysWhereItIsFrom) {
    try {
        document_of({.status = 200, .headers = {}, .body = "<html>Please log in</html>"}, "the query failed");
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("BigQuery: the query failed"));
        EXPECT_THAT(error.hint(), HasSubstr("proxy"));
    }
}

TEST(TestBigQueryPath, PartsAreEncoded) {
    EXPECT_EQ(part("my-project.x_1~"), "my-project.x_1~");
    EXPECT_EQ(part("a/b ñ?"), "a%2Fb%20%C3%B1%3F");
}

}  // namespace
}  // namespace tinybird_cdk::bigquery
