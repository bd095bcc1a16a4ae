// SPDX-License-Identifier: Apache-2.0
/// The calls of the client that are no imports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "helpers/scripted_tinybird.hpp"

namespace tinybird_cdk::tinybird {
namespace {

using ::testing::HasSubstr;
using testing::Received;
using testing::Reply;
using testing::ScriptedTinybird;
using ::testing::SizeIs;

TEST(TestClientQuery, GivesRowsAndScalars) {
    ScriptedTinybird tinybird(
        {Reply::json(R"({"meta":[],"data":[{"n":42,"s":"x"},{"n":18446744073709551615,"s":null}]})")});
    Client client = tinybird.client();
    const ResultSet rows = client.query("SELECT n, s FROM t;  ", {.pipe = "p"});
    ASSERT_THAT(rows, SizeIs(2));
    EXPECT_EQ(rows[1][0].second.to_text(), "18446744073709551615");
    EXPECT_TRUE(rows[1][1].second.is_null());
    const Received request = tinybird.server.received().at(0);
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.parameter("q"), "SELECT n, s FROM t\nFORMAT JSON");
    EXPECT_EQ(request.parameter("pipeline"), "p");
    EXPECT_EQ(client.query_scalar("SELECT n FROM t").to_text(), "42");

    ScriptedTinybird empty({Reply::json(R"({"data":[]})")});
    EXPECT_TRUE(empty.client().query_scalar("SELECT n FROM t").is_null());
}

TEST(TestClientQuery, SendsLongSqlAsABody) {
    ScriptedTinybird tinybird({Reply::json(R"({"data":[]})")});
    tinybird.client().query("SELECT '" + std::string(5000, 'x') + "'");
    const Received request = tinybird.server.received().at(0);
    EXPECT_EQ(request.method, "POST");
    EXPECT_THAT(request.body, HasSubstr("FORMAT JSON"));
}

TEST(TestClientQuery, RefusesAFormatClauseAndAnswersWithoutData) {
    ScriptedTinybird tinybird({Reply::json("{}")});
    Client client = tinybird.client();
    EXPECT_THROW(client.query("SELECT 1 FORMAT CSV"), errors::InvalidArgument);
    EXPECT_THROW(client.query("SELECT 1"), errors::HTTPError);
    ScriptedTinybird text({Reply::json("<html>")});
    EXPECT_THROW(text.client().query("SELECT 1"), errors::Error);
}

TEST(TestClientDataSources, AreDescribed) {
    ScriptedTinybird tinybird({Reply::json(
        R"({"id":"t_1","name":"orders","engine":{"engine":"MergeTree","engine_sorting_key":"id","engine_partition_key":""},
            "columns":[{"name":"id","type":"Int64","jsonpath":"$.id","nullable":false},
                       {"name":"note","type":"String","nullable":true,"default_value":"DEFAULT 'x'"}],
            "statistics":{"bytes":10,"row_count":3}})")});
    const auto source = tinybird.client().data_source("orders");
    ASSERT_TRUE(source);
    EXPECT_EQ(source->columns.at(1).type.to_string(), "Nullable(String)");
    EXPECT_EQ(source->columns.at(1).default_expr, "'x'");
    EXPECT_EQ(source->sorting_key, "id");
    EXPECT_EQ(source->rows, 3U);

    ScriptedTinybird missing({Reply::json(R"({"error":"x"})", 404)});
    EXPECT_FALSE(missing.client().data_source("orders"));
    ScriptedTinybird list({Reply::json(R"({"datasources":[{"name":"a"},{"name":"b"}]})")});
    EXPECT_THAT(list.client().data_sources(), SizeIs(2));
}

TEST(TestClientDataSources, AreCreatedFromADatafile) {
    ScriptedTinybird tinybird({Reply::json("{}")});
    tinybird.client().create_data_source_from("orders", R"(# a comment
TOKEN "x" READ
DESCRIPTION >
    First line
    second line

SCHEMA >
    `id` Int64 `json:$.id` CODEC(DoubleDelta),
    `day` Date `json:$.day`

ENGINE "ReplacingMergeTree"
ENGINE_SORTING_KEY "id, day"
ENGINE_VER "day"
)");
    const Received request = tinybird.server.received().at(0);
    EXPECT_EQ(request.path(), "/v0/datasources");
    EXPECT_EQ(
        request.body,
        "description=First%20line%0Asecond%20line&schema=%60id%60%20Int64%20%60json%3A%24.id%60%20CODEC%28DoubleDelta"
        "%29%2C%20%60day%60%20Date%20%60json%3A%24.day%60&engine=ReplacingMergeTree&engine_sorting_key=id%2C%20day&"
        "engine_ver=day&format=ndjson&name=orders&mode=create");
    EXPECT_THROW(tinybird.client().create_data_source_from("x", "ENGINE MergeTree\n"), errors::InvalidArgument);
}

TEST(TestClientDataSources, AWorkspaceThatOnlyDeploysGetsItsDatafile) {
    ScriptedTinybird tinybird({Reply::json(R"({"error":"Data sources are created by deployments only"})", 403)});
    schema::Schema schema;
    schema.columns = {{.name = "id", .type = schema::Type::parse("Int64")}};
    try {
        tinybird.client().create_data_source("orders", schema);
        FAIL() << "no exception";
    } catch (const errors::HTTPError& error) {
        EXPECT_EQ(error.status(), 403);
        EXPECT_THAT(error.hint(), HasSubstr("orders.datasource"));
        EXPECT_THAT(error.hint(), HasSubstr("SCHEMA >\n    `id` Int64 `json:$.id`"));
    }
}

TEST(TestClientDataSources, AreAlteredTruncatedAndDropped) {
    ScriptedTinybird tinybird({Reply::json("")});
    Client client = tinybird.client();
    client.alter("orders", "`id` Int64, `note` Nullable(String)");
    client.truncate("orders");
    client.drop_data_source("orders");
    const auto received = tinybird.server.received();
    EXPECT_EQ(received[0].path(), "/v0/datasources/orders/alter");
    EXPECT_EQ(received[0].body, "name=orders&schema=%60id%60%20Int64%2C%20%60note%60%20Nullable%28String%29");
    EXPECT_EQ(received[1].target, "/v0/datasources/orders/truncate");
    EXPECT_EQ(received[2].method, "DELETE");
}

TEST(TestClientDataSources, RowsAreDeletedAndWaitedFor) {
    ScriptedTinybird tinybird({Reply::json(R"({"id":"d1","job_id":"d1","status":"waiting"})"),
                               Reply::json(R"({"id":"d1","status":"done","rows_affected":3})")});
    EXPECT_EQ(tinybird.client().delete_rows("orders", "id > 5").job_id, "d1");
    EXPECT_EQ(tinybird.server.received().at(0).body, "delete_condition=id%20%3E%205");
}

TEST(TestClientQuarantine, IsCountedAndRead) {
    ScriptedTinybird described({Reply::json(R"({"name":"orders","quarantine_rows":3})")});
    EXPECT_EQ(described.client().quarantine_count("orders"), 3U);
    const Reply plain = Reply::json(R"({"name":"orders"})");
    ScriptedTinybird none({plain, Reply::json(R"({"error":"table orders_quarantine does not exist"})", 404)});
    EXPECT_EQ(none.client().quarantine_count("orders"), 0U);
    ScriptedTinybird broken({plain, Reply::json(R"({"error":"no memory"})", 500)});
    EXPECT_THROW(broken.client().quarantine_count("orders"), errors::HTTPError);
    ScriptedTinybird some(
        {plain, Reply::json(R"x({"data":[{"count()":7}]})x"), Reply::json(R"({"data":[{"c__error":["bad"]}]})")});
    Client client = some.client();
    EXPECT_EQ(client.quarantine_count("orders"), 7U);
    EXPECT_THAT(client.quarantined_rows("orders", 10), SizeIs(1));
    EXPECT_THAT(some.server.received().at(2).parameter("q").value_or(""),
                HasSubstr("FROM orders_quarantine ORDER BY insertion_date DESC LIMIT 10"));
}

TEST(TestClientJobs, AreReadListedWaitedForCancelledAndRetried) {
    ScriptedTinybird tinybird([](const Received& request) {
        if (request.target == "/v0/jobs") {
            return Reply::json(
                R"({"jobs":[{"id":"a","kind":"import","status":"done"},{"id":"b","status":"error","error":"no"}]})");
        }
        if (request.target == "/v0/jobs/a/cancel") {
            return Reply::json(R"({"id":"a","status":"cancelling"})");
        }
        if (request.target == "/v0/jobs/a/retry") {
            return Reply::json(R"({"id":"a2","status":"waiting"})");
        }
        return Reply::json(
            R"({"id":"a","kind":"import","status":"done","progress_percentage":100,"created_at":"2026-11-24 10:00:00"})");
    });
    Client client = tinybird.client();
    const Job job = client.job("a");
    EXPECT_EQ(job.kind, "import");
    EXPECT_TRUE(job.ended());
    EXPECT_EQ(job.progress, 1.0);
    EXPECT_EQ(client.wait_for_job("a").status, "done");
    const auto jobs = client.jobs();
    ASSERT_THAT(jobs, SizeIs(2));
    EXPECT_EQ(jobs[1].error, "no");
    EXPECT_EQ(client.cancel_job("a").status, "cancelling");
    EXPECT_EQ(client.retry_job("a").id, "a2");
}

TEST(TestClientLinkers, AreReadAndAltered) {
    ScriptedTinybird tinybird({Reply::json(R"({"query":"SELECT 1"})"), Reply::json("{}")});
    Client client = tinybird.client();
    EXPECT_EQ(client.linker("orders", "bigquery").at("query").to_text(), "SELECT 1");
    client.alter_linker("orders", "bigquery", "SELECT 2");
    const auto received = tinybird.server.received();
    EXPECT_EQ(received[0].target, "/v0/linkers/orders?service=bigquery");
    EXPECT_EQ(received[1].method, "PUT");
    EXPECT_EQ(received[1].parameter("query"), "SELECT 2");
}

TEST(TestClientEvents, InQuarantineAreAnErrorWhereThatIsWanted) {
    ScriptedTinybird tinybird({Reply::json(R"({"successful_rows":2,"quarantined_rows":1})")});
    Client client = tinybird.client();
    EXPECT_THROW(client.append_events("{}\n{}\n{}", "clicks", {.wait = true, .on_quarantine = OnQuarantine::fail}),
                 errors::QuarantineError);
    EXPECT_THROW(client.append_event("{}", "clicks", {.on_quarantine = OnQuarantine::fail}), errors::QuarantineError);
}

TEST(TestClientEvents, AreSentAsTheyAre) {
    ScriptedTinybird tinybird({Reply::json(R"({"successful_rows":2,"quarantined_rows":1})", 202)});
    ::testing::internal::CaptureStdout();
    const Response response = tinybird.client().append_events("{\"a\":1}\n{\"a\":\"x\"}", "clicks", true);
    EXPECT_THAT(::testing::internal::GetCapturedStdout(), HasSubstr("1 event(s) went to quarantine"));
    EXPECT_EQ(response.rows, 2U);
    EXPECT_EQ(response.quarantined, 1U);
    const Received request = tinybird.server.received().at(0);
    EXPECT_EQ(request.target, "/v0/events?name=clicks&wait=true");
    EXPECT_EQ(request.body, "{\"a\":1}\n{\"a\":\"x\"}");
}

}  // namespace
}  // namespace tinybird_cdk::tinybird
