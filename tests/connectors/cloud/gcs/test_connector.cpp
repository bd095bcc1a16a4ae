// SPDX-License-Identifier: Apache-2.0
/// Objects of fake-gcs-server into a local Tinybird: what is in the data source afterwards, however the load went.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/registry.hpp>

#include "core/cloud/gcs/credential_files.hpp"
#include "core/text.hpp"
#include "helpers/target.hpp"
#include "http/client.hpp"
#include "http/gzip.hpp"
#include "proxy.hpp"
#include "store.hpp"

namespace tinybird_cdk::cloud::gcs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using tinybird_cdk::testing::Received;
using tinybird_cdk::testing::Reply;
using tinybird_cdk::testing::ScriptedServer;
using tinybird_cdk::testing::Target;

schema::Schema ids_and_names() {
    schema::Schema schema;
    schema.table = "t";
    schema.columns = {{"id", "", schema::Int64(), "", "", ""}, {"name", "", schema::String(), "", "", ""}};
    schema.sorting_key = {"id"};
    return schema;
}

/// Rows first, first + 1, … in this format. Parquet is written by the ClickHouse of the local Tinybird.
std::string rows_of(Format format, int count, int first = 0) {
    std::string text = format == Format::csv ? "id,name\n" : "";
    if (format == Format::parquet) {
        const Environment environment = testing::tinybird_environment();
        http::Request request;
        request.url = environment.get("TB_CDK_ENDPOINT").value() + "/v0/sql?q=" +
                      core::url_encode(fmt::format("SELECT toInt64(number + {}) AS id, concat('row ', toString(id)) AS "
                                                   "name FROM numbers({}) FORMAT Parquet",
                                                   first, count));
        request.headers = {{"Authorization", "Bearer " + environment.get("TB_CDK_TOKEN").value()}};
        const http::Response answer = http::Client({}).perform(request);
        EXPECT_TRUE(answer.body.starts_with("PAR1")) << answer.body;
        return answer.body;
    }
    for (int i = first; i < first + count; ++i) {
        text += format == Format::csv ? fmt::format("{},row {}\n", i, i)
                                      : fmt::format("{{\"id\":{},\"name\":\"row {}\"}}\n", i, i);
    }
    return text;
}

class ConnectorTest : public StoreTest {
protected:
    ConnectorTest() { options.on_quarantine = tinybird::OnQuarantine::fail; }

    static std::unique_ptr<CloudConnector> connector_of(const Environment& environment) {
        auto made = connector_for("gcs", environment);
        return std::unique_ptr<CloudConnector>(&dynamic_cast<CloudConnector&>(*made.release()));
    }
    static std::unique_ptr<CloudConnector> connector_at(const std::string& url) {
        return connector_of(testing::tinybird_environment().with("STORAGE_EMULATOR_HOST", url));
    }
    /// An object with a Content-Encoding, as `gsutil cp -z` writes it.
    void put_encoded(const std::string& key, const std::string& bytes) const {
        const std::string body = fmt::format(
            "--x\r\nContent-Type: application/json\r\n\r\n{}\r\n--x\r\nContent-Type: text/csv\r\n\r\n{}\r\n--x--\r\n",
            nlohmann::json{{"name", key}, {"contentType", "text/csv"}, {"contentEncoding", "gzip"}}.dump(), bytes);
        const auto sent = body_of(body);
        http::Request request;
        request.method = "POST";
        request.url =
            fmt::format("{}/upload/storage/v1/b/{}/o?uploadType=multipart&name={}", server_url(), bucket, key);
        request.headers = {{"Content-Type", "multipart/related; boundary=x"}};
        request.body = sent.get();
        ASSERT_EQ(http::Client({}).perform(request).status, 200);
    }
    /// Rows 0 to count - 1 are there, each once.
    void expect_rows(int count) {
        EXPECT_EQ(target.text("count()"), std::to_string(count));
        EXPECT_EQ(target.text("uniqExact(id)"), std::to_string(count));
        EXPECT_EQ(target.text("ifNull(max(id), 0)"), std::to_string(std::max(count - 1, 0)));
        EXPECT_EQ(target.text("countIf(name != concat('row ', toString(id)))"), "0");
    }

    std::unique_ptr<CloudConnector> connector = connector_at(server_url());
    Target target{ids_and_names()};
    CloudLoadOptions options;
};

class WaysTest : public ConnectorTest, public ::testing::WithParamInterface<Via> {
protected:
    WaysTest() { options.via = GetParam(); }
};

INSTANTIATE_TEST_SUITE_P(Ways, WaysTest, ::testing::Values(Via::url, Via::stream),
                         [](const auto& parameter) { return parameter.param == Via::url ? "url" : "stream"; });

TEST_P(WaysTest, EachFormatIsAppended) {
    for (const Format format : {Format::csv, Format::ndjson, Format::parquet}) {
        for (const bool compressed : {false, true}) {
            if (compressed && format == Format::parquet) {
                continue;
            }
            const std::string key = fmt::format("d r/é+%25?.{}{}", formats::name(format), compressed ? ".gz" : "");
            SCOPED_TRACE(key);
            const Target fresh(ids_and_names());
            const std::string rows = rows_of(format, 3000);
            put(key, compressed ? http::gzip(rows) : rows);
            options.format = format;
            const LoadResult result = connector->append(bucket, key, fresh.name(), options);
            EXPECT_EQ(result.response.rows, 3000U);
            connector->replace(bucket, key, target.name(), options);
            expect_rows(3000);
        }
    }
}

TEST_P(WaysTest, WhatIsStoredWithAContentEncodingArrivesOnce) {
    // Google decompresses for those who don't say that they take gzip
    // (https://cloud.google.com/storage/docs/transcoding), and so does this server.
    const std::string rows = rows_of(Format::csv, 3000);
    for (const char* key : {"plain-name.csv", "packed-name.csv.gz"}) {
        SCOPED_TRACE(key);
        put_encoded(key, http::gzip(rows));
        connector->replace(bucket, key, target.name(), options);
        expect_rows(3000);
    }
}

TEST_P(WaysTest, AReplaceConditionTouchesItsRowsOnly) {
    put("a.csv", rows_of(Format::csv, 10));
    put("b.csv", "id,name\n7,new\n");
    connector->append(bucket, "a.csv", target.name(), options);
    options.replace_condition = "id = 7";
    connector->replace(bucket, "b.csv", target.name(), options);
    EXPECT_EQ(target.text("count()"), "10");
    EXPECT_EQ(target.text("groupArray((id, name))", "WHERE name NOT LIKE 'row%'"), target.text("[(7, 'new')]"));
    options.replace_condition.clear();
    connector->replace(bucket, "a.csv", target.name(), options);
    expect_rows(10);
}

TEST_P(WaysTest, APatternTakesItsObjectsInOrder) {
    put("in/", "");
    put("in/1.csv", rows_of(Format::csv, 10));
    put("in/2.csv.gz", http::gzip(rows_of(Format::csv, 10, 10)));
    put("in/deep/3.csv", "id,name\n-1,too deep\n");
    put("in/4.ndjson", "another format");
    std::vector<std::string> seen;
    const auto loaded = connector->append_all({.bucket = bucket, .pattern = "in/*.csv*"}, target.name(), options,
                                              [&](const LoadedObject& object) { seen.push_back(object.object.key); });
    EXPECT_EQ(loaded.size(), 2U);
    EXPECT_THAT(seen, ElementsAre("in/1.csv", "in/2.csv.gz"));
    expect_rows(20);
    // Nothing is newer than the newest.
    EXPECT_THAT(
        connector->append_all(
            {.bucket = bucket, .pattern = "in/*.csv*", .newer_than = client->stat(bucket, "in/2.csv.gz")->modified},
            target.name(), options),
        IsEmpty());
    EXPECT_EQ(
        connector
            ->append_all(
                {.bucket = bucket, .pattern = "in/*.csv*", .newer_than = client->stat(bucket, "in/1.csv")->modified},
                target.name(), options)
            .size(),
        1U);
    EXPECT_EQ(target.text("count()"), "30");
}

TEST_P(WaysTest, WhatCanNotBeLoadedIsSaidBeforeAnythingIsSent) {
    put("empty.csv", "");
    put("a.ndjson", "{}\n");
    const std::vector<std::pair<std::string, std::string>> cases{
        {"nothing.csv", "there is no gs://" + bucket + "/nothing.csv"},
        {"empty.csv", "gs://" + bucket + "/empty.csv is empty"},
        {"a.ndjson", "is ndjson by its name, and csv was asked for"}};
    for (const auto& [key, text] : cases) {
        SCOPED_TRACE(key);
        try {
            connector->append(bucket, key, target.name(), options);
            FAIL();
        } catch (const errors::InvalidArgument& error) {
            EXPECT_THAT(error.what(), HasSubstr(text));
        }
    }
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_F(ConnectorTest, AReadThatBreaksGoesOnAndRowsAreExact) {
    options.via = Via::stream;
    const std::string rows = rows_of(Format::csv, 150'000);
    put("a.csv", rows);
    put_encoded("b.csv", http::gzip(rows));
    for (const char* key : {"a.csv", "b.csv"}) {
        SCOPED_TRACE(key);
        int breaks = 0;
        Proxy proxy({}, [&breaks](const Received& request, Reply& reply, int) {
            if (request.parameter("alt") == "media" && breaks < 3) {
                ++breaks;
                reply.cut_at_answer_byte = reply.body.size() / 3;
                reply.reset = breaks == 2;
            }
        });
        connector_at(proxy.url())->replace(bucket, key, target.name(), options);
        EXPECT_EQ(breaks, 3);
        expect_rows(150'000);
    }
}

TEST_F(ConnectorTest, AStoreThatBreaksForGoodLeavesTheRowsAlone) {
    options.via = Via::stream;
    put("a.csv", rows_of(Format::csv, 10));
    connector->append(bucket, "a.csv", target.name(), options);
    put("b.csv", rows_of(Format::csv, 150'000));
    // In the middle of the object the store says that there is none any more.
    Proxy proxy([](const Received& request,
                   int) { return request.header("range") ? std::optional(Reply::json("{}", 404)) : std::nullopt; },
                [](const Received& request, Reply& reply, int) {
                    if (request.parameter("alt") == "media") {
                        reply.cut_at_answer_byte = 1'000'000;
                    }
                });
    const auto breaking = connector_of(testing::tinybird_environment().with("STORAGE_EMULATOR_HOST", proxy.url()));
    EXPECT_THROW(breaking->append(bucket, "b.csv", target.name(), options), errors::ExternalDatasourceError);
    EXPECT_THROW(breaking->replace(bucket, "b.csv", target.name(), options), errors::ExternalDatasourceError);
    expect_rows(10);
}

TEST_F(ConnectorTest, StoppingAStreamLeavesNothing) {
    options.via = Via::stream;
    put("a.csv", rows_of(Format::csv, 150'000));
    std::stop_source stop;
    // The store's answer ends in the middle, and the kit is told to stop before it can ask for the rest.
    Proxy proxy(
        [&stop](const Received& request, int) -> std::optional<Reply> {
            if (request.header("range")) {
                stop.request_stop();
            }
            return std::nullopt;
        },
        [](const Received& request, Reply& reply, int) {
            if (request.parameter("alt") == "media") {
                reply.cut_at_answer_byte = 1'000'000;
            }
        });
    options.stop = stop.get_token();
    EXPECT_THROW(connector_at(proxy.url())->append(bucket, "a.csv", target.name(), options), errors::InterruptedError);
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_F(ConnectorTest, NoCredentialIsInALog) {
    ScriptedServer tokens({Reply::json(R"({"access_token":"token-of-test","expires_in":3600})")});
    const CredentialFolder folder;
    nlohmann::json account = test_account();
    account["token_uri"] = tokens.url();
    put("a.csv", rows_of(Format::csv, 10));
    Proxy proxy;
    const auto credentialed =
        connector_of(testing::tinybird_environment()
                         .with("STORAGE_EMULATOR_HOST", "")
                         .with("CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", proxy.url())
                         .with("GOOGLE_APPLICATION_CREDENTIALS", folder.write("key.json", account)));
    const std::string kits = testing::tinybird_environment().get("TB_CDK_TOKEN").value();
    logger::Options everything;
    everything.level = logger::Level::debug;
    logger::configure(everything);
    ::testing::internal::CaptureStdout();
    std::string told;
    for (const Via via : {Via::url, Via::stream}) {
        options.via = via;
        credentialed->replace(bucket, "a.csv", target.name(), options);
        try {
            put("broken.csv", "id,name\nx,y\n");
            credentialed->append(bucket, "broken.csv", target.name(), options);
            ADD_FAILURE() << "a text went into a column of numbers";
        } catch (const errors::Error& error) {
            told += error.what() + error.hint();
        }
        try {
            put("gone.csv", "1,2\n");
            Proxy refusing([](const Received& request, int) -> std::optional<Reply> {
                const bool looks = request.parameter("fields").has_value();
                return looks ? std::nullopt : std::optional(Reply::json(R"({"error":{"message":"no"}})", 403));
            });
            connector_of(testing::tinybird_environment()
                             .with("STORAGE_EMULATOR_HOST", "")
                             .with("CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", refusing.url())
                             .with("GOOGLE_APPLICATION_CREDENTIALS", folder.write("key.json", account)))
                ->append(bucket, "gone.csv", target.name(), options);
            ADD_FAILURE() << "the store's refusal was not heard";
        } catch (const errors::Error& error) {
            told += error.what() + error.hint();
        }
    }
    told += ::testing::internal::GetCapturedStdout();
    logger::configure({});
    expect_rows(10);
    EXPECT_THAT(told, HasSubstr("a.csv"));
    int signed_requests = 0;
    for (const Received& request : proxy.received()) {
        if (const auto signature = request.parameter("X-Goog-Signature")) {
            ++signed_requests;
            EXPECT_THAT(told, Not(HasSubstr(*signature)));
        }
    }
    EXPECT_GT(signed_requests, 0);
    EXPECT_THAT(told, Not(HasSubstr("token-of-test")));
    EXPECT_THAT(told, Not(HasSubstr(kits)));
    EXPECT_THAT(told, Not(HasSubstr("PRIVATE KEY")));
}

/// What a warehouse writes: CSV without header lines, the columns in an order of their own.
class Headless final : public SqlConnector {
public:
    Headless(const Environment& environment, std::shared_ptr<Client> store, std::string bucket)
        : SqlConnector(environment), store_(std::move(store)), bucket_(std::move(bucket)) {}

protected:
    std::vector<Scope> get_scopes_() override { return {}; }
    std::vector<ScopeItem> list_scope_(const Parents&) override { return {}; }
    schema::Schema suggest_schema_(const Parents&) override { return {}; }
    std::string ingest_query_(const schema::Schema&, const std::vector<std::string>&) override { return {}; }
    Export export_(const ExportRequest&) override {
        CloudDir directory(store_, bucket_, "e/");
        directory.set_columns({"name", "id"});
        return directory;
    }

private:
    const std::shared_ptr<Client> store_;
    const std::string bucket_;
};

class HeadlessTest : public StoreTest {
protected:
    void put_objects(int count) const {
        for (int i = 0; i < count; ++i) {
            // Some have no end of their last line.
            put(fmt::format("e/part-{:03}.csv", i), fmt::format("\"row {0}\",{0}{1}", i, i % 3 == 0 ? "" : "\n"));
        }
    }
    LoadResult load(const Environment& environment, bool replace = false, Format format = Format::csv) {
        Headless connector(environment, client_of(proxy.url()), bucket);
        LoadOptions options;
        options.format = format;
        options.on_quarantine = tinybird::OnQuarantine::fail;
        return replace ? connector.replace("q", target.name(), options) : connector.append("q", target.name(), options);
    }
    [[nodiscard]] std::string loaded() {
        return target.text(
            "concat(toString(count()), ' ', toString(sum(id)), ' ', toString(countIf(name = "
            "concat('row ', toString(id)))))");
    }
    /// The bytes of objects that were asked for, as ranges.
    [[nodiscard]] std::vector<std::string> reads() const {
        std::vector<std::string> ranges;
        for (const Received& request : proxy.received()) {
            if (request.method == "GET" && request.parameter("alt") == "media") {
                ranges.push_back(request.header("range").value_or("all"));
            }
        }
        return ranges;
    }

    Proxy proxy;
    Target target{ids_and_names()};
};

TEST_F(HeadlessTest, OnlyCsvHasAHeaderLine) {
    put("e/part-000.ndjson", "{\"name\":\"row 1\",\"id\":1}\n");
    EXPECT_THROW(load(testing::tinybird_environment(), false, Format::ndjson), errors::InvalidArgument);
    EXPECT_EQ(target.text("count()"), "0");
}

TEST_F(HeadlessTest, ObjectsAreJoinedBehindOneHeaderLineInsideTheStore) {
    for (const int count : {1, 2, 40}) {
        SCOPED_TRACE(count);
        put_objects(count);
        load(testing::tinybird_environment(), true);
        EXPECT_EQ(loaded(), fmt::format("{0} {1} {0}", count, count * (count - 1) / 2));
        EXPECT_THAT(keys(), IsEmpty());
    }
    // Whether the last line has an end is seen by its last byte, and where it has none four say that it is text.
    // Nothing else is read.
    for (const std::string& range : reads()) {
        ASSERT_TRUE(range.starts_with("bytes=")) << range;
        const std::size_t dash = range.find('-');
        EXPECT_LT(std::stoull(range.substr(dash + 1)) - std::stoull(range.substr(6, dash)), 4U) << range;
    }
}

TEST_F(HeadlessTest, EachImportHasTheHeaderLine) {
    put_objects(10);
    // A header line of 12 bytes, and objects of 9 or 10 bytes, of which two fit.
    load(testing::tinybird_environment().with("TB_CDK_LIMITS", "url_bytes=32,imports_per_minute=0"));
    EXPECT_EQ(loaded(), "10 45 10");
    EXPECT_THAT(keys(), IsEmpty());
    put_objects(1);
    // The object alone would fit.
    EXPECT_THROW(load(testing::tinybird_environment().with("TB_CDK_LIMITS", "url_bytes=20")), errors::Error);
    EXPECT_EQ(loaded(), "10 45 10");
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(HeadlessTest, ObjectsThatAreStreamedGetItToo) {
    const std::string local = testing::tinybird_environment().get("TB_CDK_ENDPOINT").value();
    const ScriptedServer relay([&](const Received&) {
        Reply reply;
        reply.answer = [&](const Received& request) {
            http::Request passed;
            passed.method = request.method;
            passed.url = local + request.target;
            for (const char* const name : {"authorization", "content-type", "content-encoding"}) {
                if (const auto value = request.header(name)) {
                    passed.headers.emplace_back(name, *value);
                }
            }
            const auto body = body_of(request.body);
            passed.body = request.method == "POST" ? body.get() : nullptr;
            const http::Response answer = http::Client({}).perform(passed);
            return Reply::json(answer.body, answer.status);
        };
        return reply;
    });
    // By this name it is a Tinybird that can't reach the store.
    std::string endpoint = relay.url();
    endpoint.replace(endpoint.find("127.0.0.1"), 9, "0.0.0.0");
    for (const int count : {1, 3}) {
        put_objects(count);
        const LoadResult result = load(testing::tinybird_environment().with("TB_CDK_ENDPOINT", endpoint), true);
        EXPECT_GT(result.bytes, 0U) << "they were not streamed";
        EXPECT_EQ(loaded(), fmt::format("{0} {1} {0}", count, count * (count - 1) / 2));
        EXPECT_THAT(keys(), IsEmpty());
    }
}

TEST_F(HeadlessTest, AStopEndsTheJobBeforeWhatItFetchesIsDeleted) {
    put_objects(2);
    std::stop_source stop;
    std::vector<std::string> steps;
    // Plays a Tinybird whose job waits: the local one has done it when it answers.
    const ScriptedServer tinybird([&](const Received&) {
        Reply reply;
        reply.answer = [&](const Received& request) {
            if (request.method == "POST" && request.path() == "/v1/datasources/t/append") {
                return Reply::json(R"({"id":"j","status":"waiting"})", 202);
            }
            if (request.method == "POST") {
                steps.push_back(fmt::format("{} with {} objects", request.path(), keys().size()));
                return Reply::json(R"({"id":"j","status":"cancelling"})");
            }
            if (request.path() == "/v0/jobs/j") {
                stop.request_stop();
                return Reply::json(steps.empty() ? R"({"id":"j","status":"waiting"})"
                                                 : R"({"id":"j","status":"cancelled"})");
            }
            return Reply::json(
                R"({"name":"t","columns":[{"name":"id","type":"Int64"},{"name":"name","type":"String"}]})");
        };
        return reply;
    });
    Headless connector(testing::tinybird_environment().with("TB_CDK_ENDPOINT", tinybird.url()), client_of(proxy.url()),
                       bucket);
    LoadOptions options;
    options.stop = stop.get_token();
    try {
        connector.append("q", "t", options);
        FAIL() << "it was stopped";
    } catch (const errors::InterruptedError& error) {
        EXPECT_THAT(error.what(), HasSubstr("job j is cancelled, and no row of it is in"));
    }
    // Two objects, the header line and what they were joined to.
    EXPECT_THAT(steps, ElementsAre("/v0/jobs/j/cancel with 4 objects"));
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(HeadlessTest, AHeaderLineThatCantBeWrittenLeavesNothing) {
    const Proxy refusing([](const Received& request, int) {
        return request.method == "POST" && request.path().find("/upload/") != std::string::npos
                   ? std::optional(Reply::json(R"({"error":{"code":403,"message":"no"}})", 403))
                   : std::nullopt;
    });
    put_objects(2);
    Headless connector(testing::tinybird_environment(), client_of(refusing.url()), bucket);
    EXPECT_THROW(connector.append("q", target.name()), errors::ExternalDatasourceError);
    EXPECT_EQ(loaded(), "0 0 0");
    EXPECT_THAT(keys(), IsEmpty());
}

}  // namespace
}  // namespace tinybird_cdk::cloud::gcs
