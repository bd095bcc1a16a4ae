// SPDX-License-Identifier: Apache-2.0
// Exports of several objects. The emulator writes one object for each export, so a relay before it cuts that object, or
// copies it, before the kit hears that the job is done, as Google's service writes many.
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>
#include <tinybird_cdk/warehouse_connector.hpp>

#include "bucket.hpp"
#include "dataset.hpp"
#include "helpers/target.hpp"
#include "http/gzip.hpp"

namespace tinybird_cdk {
namespace {

using testing::bigquery_environment;
using testing::Bucket;
using testing::Dataset;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Received;
using testing::Relay;
using testing::Reply;
using testing::Target;

constexpr std::size_t shards = 3;

void replace_text(std::string& text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << text;
    text.replace(at, from.size(), to);
}

class TestBigQueryUnloadParts : public ::testing::Test {
protected:
    void SetUp() override {
        if (testing::on_google()) {
            GTEST_SKIP() << "on Google's service: the relay stands before the emulator";
        }
        data.execute("CREATE TABLE {d}.t AS SELECT n FROM UNNEST(GENERATE_ARRAY(1, 3000)) AS n");
        const schema::Schema schema =
            connector()->suggest_schema({{"project", data.project()}, {"dataset", data.name()}, {"table", "t"}});
        target = std::make_unique<Target>(schema);
        query = data.sql("SELECT n FROM {d}.t ORDER BY n");
    }
    void TearDown() override {
        if (!IsSkipped()) {
            EXPECT_TRUE(bucket.objects().empty());
        }
    }

    /// Before the relay tells that the export is done, there are as many objects as Google would write.
    void cut(const Received& request, Reply& reply) {
        const std::string key_of_count = "\"fileCount\":\"1\"";
        if (request.method != "GET" || reply.body.find(key_of_count) == std::string::npos) {
            return;
        }
        ASSERT_EQ(bucket.objects().size(), 1U);
        const std::string key = bucket.objects().front().key;
        const std::string bytes = bucket.read(key);
        const std::string stem = key.substr(0, key.rfind('/') + 1);
        if (key.ends_with(".csv")) {
            EXPECT_THAT(bytes, Not(HasSubstr("n\n"))) << "no header line";
            std::size_t from = 0;
            for (std::size_t i = 0; i < shards; ++i) {
                const std::size_t wanted = bytes.size() * (i + 1) / shards;
                const std::size_t to = i + 1 == shards ? bytes.size() : bytes.find('\n', wanted) + 1;
                bucket.put(stem + std::to_string(i) + ".csv", bytes.substr(from, to - from));
                from = to;
            }
            bucket.remove(key);
        } else {
            for (std::size_t i = 1; i < shards; ++i) {
                bucket.put(stem + std::to_string(i) + key.substr(key.find('.')), bytes);
            }
            replace_text(reply.body, "\"rowCount\":\"3000\"", "\"rowCount\":\"9000\"");
        }
        replace_text(reply.body, key_of_count, "\"fileCount\":\"" + std::to_string(objects_said) + "\"");
    }

    std::unique_ptr<SqlConnector> connector(const std::string& limits = {}, const std::string& tinybird = {}) {
        Environment environment = bucket.environment().with("BIGQUERY_EMULATOR_HOST", relay.url());
        if (!limits.empty()) {
            environment = environment.with("TB_CDK_LIMITS", limits);
        }
        if (!tinybird.empty()) {
            environment = environment.with("TB_CDK_ENDPOINT", tinybird);
        }
        auto made = sql_connector_for("bigquery", environment);
        dynamic_cast<WarehouseConnector&>(*made).set_route(Route::bucket);
        return made;
    }
    [[nodiscard]] std::string loaded() { return target->text("concat(toString(count()), ' ', toString(sum(n)))"); }

    Dataset data;
    Bucket bucket;
    std::size_t objects_said = shards;
    Relay relay{bigquery_environment().get("BIGQUERY_EMULATOR_HOST").value_or(""),
                [](const Received&) { return std::nullopt; },
                [this](const Received& request, Reply& reply) { cut(request, reply); }};
    std::unique_ptr<Target> target;
    std::string query;
};

LoadOptions in(Format format) {
    LoadOptions options;
    options.format = format;
    options.on_quarantine = tinybird::OnQuarantine::fail;
    return options;
}

TEST_F(TestBigQueryUnloadParts, AreJoinedIntoOneImport) {
    const LoadResult result = connector()->append(query, target->name(), in(Format::csv));
    EXPECT_EQ(result.rows, 3000U);
    EXPECT_EQ(loaded(), "3000 4501500");
    connector()->replace(query, target->name(), in(Format::ndjson));
    EXPECT_EQ(loaded(), "9000 13504500");
}

TEST_F(TestBigQueryUnloadParts, BeyondTheLimitAreSeveralImports) {
    const LoadResult result =
        connector("url_bytes=6kB,imports_per_minute=0")->append(query, target->name(), in(Format::csv));
    EXPECT_EQ(result.rows, 3000U);
    EXPECT_EQ(result.response.rows, 3000U);
    EXPECT_EQ(loaded(), "3000 4501500");
}

TEST_F(TestBigQueryUnloadParts, OfParquetAreAnImportEach) {
    const LoadResult result = connector("imports_per_minute=0")->append(query, target->name(), in(Format::parquet));
    EXPECT_EQ(result.response.rows, 9000U);
    EXPECT_EQ(loaded(), "9000 13504500");
}

TEST_F(TestBigQueryUnloadParts, AReplaceIsOneImportOrNone) {
    connector()->append(query, target->name(), in(Format::csv));
    for (const auto& [format, limits] : {std::pair{Format::csv, "url_bytes=6kB"}, {Format::parquet, ""}}) {
        try {
            connector(limits)->replace(query, target->name(), in(format));
            FAIL() << "there are several imports";
        } catch (const errors::Error& error) {
            EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
            EXPECT_THAT(error.what(), HasSubstr("one import or none: nothing was changed"));
        }
    }
    EXPECT_EQ(loaded(), "3000 4501500");
}

TEST_F(TestBigQueryUnloadParts, AnErrorSaysWhatIsIn) {
    std::size_t imports = 0;
    const Relay tinybird(
        config::get("TB_CDK_ENDPOINT", bucket.environment()), [&](const Received& request) -> std::optional<Reply> {
            const bool is_import = request.method == "POST" && request.target.find("url=") != std::string::npos;
            return is_import && ++imports == 3 ? std::optional(Reply::json(R"({"error":"no room"})", 400))
                                               : std::nullopt;
        });
    try {
        connector("imports_per_minute=0", tinybird.url())->append(query, target->name(), in(Format::parquet));
        FAIL() << "the third import fails";
    } catch (const errors::HTTPError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("2 of 3 imports are in"));
        EXPECT_THAT(error.hint(), HasSubstr("2 of 3 objects with 6000 rows"));
        EXPECT_THAT(error.hint(), HasSubstr("9000 rows together"));
        EXPECT_THAT(error.hint(), HasSubstr("Nothing is repeated"));
    }
    EXPECT_EQ(loaded(), "6000 9003000");
}

TEST_F(TestBigQueryUnloadParts, WholeNumbersInQuotesAreNumbers) {
    // As Google writes INT64 in JSON, and the emulator does not
    // (https://cloud.google.com/bigquery/docs/exporting-data#export_limitations).
    data.execute("CREATE TABLE {d}.q AS SELECT 9007199254740993 AS n, [-1, 2] AS a");
    const Relay quoting(
        bigquery_environment().get("BIGQUERY_EMULATOR_HOST").value_or(""), [](const Received&) { return std::nullopt; },
        [this](const Received&, const Reply& reply) {
            if (reply.body.find("\"fileCount\":\"1\"") != std::string::npos) {
                bucket.put(bucket.objects().at(0).key,
                           http::gzip("{\"n\":\"9007199254740993\",\"a\":[\"-1\",\"2\"]}\n"));
            }
        });
    const auto connector =
        sql_connector_for("bigquery", bucket.environment().with("BIGQUERY_EMULATOR_HOST", quoting.url()));
    dynamic_cast<WarehouseConnector&>(*connector).set_route(Route::bucket);
    const schema::Schema schema =
        connector->suggest_schema({{"project", data.project()}, {"dataset", data.name()}, {"table", "q"}});
    Target quoted(schema);
    connector->append(connector->ingest_query(schema), quoted.name(), in(Format::ndjson));
    EXPECT_EQ(quoted.text("concat(toString(n), ' ', toString(a))"), "9007199254740993 [-1,2]");
}

TEST_F(TestBigQueryUnloadParts, MissingOnesAreAnError) {
    objects_said = shards + 1;
    EXPECT_THROW(connector()->append(query, target->name(), in(Format::csv)), errors::ExternalDatasourceError);
    EXPECT_EQ(target->text("count()"), "0");
}

}  // namespace
}  // namespace tinybird_cdk
