// SPDX-License-Identifier: Apache-2.0
// Loads by a bucket that go wrong: a relay before the emulator, before the bucket, or before Tinybird breaks off what
// goes through it. What is left in the bucket, and what the error says.
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>
#include <tinybird_cdk/warehouse_connector.hpp>

#include "bucket.hpp"
#include "dataset.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using testing::bigquery_environment;
using testing::Bucket;
using testing::Dataset;
using ::testing::HasSubstr;
using testing::Received;
using testing::Relay;
using testing::Reply;
using testing::Target;

bool is_dry_run(const Received& request) {
    return request.body.find(R"("dryRun":true)") != std::string::npos;
}

bool exports(const Received& request) {
    return request.method == "POST" && request.path().ends_with("/jobs") &&
           request.body.find("EXPORT DATA") != std::string::npos;
}

bool begins_export(const Received& request) {
    return exports(request) && !is_dry_run(request);
}

bool asks_for_end(const Received& request) {
    return request.method == "GET" && request.path().find("/queries/") != std::string::npos;
}

/// An error as BigQuery writes it (https://cloud.google.com/bigquery/docs/error-messages).
Reply refusal(int status, const std::string& reason, const std::string& message) {
    return Reply::json(R"({"error":{"code":)" + std::to_string(status) + R"(,"message":")" + message +
                           R"(","errors":[{"message":")" + message + R"(","domain":"global","reason":")" + reason +
                           R"("}]}})",
                       status);
}

class TestBigQueryFaults : public ::testing::Test {
protected:
    void SetUp() override {
        if (testing::on_google()) {
            GTEST_SKIP() << "on Google's service: the relays stand before the emulator";
        }
        data.execute("CREATE TABLE {d}.t AS SELECT 1 AS n");
        const auto plain = sql_connector_for("bigquery", bigquery_environment());
        target = std::make_unique<Target>(
            plain->suggest_schema({{"project", data.project()}, {"dataset", data.name()}, {"table", "t"}}));
        query = data.sql("SELECT n FROM {d}.t");
        options.format = Format::ndjson;
        options.stop = stop.get_token();
    }

    void load(const Environment& environment) {
        const auto connector = sql_connector_for("bigquery", environment);
        dynamic_cast<WarehouseConnector&>(*connector).set_route(Route::bucket);
        result = connector->append(query, target->name(), options);
    }
    [[nodiscard]] Environment through(const Relay& relay) const {
        return bucket.environment().with("BIGQUERY_EMULATOR_HOST", relay.url());
    }
    [[nodiscard]] static std::string emulator() {
        return config::get("BIGQUERY_EMULATOR_HOST", bigquery_environment());
    }

    Dataset data;
    Bucket bucket;
    std::unique_ptr<Target> target;
    std::string query;
    std::stop_source stop;
    LoadOptions options;
    LoadResult result;
};

TEST_F(TestBigQueryFaults, AStopCancelsTheJobBeforeItsObjectsAreDeleted) {
    std::mutex mutex;
    std::vector<std::string> events;
    const auto note = [&](const char* event) {
        const std::lock_guard lock(mutex);
        events.emplace_back(event);
    };
    // For the kit, the job runs until it is cancelled, and once more after that.
    int looks = 0;
    const Relay warehouse(emulator(), [&](const Received& request) -> std::optional<Reply> {
        if (asks_for_end(request)) {
            stop.request_stop();
            return Reply::json(R"({"jobComplete":false})");
        }
        if (request.path().ends_with("/cancel")) {
            note("cancel");
            return std::nullopt;
        }
        if (request.method == "GET" && request.path().find("/jobs/") != std::string::npos && ++looks == 1) {
            note("still runs");
            return Reply::json(R"({"status":{"state":"RUNNING"}})");
        }
        return std::nullopt;
    });
    const Relay store(bucket.endpoint(), [&](const Received& request) -> std::optional<Reply> {
        note(request.method == "GET" ? "list" : "delete");
        return std::nullopt;
    });
    EXPECT_THROW(load(through(warehouse).with("STORAGE_EMULATOR_HOST", store.url())), errors::InterruptedError);
    ASSERT_GE(events.size(), 3U);
    EXPECT_EQ(events[0], "cancel");
    EXPECT_EQ(events[1], "still runs");
    EXPECT_EQ(events[2], "list");
    EXPECT_TRUE(bucket.objects().empty());
    EXPECT_EQ(target->text("count()"), "0");
}

TEST_F(TestBigQueryFaults, AJobThatCantBeAskedForIsCancelledBeforeItsObjectsAreDeleted) {
    // A token that is taken back while the job runs: the job does not end by that.
    for (const auto& [status, reason] : {std::pair{403, "accessDenied"}, {404, "notFound"}}) {
        std::mutex mutex;
        std::vector<std::string> events;
        const auto note = [&](const char* event) {
            const std::lock_guard lock(mutex);
            events.emplace_back(event);
        };
        const Relay warehouse(emulator(),
                              [&, status = status, reason = reason](const Received& request) -> std::optional<Reply> {
                                  if (asks_for_end(request)) {
                                      return refusal(status, reason, "no right to ask");
                                  }
                                  if (request.path().ends_with("/cancel")) {
                                      note("cancel");
                                  }
                                  return std::nullopt;
                              });
        const Relay store(bucket.endpoint(), [&](const Received& request) -> std::optional<Reply> {
            note(request.method == "GET" ? "list" : "delete");
            return std::nullopt;
        });
        EXPECT_THROW(load(through(warehouse).with("STORAGE_EMULATOR_HOST", store.url())),
                     errors::ExternalDatasourceError);
        ASSERT_GE(events.size(), 2U) << reason;
        EXPECT_EQ(events[0], "cancel") << reason;
        EXPECT_EQ(events[1], "list") << reason;
        EXPECT_TRUE(bucket.objects().empty()) << reason;
    }
}

TEST_F(TestBigQueryFaults, AnAnswerThatIsNotBigQuerysEndsTheLoad) {
    for (const char* const body : {"<html>Please log in</html>", "{}", R"({"jobComplete":null})"}) {
        const Relay warehouse(emulator(), [&](const Received& request) -> std::optional<Reply> {
            return asks_for_end(request) ? std::optional(Reply::json(body)) : std::nullopt;
        });
        try {
            load(through(warehouse));
            FAIL() << body;
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("BigQuery")) << body;
            EXPECT_FALSE(error.hint().empty()) << body;
        }
        EXPECT_TRUE(bucket.objects().empty()) << body;
    }
    EXPECT_EQ(target->text("count()"), "0");
}

TEST_F(TestBigQueryFaults, AViewThatChangesAfterTheEstimateIsNotUnloaded) {
    data.execute("CREATE VIEW {d}.v AS SELECT 1 AS n");
    query = data.sql("SELECT n FROM {d}.v");
    int dry_runs = 0;
    bool has_begun = false;
    const Relay warehouse(emulator(), [&](const Received& request) -> std::optional<Reply> {
        has_begun = has_begun || begins_export(request);
        // The query and its export are looked at for the estimate, and the query once more before it is unloaded.
        if (is_dry_run(request) && ++dry_runs == 3) {
            data.execute("CREATE OR REPLACE VIEW {d}.v AS SELECT 'one' AS n");
        }
        return std::nullopt;
    });
    try {
        load(through(warehouse));
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr(R"(column 1 was "n" of type INT64 and is "n" of type STRING)"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
    }
    EXPECT_FALSE(has_begun);
    EXPECT_TRUE(bucket.objects().empty());
}

TEST_F(TestBigQueryFaults, AJobWhoseBeginningIsNotConfirmedIsOurs) {
    int begun = 0;
    bool asked_elsewhere = false;
    const Relay warehouse(
        emulator(),
        [&](const Received& request) {
            asked_elsewhere = asked_elsewhere || (asks_for_end(request) && !request.parameter("location"));
            return std::nullopt;
        },
        [&](const Received& request, Reply& reply) {
            if (begins_export(request) && ++begun == 1) {
                reply.cut_at_answer_byte = 0;
                reply.reset = true;
            }
        });
    load(through(warehouse));
    EXPECT_EQ(begun, 2);
    EXPECT_FALSE(asked_elsewhere);
    EXPECT_EQ(result.rows, 1U);
    EXPECT_EQ(target->text("count()"), "1");
    EXPECT_TRUE(bucket.objects().empty());
}

TEST_F(TestBigQueryFaults, AQueryWhoseBeginningIsNotConfirmedIsOurs) {
    // Without a location, Google finds jobs of the US only.
    int begun = 0;
    bool asked_elsewhere = false;
    const Relay warehouse(
        emulator(),
        [&](const Received& request) {
            asked_elsewhere = asked_elsewhere || (asks_for_end(request) && !request.parameter("location"));
            return std::nullopt;
        },
        [&](const Received& request, Reply& reply) {
            const bool begins = request.method == "POST" && request.path().ends_with("/jobs") &&
                                request.body.find("jobId") != std::string::npos;
            if (begins && ++begun == 1) {
                reply.cut_at_answer_byte = 0;
                reply.reset = true;
            }
        });
    const auto connector = sql_connector_for("bigquery", through(warehouse));
    dynamic_cast<WarehouseConnector&>(*connector).set_route(Route::direct);
    result = connector->append(query, target->name(), options);
    EXPECT_EQ(begun, 2);
    EXPECT_FALSE(asked_elsewhere);
    EXPECT_EQ(result.rows, 1U);
}

TEST_F(TestBigQueryFaults, PagesThatAreMissingAreAnError) {
    const Relay warehouse(
        emulator(), [](const Received&) { return std::nullopt; },
        [](const Received& request, Reply& reply) {
            const std::string token = R"("pageToken")";
            const std::size_t at = reply.body.find(token);
            if (asks_for_end(request) && at != std::string::npos) {
                reply.body.replace(at, token.size(), R"("lostToken")");
            }
        });
    const auto connector = sql_connector_for("bigquery", through(warehouse).with("BIGQUERY_STORAGE_GRPC_ENDPOINT", ""));
    dynamic_cast<WarehouseConnector&>(*connector).set_route(Route::direct);
    try {
        connector->append("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 5001)) AS n", target->name(), options);
        FAIL() << "a page is missing";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("the result has 5001 rows, and its pages gave 5000"));
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
    }
    EXPECT_EQ(target->text("count()"), "0");
}

TEST_F(TestBigQueryFaults, AJobThatFailsAfterItHasWrittenLeavesNothing) {
    bool has_written = false;
    const Relay warehouse(
        emulator(), [](const Received&) { return std::nullopt; },
        [&](const Received& request, Reply& reply) {
            if (asks_for_end(request) && rest::text_at(Value::from_json(reply.body), {"jobComplete"}) == "true") {
                has_written = !bucket.objects().empty();
                reply = refusal(400, "resourcesExceeded", "Resources exceeded during query execution");
            }
        });
    try {
        load(through(warehouse));
        FAIL() << "the job fails";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("Resources exceeded during query execution (resourcesExceeded)"));
        EXPECT_THAT(error.hint(), HasSubstr("https://console.cloud.google.com/bigquery?project=" + data.project()));
        EXPECT_THAT(error.hint(), HasSubstr("bq:"));
    }
    EXPECT_TRUE(has_written);
    EXPECT_TRUE(bucket.objects().empty());
    EXPECT_EQ(target->text("count()"), "0");
}

TEST_F(TestBigQueryFaults, WhereAJobThatCantBeCancelledStillWritesIsTold) {
    // A right that is taken away while the job runs, and with it that to cancel. The job writes once more when its
    // objects are deleted.
    bool written_again = false;
    const Relay warehouse(emulator(), [&](const Received& request) -> std::optional<Reply> {
        const bool is_refused = asks_for_end(request) || request.path().ends_with("/cancel");
        return is_refused ? std::optional(refusal(403, "accessDenied", "no right to ask")) : std::nullopt;
    });
    const Relay store(bucket.endpoint(), [&](const Received& request) -> std::optional<Reply> {
        if (request.method == "GET" && !std::exchange(written_again, true)) {
            return Reply::json(R"({"kind":"storage#objects"})");
        }
        return std::nullopt;
    });
    ::testing::internal::CaptureStdout();
    EXPECT_THROW(load(through(warehouse).with("STORAGE_EMULATOR_HOST", store.url())), errors::ExternalDatasourceError);
    const std::string log = ::testing::internal::GetCapturedStdout();
    EXPECT_THAT(log, HasSubstr("could not be cancelled, so it may go on"));
    EXPECT_THAT(log, HasSubstr("still writes stays in gs://"));
    EXPECT_TRUE(written_again);
    EXPECT_TRUE(bucket.objects().empty());
}

TEST_F(TestBigQueryFaults, SeveralStatementsGoDirectly) {
    // Google calls them a SELECT where the others only make functions for it, which the emulator does not.
    query = data.sql("CREATE TEMP FUNCTION f(x INT64) AS (x + 1); SELECT f(n) AS n FROM {d}.t");
    const Relay warehouse(
        emulator(), [](const Received&) { return std::nullopt; },
        [](const Received& request, Reply& reply) {
            if (is_dry_run(request)) {
                reply = Reply::json(
                    R"({"statistics":{"query":{"statementType":"SELECT","totalBytesProcessed":"5000000000",)"
                    R"("schema":{"fields":[{"name":"n","type":"INTEGER"}]}}}})");
            }
        });
    try {
        load(through(warehouse));
        FAIL() << "nothing was thrown";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("several statements"));
    }
    const auto connector = sql_connector_for("bigquery", through(warehouse));
    result = connector->append(query, target->name(), options);
    EXPECT_EQ(result.rows, 1U);
    EXPECT_EQ(target->text("sum(n)"), "2");
}

TEST_F(TestBigQueryFaults, WhatBigQueryDoesNotExportGoesDirectly) {
    // Wildcard tables are such, whose export the emulator takes
    // (https://cloud.google.com/bigquery/docs/reference/standard-sql/export-statements).
    const std::string reason = "EXPORT DATA statement cannot reference meta tables in the queries";
    std::string looked_at;
    const Relay warehouse(
        emulator(),
        [&](const Received& request) -> std::optional<Reply> {
            looked_at = exports(request) && is_dry_run(request) ? request.body : looked_at;
            return exports(request) ? std::optional(refusal(400, "invalidQuery", reason)) : std::nullopt;
        },
        [](const Received& request, Reply& reply) {
            const std::string none = R"("totalBytesProcessed":"0")";
            if (const std::size_t at = reply.body.rfind(none); is_dry_run(request) && at != std::string::npos) {
                reply.body.replace(at, none.size(), R"("totalBytesProcessed":"5000000000")");
            }
        });
    try {
        load(through(warehouse));
        FAIL() << "nothing was thrown";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr(reason));
    }
    EXPECT_THAT(looked_at, HasSubstr("gs://"));
    EXPECT_THAT(looked_at, HasSubstr("FROM (\\n" + query));
    const auto connector = sql_connector_for("bigquery", through(warehouse));
    const auto preview = connector->preview_append(query, target->name(), options).warehouse;
    ASSERT_TRUE(preview);
    EXPECT_EQ(preview->via, "direct");
    EXPECT_THAT(preview->why, HasSubstr(reason));
    result = connector->append(query, target->name(), options);
    EXPECT_EQ(target->text("sum(n)"), "1");
}

TEST_F(TestBigQueryFaults, AnExportThatCantBeLookedAtNowIsNotTakenForImpossible) {
    const Relay warehouse(emulator(), [&](const Received& request) -> std::optional<Reply> {
        return exports(request) && is_dry_run(request) ? std::optional(refusal(500, "backendError", "come back"))
                                                       : std::nullopt;
    });
    try {
        load(through(warehouse));
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
    }
}

TEST_F(TestBigQueryFaults, ALookAtAnExportWritesNothing) {
    const auto connector = sql_connector_for("bigquery", bucket.environment());
    dynamic_cast<WarehouseConnector&>(*connector).set_route(Route::bucket);
    EXPECT_EQ(connector->preview_append(query, target->name(), options).warehouse->via, "bucket");
    EXPECT_TRUE(bucket.objects().empty());
}

TEST_F(TestBigQueryFaults, WhatCantBeDeletedIsTold) {
    const Relay store(bucket.endpoint(), [](const Received& request) -> std::optional<Reply> {
        const bool deletes = request.method == "DELETE" || request.path().find("/batch") != std::string::npos;
        return deletes ? std::optional(refusal(403, "forbidden", "no storage.objects.delete")) : std::nullopt;
    });
    load(bucket.environment().with("STORAGE_EMULATOR_HOST", store.url()));
    EXPECT_EQ(result.rows, 1U);
    EXPECT_THAT(result.left_behind, HasSubstr("gs://"));
    EXPECT_THAT(result.left_behind, HasSubstr("no storage.objects.delete"));
    EXPECT_FALSE(bucket.objects().empty());
}

TEST_F(TestBigQueryFaults, ARefusalHasGooglesText) {
    struct Case {
        int status;
        const char* reason;
        const char* hint;
    };
    for (const Case& one : {Case{403, "accessDenied", "roles/bigquery.jobUser"},
                            Case{404, "notFound", "Check the names"}, Case{403, "quotaExceeded", "quota"}}) {
        const Relay warehouse(emulator(), [&](const Received& request) -> std::optional<Reply> {
            return begins_export(request) ? std::optional(refusal(one.status, one.reason, "as Google says"))
                                          : std::nullopt;
        });
        try {
            load(through(warehouse));
            FAIL() << one.reason;
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("as Google says"));
            EXPECT_THAT(error.what(), HasSubstr(one.reason));
            EXPECT_THAT(error.hint(), HasSubstr(one.hint));
        }
    }
    EXPECT_TRUE(bucket.objects().empty());
}

TEST_F(TestBigQueryFaults, ARightThatTheBucketLacksIsNamed) {
    const std::string name = bucket.environment().get("GCS_BUCKET").value_or("");
    const Relay warehouse(emulator(), [&](const Received& request) -> std::optional<Reply> {
        return asks_for_end(request)
                   ? std::optional(refusal(403, "accessDenied",
                                           "Access Denied: BigQuery BigQuery: Permission denied while writing data."))
                   : std::nullopt;
    });
    try {
        load(through(warehouse));
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("Permission denied while writing data"));
        EXPECT_THAT(error.hint(), HasSubstr("roles/storage.objectAdmin on gs://" + name));
        EXPECT_THAT(error.hint(), HasSubstr("https://console.cloud.google.com/bigquery?project="));
    }
}

TEST_F(TestBigQueryFaults, RowsThatTinybirdDoesNotAccountForAreAnError) {
    const Relay warehouse(
        emulator(), [](const Received&) { return std::nullopt; },
        [](const Received&, Reply& reply) {
            const std::string said = R"("rowCount":"1")";
            if (const std::size_t at = reply.body.find(said); at != std::string::npos) {
                reply.body.replace(at, said.size(), R"("rowCount":"2")");
            }
        });
    EXPECT_THROW(load(through(warehouse)), errors::NotProvedError);
    EXPECT_TRUE(bucket.objects().empty());
}

TEST_F(TestBigQueryFaults, ATagOfAnyCharactersIsALabel) {
    load(bucket.environment().with("TB_CDK_TAG", "Nightly/Größe {1}, \"x\" " + std::string(80, 'Z')));
    std::vector<std::string> labels;
    for (const Value& job : data.jobs()) {
        labels.push_back(rest::text_at(job, {"configuration", "labels", "tb_cdk_tag"}));
    }
    const std::string begin = "nightly_gr____e__1____x__";
    EXPECT_THAT(labels, ::testing::Contains(begin + std::string(63 - begin.size(), 'z')));
}

}  // namespace
}  // namespace tinybird_cdk
