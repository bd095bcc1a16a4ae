// SPDX-License-Identifier: Apache-2.0
/// The Tinybird client against the local Tinybird: what a scripted server can't tell, whether it all fits together.
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/events.hpp>

#include "helpers/target.hpp"

namespace tinybird_cdk::tinybird {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;

class TestClientOnLocal : public ::testing::Test {
protected:
    TestClientOnLocal() {
        client_.create_data_source_from(name_, R"(
SCHEMA >
    `id` Int64 `json:$.id`,
    `note` Nullable(String) `json:$.note`

ENGINE "MergeTree"
ENGINE_SORTING_KEY "id"
)");
    }
    ~TestClientOnLocal() override { client_.drop_data_source(name_); }

    std::string count() { return client_.query_scalar("SELECT count() FROM " + name_).to_text(); }

    static Client client_of(ImportApi api) {
        ClientOptions options;
        options.import_api = api;
        return Client(config::tinybird(testing::tinybird_environment()), options);
    }

    Client client_ = client_of(ImportApi::automatic);
    const std::string name_ = fmt::format("client_{:08x}{:08x}", std::random_device{}(), std::random_device{}());
};

TEST_F(TestClientOnLocal, ImportsByBothApisPlainAndCompressed) {
    for (const ImportApi api : {ImportApi::v0, ImportApi::v1, ImportApi::automatic}) {
        Client client = client_of(api);
        for (const Compression compression : {Compression::none, Compression::gzip}) {
            ImportOptions options;
            options.compression = compression;
            EXPECT_EQ(client.replace_data("1,\"a\"\n2,\n3,\"\"\n", name_, options).rows, 3U);
            options.format = Format::ndjson;
            EXPECT_EQ(client.append_data("{\"id\":4,\"note\":\"d\"}\n", name_, options).rows, 1U);
            EXPECT_EQ(count(), "4");
        }
    }
    EXPECT_EQ(client_.query_scalar("SELECT groupArray(id) FROM " + name_ + " WHERE note IS NULL").to_json(), "[2]");
}

TEST_F(TestClientOnLocal, ReplacesByCondition) {
    client_.append_data("1,\"a\"\n2,\"b\"\n", name_);
    ImportOptions options;
    options.replace_condition = "id >= 2";
    client_.replace_data("2,\"B\"\n3,\"C\"\n", name_, options);
    EXPECT_EQ(client_
                  .query_scalar("SELECT arrayStringConcat(groupArray(note)) FROM (SELECT note FROM " + name_ +
                                " ORDER BY id)")
                  .to_text(),
              "aBC");
}

TEST_F(TestClientOnLocal, ShowsQuarantine) {
    EXPECT_EQ(client_.quarantine_count(name_), 0U);
    const Response response = client_.append_data("1,\"a\"\nx,\"b\"\n", name_);
    EXPECT_EQ(response.rows, 1U);
    EXPECT_EQ(response.quarantined, 1U);
    EXPECT_EQ(client_.quarantine_count(name_), 1U);
    const ResultSet rows = client_.quarantined_rows(name_);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_THAT(Value(rows[0]).to_json(), HasSubstr("c__error"));
    ImportOptions options;
    options.on_quarantine = OnQuarantine::fail;
    EXPECT_THROW(client_.append_data("y,\n", name_, options), errors::QuarantineError);
}

TEST_F(TestClientOnLocal, ListsDataSourcesAndJobs) {
    const Response response = client_.append_data("1,\"a\"\n", name_);
    EXPECT_THAT(client_.data_sources(), Contains(Field(&DataSource::name, name_)));
    const auto source = client_.data_source(name_);
    ASSERT_TRUE(source);
    EXPECT_EQ(source->columns.at(1).type.to_string(), "Nullable(String)");
    EXPECT_EQ(source->rows, 1U);
    ASSERT_FALSE(response.job_id.empty());
    EXPECT_EQ(client_.job(response.job_id).status, "done");
    EXPECT_THAT(client_.jobs(), Contains(Field(&Job::id, response.job_id)));
    EXPECT_FALSE(client_.data_source("nothing_of_that_name"));
}

TEST_F(TestClientOnLocal, DeletesAndTruncates) {
    client_.append_data("1,\n2,\n3,\n", name_);
    client_.delete_rows(name_, "id = 2");
    EXPECT_EQ(count(), "2");
    client_.truncate(name_);
    EXPECT_EQ(count(), "0");
}

TEST_F(TestClientOnLocal, EventsArriveOnceEach) {
    constexpr std::uint64_t events = 20'000;
    EventsOptions options;
    options.batch_events = 5000;
    EventsWriter writer(client_, name_, options);
    for (std::uint64_t i = 0; i < events; ++i) {
        writer.append(fmt::format("{{\"id\":{},\"note\":\"n\"}}", i));
    }
    const EventsSummary summary = writer.close();
    EXPECT_EQ(summary.acknowledged, events);
    EXPECT_EQ(summary.quarantined, 0U);
    EXPECT_EQ(count(), std::to_string(events));
    EXPECT_EQ(client_.query_scalar("SELECT uniqExact(id) FROM " + name_).to_text(), std::to_string(events));
}

TEST_F(TestClientOnLocal, ABadTokenIsToldFromABadName) {
    config::Tinybird configuration = config::tinybird(testing::tinybird_environment());
    configuration.token = Secret("p.another-token");
    Client stranger(configuration);
    EXPECT_THROW(stranger.query("SELECT 1"), errors::HTTPError);
    try {
        client_.append_data("1,\n", "nothing_of_that_name");
        FAIL() << "no exception";
    } catch (const errors::HTTPError& error) {
        EXPECT_EQ(error.status(), 404);
        EXPECT_THAT(error.what(), HasSubstr("nothing_of_that_name"));
    }
}

}  // namespace
}  // namespace tinybird_cdk::tinybird
