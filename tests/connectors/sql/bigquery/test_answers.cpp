// SPDX-License-Identifier: Apache-2.0
// Answers that Google documents and the emulator does not give. A relay before the emulator plays them; the rest of
// what is asked for is really done.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/row_writer.hpp>

#include "bucket.hpp"
#include "connectors/bigquery/catalog.hpp"
#include "connectors/bigquery/query_request.hpp"
#include "connectors/bigquery/query_rows.hpp"
#include "core/ids.hpp"
#include "dataset.hpp"
#include "helpers/fake_clock.hpp"

namespace tinybird_cdk {
namespace {

using testing::bigquery_environment;
using testing::Dataset;
using testing::FakeClock;
using ::testing::HasSubstr;
using testing::Received;
using testing::Relay;
using testing::Reply;

class Kept final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        text.append(full.view());
        return Buffer(wanted);
    }
    std::string text;
};

bool is_dry_run(const Received& request) {
    return request.body.find(R"("dryRun":true)") != std::string::npos;
}

bool begins(const Received& request) {
    return request.method == "POST" && request.path().ends_with("/jobs") && !is_dry_run(request);
}

bool asks_for_page(const Received& request) {
    return request.method == "GET" && request.path().find("/queries/") != std::string::npos;
}

bool looks(const Received& request) {
    return request.method == "GET" && request.path().find("/jobs/") != std::string::npos;
}

bool cancels(const Received& request) {
    return request.path().ends_with("/cancel");
}

/// As on https://cloud.google.com/bigquery/docs/error-messages.
Reply refusal(int status, const std::string& reason) {
    return Reply::json(R"({"error":{"code":)" + std::to_string(status) +
                           R"(,"message":"as Google says","errors":[{"reason":")" + reason + R"("}]}})",
                       status);
}

/// The last one: in answers of jobs, what is said of the query stands behind what is said of any job.
void replace(std::string& text, const std::string& what, const std::string& by) {
    const std::size_t at = text.rfind(what);
    ASSERT_NE(at, std::string::npos) << what << " is not in " << text;
    text.replace(at, what.size(), by);
}

class TestBigQueryAnswers : public ::testing::Test {
protected:
    void SetUp() override {
        if (testing::on_google()) {
            GTEST_SKIP() << "on Google's service: what it answers can't be changed on the way, for the relays stand "
                            "before the emulator";
        }
    }
    [[nodiscard]] static std::string emulator() {
        return config::get("BIGQUERY_EMULATOR_HOST", bigquery_environment());
    }
    /// By pages: without the Storage Read API.
    [[nodiscard]] std::shared_ptr<bigquery::Api> through(const Relay& relay) const {
        cloud::ClientOptions options;
        options.clock = clock;
        options.jitter = [] { return 0.0; };
        return std::make_shared<bigquery::Api>(bigquery_environment()
                                                   .with("BIGQUERY_EMULATOR_HOST", relay.url())
                                                   .with("BIGQUERY_STORAGE_GRPC_ENDPOINT", ""),
                                               options);
    }
    static std::string new_id() { return "test_" + core::random_hex(8); }

    /// As NDJSON.
    std::string written(const Relay& relay, const std::string& sql) {
        const ExportRequest request{.query = data.sql(sql), .format = Format::ndjson, .row_limit = {}, .stop = {}};
        bigquery::QueryRows rows(through(relay), request, new_id);
        std::vector<OutputColumn> columns;
        for (const ResultColumn& column : rows.columns()) {
            columns.push_back({column.name, column.type->with_nullable(true), column.valid_utf8});
        }
        Kept kept;
        RowWriterOptions options;
        options.format = Format::ndjson;
        RowWriter writer(columns, options, kept);
        rows.write(writer, {});
        writer.finish();
        return kept.text;
    }
    /// @param id of a job of the emulator's
    std::string state_of(const std::string& id) {
        for (const Value& job : data.jobs()) {
            if (rest::text_at(job, {"jobReference", "jobId"}) == id) {
                return rest::text_at(job, {"status", "state"});
            }
        }
        return {};
    }
    static void post_again(const Received& request) {
        rest::Client client("BigQuery");
        client.send({.method = request.method, .url = emulator() + request.target, .body = request.body});
    }

    Dataset data;
    std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
};

std::optional<Reply> pass_on(const Received& /*request*/) {
    return std::nullopt;
}

TEST_F(TestBigQueryAnswers, PicosecondsAreKept) {
    // The emulator has no such type: a TIMESTAMP of its own is described as one, and written as Google documents it
    // (https://cloud.google.com/bigquery/docs/reference/rest/v2/DataFormatOptions). Microseconds are its own.
    const Relay relay(emulator(), pass_on, [&](const Received& request, Reply& reply) {
        if (is_dry_run(request) || asks_for_page(request)) {
            replace(reply.body, R"("TIMESTAMP")", R"("TIMESTAMP","timestampPrecision":"12")");
        }
        const bool as_text = request.parameter("formatOptions.timestampOutputFormat") == "ISO8601_STRING";
        if (asks_for_page(request) && as_text) {
            EXPECT_FALSE(request.parameter("formatOptions.useInt64Timestamp"));
            const std::size_t begin = reply.body.find(R"({"v":")") + 6;
            reply.body.replace(begin, reply.body.find('"', begin) - begin, "2024-01-31T12:34:56.789012345678Z");
        }
    });
    EXPECT_EQ(written(relay, "SELECT TIMESTAMP '2024-01-31 12:34:56.789012+00' AS t"),
              "{\"t\":\"2024-01-31T12:34:56.789012345678Z\"}\n");
}

TEST_F(TestBigQueryAnswers, ColumnsThatChangeAfterTheDryRunAreNotTakenForOthers) {
    data.execute("CREATE VIEW {d}.v AS SELECT 'x' AS a, 'y' AS b");
    const Relay relay(emulator(), pass_on, [&](const Received& request, Reply& /*reply*/) {
        if (is_dry_run(request)) {
            data.execute("CREATE OR REPLACE VIEW {d}.v AS SELECT 'y' AS b, 'x' AS a");
        }
    });
    try {
        written(relay, "SELECT * FROM {d}.v");
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr(R"(column 1 was "a" of type STRING and is "b" of type STRING)"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
    }
}

TEST_F(TestBigQueryAnswers, AMemberWithoutANameMayGetOne) {
    const Relay relay(emulator(), pass_on, [](const Received& request, Reply& reply) {
        if (is_dry_run(request)) {
            replace(reply.body, R"("name":"inside",)", "");
        } else if (asks_for_page(request)) {
            replace(reply.body, R"("inside")", R"("_field_1")");
        }
    });
    EXPECT_EQ(written(relay, "SELECT STRUCT(1 AS inside) AS r"), "{\"r\":\"{\\\"\\\":1}\"}\n");
}

TEST_F(TestBigQueryAnswers, WhatADryRunDoesNotKnowIsNotTakenForLittle) {
    // https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobStatistics2
    std::string said;
    const Relay relay(emulator(), pass_on, [&](const Received& /*request*/, Reply& reply) {
        replace(reply.body, R"("totalBytesProcessed":"0")", said);
    });
    const auto bytes = [&](const char* statistics) {
        said = statistics;
        return bigquery::describe(*through(relay), "SELECT 1 AS n", {}).bytes_processed;
    };
    EXPECT_EQ(bytes(R"("totalBytesProcessed":"5","totalBytesProcessedAccuracy":"PRECISE")"), 5U);
    EXPECT_EQ(bytes(R"("totalBytesProcessed":"5","totalBytesProcessedAccuracy":"UPPER_BOUND")"), 5U);
    EXPECT_EQ(bytes(R"("totalBytesProcessed":"0","totalBytesProcessedAccuracy":"LOWER_BOUND")"), std::nullopt);
    EXPECT_EQ(bytes(R"("totalBytesProcessed":"0","totalBytesProcessedAccuracy":"UNKNOWN")"), std::nullopt);
    EXPECT_EQ(bytes(R"("cacheHit":false)"), std::nullopt);
}

TEST_F(TestBigQueryAnswers, ADryRunDoesNotLookIntoTheCache) {
    // With the cache, a result that is there reads nothing (https://cloud.google.com/bigquery/docs/cached-results).
    const Relay relay(emulator(), pass_on, [](const Received& request, Reply& reply) {
        if (request.body.find(R"("useQueryCache":false)") != std::string::npos) {
            replace(reply.body, R"("totalBytesProcessed":"0")", R"("totalBytesProcessed":"5000000000")");
        }
    });
    EXPECT_EQ(bigquery::describe(*through(relay), "SELECT 1 AS n", {}).bytes_processed, 5'000'000'000U);
}

TEST_F(TestBigQueryAnswers, WhatALookAtAFewRowsReadsIsTold) {
    const Relay relay(emulator(), pass_on, [](const Received& request, Reply& reply) {
        if (is_dry_run(request)) {
            replace(reply.body, R"("totalBytesProcessed":"0")", R"("totalBytesProcessed":"5000000000")");
        }
    });
    ::testing::internal::CaptureStdout();
    written(relay, "SELECT 1 AS n LIMIT 10");
    EXPECT_THAT(::testing::internal::GetCapturedStdout(), HasSubstr("BigQuery reads about 5000000000 bytes"));
}

TEST_F(TestBigQueryAnswers, TablesWhoseSizeIsNotKnownHaveNone) {
    data.execute("CREATE TABLE {d}.inside AS SELECT 1 AS n");
    data.execute("CREATE TABLE {d}.outside AS SELECT 1 AS n");
    data.execute("CREATE TABLE {d}.unknown AS SELECT 1 AS n");
    const Relay relay(emulator(), pass_on, [](const Received& /*request*/, Reply& reply) {
        replace(reply.body, R"(.outside","type":"TABLE")", R"(.outside","type":"EXTERNAL")");
    });
    const auto items = bigquery::list_tables(
        *through(relay), data.project(), data.name(),
        [](const std::string& /*sql*/) {
            const Value none{std::int64_t{0}};
            return ResultSet{{{"table_id", "inside"}, {"row_count", std::int64_t{1}}, {"size_bytes", std::int64_t{8}}},
                             {{"table_id", "outside"}, {"row_count", none}, {"size_bytes", none}},
                             {{"table_id", "unknown"}, {"row_count", Value()}, {"size_bytes", Value()}}};
        },
        {});
    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(items[0].rows, 1U);
    EXPECT_EQ(items[0].bytes, 8U);
    EXPECT_EQ(items[1].kind, "external table");
    for (const std::size_t i : {1U, 2U}) {
        EXPECT_EQ(items[i].rows, std::nullopt) << items[i].name;
        EXPECT_EQ(items[i].bytes, std::nullopt) << items[i].name;
    }
}

TEST_F(TestBigQueryAnswers, ALimitOfTheNextSecondsIsWaitedOut) {
    // Google answers 403 for it (https://cloud.google.com/bigquery/docs/troubleshoot-quotas).
    int refusals = 0;
    const Relay relay(emulator(), [&](const Received& request) {
        return begins(request) && ++refusals <= 3 ? std::optional(refusal(403, "rateLimitExceeded")) : std::nullopt;
    });
    EXPECT_EQ(written(relay, "SELECT 1 AS n"), "{\"n\":1}\n");
    using std::chrono::seconds;
    EXPECT_THAT(clock->sleeps(), ::testing::ElementsAre(seconds(1), seconds(2), seconds(4)));
}

TEST_F(TestBigQueryAnswers, ALimitThatStaysEndsTheQuery) {
    const Relay relay(emulator(), [&](const Received& request) {
        return asks_for_page(request) ? std::optional(refusal(403, "rateLimitExceeded")) : std::nullopt;
    });
    EXPECT_THROW(written(relay, "SELECT 1 AS n"), errors::ExternalDatasourceError);
    std::chrono::milliseconds waited{0};
    for (const auto& sleep : clock->sleeps()) {
        waited += sleep;
    }
    EXPECT_LE(waited, std::chrono::minutes(2));
}

TEST_F(TestBigQueryAnswers, AJobThatTimedOutMayBeRunAgain) {
    // The emulator heeds no jobTimeoutMs. Google answers the next question for the result so.
    const Relay relay(emulator(), [&](const Received& request) {
        return asks_for_page(request)
                   ? std::optional(Reply::json(
                         R"({"error":{"code":499,"message":"Job execution was cancelled: Job timed out after 1s",)"
                         R"("errors":[{"reason":"stopped"}]}})",
                         499))
                   : std::nullopt;
    });
    try {
        written(relay, "SELECT 1 AS n");
        FAIL() << "it timed out";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
        EXPECT_THAT(error.hint(), HasSubstr("--statement-timeout"));
    }
}

TEST_F(TestBigQueryAnswers, AJobThatComesAfterItsCancelIsCancelledAllTheSame) {
    std::optional<Received> on_its_way;
    int cancels_seen = 0;
    const Relay relay(emulator(), [&](const Received& request) -> std::optional<Reply> {
        if (begins(request)) {
            on_its_way = request;
            Reply lost;
            lost.cut_at_answer_byte = 0;
            lost.reset = true;
            return lost;
        }
        if (cancels(request) && ++cancels_seen == 3) {
            post_again(*on_its_way);
        }
        return std::nullopt;
    });
    const auto api = through(relay);
    const std::string id = new_id();
    {
        bigquery::Job job(*api, id);
        EXPECT_THROW(job.begin("SELECT 1 AS n", {}, {}), errors::ExternalDatasourceError);
        EXPECT_TRUE(job.end());
    }
    EXPECT_EQ(cancels_seen, 3);
    EXPECT_EQ(state_of(id), "DONE");
}

TEST_F(TestBigQueryAnswers, AJobThatNeverComesIsNotWaitedForLong) {
    const Relay relay(emulator(), [&](const Received& request) {
        return begins(request) ? std::optional(refusal(503, "backendError")) : std::nullopt;
    });
    const auto api = through(relay);
    bigquery::Job job(*api, new_id());
    EXPECT_THROW(job.begin("SELECT 1 AS n", {}, {}), errors::ExternalDatasourceError);
    const auto before = clock->now();
    EXPECT_TRUE(job.end());
    EXPECT_LE(clock->now() - before, std::chrono::seconds(10));
}

TEST_F(TestBigQueryAnswers, AJobThatIsRefusedAfterItBeganIsCancelled) {
    int begun = 0;
    bool cancelled = false;
    const Relay relay(
        emulator(),
        [&](const Received& request) {
            cancelled = cancelled || cancels(request);
            return begins(request) && ++begun == 2 ? std::optional(refusal(403, "accessDenied")) : std::nullopt;
        },
        [&](const Received& request, Reply& reply) {
            if (begins(request)) {
                reply.cut_at_answer_byte = 0;
                reply.reset = true;
            }
        });
    const auto api = through(relay);
    bigquery::Job job(*api, new_id());
    EXPECT_THROW(job.begin("SELECT 1 AS n", {}, {}), errors::ExternalDatasourceError);
    EXPECT_TRUE(job.end());
    EXPECT_EQ(begun, 2);
    EXPECT_TRUE(cancelled);
}

TEST_F(TestBigQueryAnswers, ALookThatFailsIsNotTheLast) {
    int looked = 0;
    const Relay relay(emulator(), [&](const Received& request) {
        return looks(request) && ++looked <= 2 ? std::optional(refusal(403, "accessDenied")) : std::nullopt;
    });
    const auto api = through(relay);
    bigquery::Job job(*api, new_id());
    job.begin("SELECT 1 AS n", {}, {});
    EXPECT_TRUE(job.end());
    EXPECT_EQ(looked, 3);
}

TEST_F(TestBigQueryAnswers, AJobThatGoesOnIsTold) {
    const Relay relay(emulator(), [&](const Received& request) {
        return looks(request) ? std::optional(Reply::json(R"({"status":{"state":"RUNNING"}})")) : std::nullopt;
    });
    const auto api = through(relay);
    bigquery::Job job(*api, new_id());
    job.begin("SELECT 1 AS n", {}, {});
    ::testing::internal::CaptureStdout();
    EXPECT_FALSE(job.end());
    EXPECT_THAT(::testing::internal::GetCapturedStdout(), HasSubstr("it may go on"));
}

}  // namespace
}  // namespace tinybird_cdk
