// SPDX-License-Identifier: Apache-2.0
/// Objects that are loaded once, by the library. What ends a run in the middle is in test_since_last.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "helpers/target.hpp"
#include "store.hpp"
#include "transfer/object_ledger.hpp"

namespace tinybird_cdk::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

schema::Schema ids() {
    schema::Schema schema;
    schema.columns = {{.name = "id", .type = schema::Int64()}};
    return schema;
}

/// Those of both servers.
Environment environment_of(const Store& store) {
    std::map<std::string, std::string, std::less<>> variables{{"TB_CDK_LIMITS", "imports_per_minute=0"}};
    for (const char* name : {"TB_CDK_ENDPOINT", "TB_CDK_TOKEN", "TB_CDK_TAG"}) {
        variables[name] = tinybird_environment().get(name).value();
    }
    const Environment of_store = store.environment();
    for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_S3", "AWS_REGION"}) {
        variables[name] = of_store.get(name).value();
    }
    return Environment::of(variables);
}

class S3SinceLast : public ::testing::TestWithParam<Store> {
protected:
    S3SinceLast()
        : raw(GetParam()),
          client(GetParam().environment(), quick_options()),
          made(connector_for("s3", environment_of(GetParam()))),
          connector(dynamic_cast<CloudConnector&>(*made)) {
        raw.make_bucket(bucket);
        options.since_last = true;
    }

    void put(const std::string& key, std::string_view rows) {
        client.put(bucket, key, *body_of("id\n" + std::string(rows) + "\n"));
    }
    /// The keys that were loaded now.
    std::vector<std::string> load() {
        std::vector<std::string> keys;
        for (const LoadedObject& object : connector.append_all(selection, target.name(), options)) {
            if (!object.was_there) {
                keys.push_back(object.object.key);
            }
        }
        return keys;
    }
    std::vector<ObjectState> states() {
        std::vector<ObjectState> result;
        for (const KnownObject& object : connector.known_objects(selection, target.name())) {
            result.push_back(object.state);
        }
        return result;
    }
    std::string loaded() { return target.text("arraySort(groupArray(id))"); }
    /// As a run would have written that was ended then.
    void begin(const std::string& key, const std::string& job_id = {}) {
        const cloud::Object object = client.stat(bucket, key).value();
        transfer::LedgerEvent event{.uri = client.uri(bucket, key),
                                    .etag = object.etag,
                                    .size = object.size,
                                    .modified = object.modified,
                                    .load_id = "of a run that ended",
                                    .event = std::string(transfer::ledger_event::begun),
                                    .job_id = job_id};
        tinybird::Client tinybird(config::tinybird(tinybird_environment()));
        transfer::ObjectLedger ledger(tinybird, target.name());
        ledger.create_if_missing();
        ledger.write({event});
    }

    const std::string bucket = new_bucket();
    RawStore raw;
    cloud::s3::Client client;
    std::unique_ptr<Connector> made;
    CloudConnector& connector;
    Target target{ids()};
    CloudLoadOptions options;
    const ObjectSelection selection{.bucket = bucket, .pattern = "in/*.csv"};
};

INSTANTIATE_TEST_SUITE_P(Stores, S3SinceLast, ::testing::ValuesIn(stores()), name_of);

TEST_P(S3SinceLast, EachContentOnce) {
    EXPECT_THAT(load(), IsEmpty());
    put("in/b.csv", "1");
    put("in/a.csv", "2");
    EXPECT_THAT(states(), ElementsAre(ObjectState::fresh, ObjectState::fresh));
    EXPECT_THAT(load(), ::testing::UnorderedElementsAre("in/a.csv", "in/b.csv"));
    EXPECT_THAT(load(), IsEmpty());
    put("in/a.csv", "3");
    put("in/c.csv", "4");
    EXPECT_THAT(states(),
                ::testing::UnorderedElementsAre(ObjectState::loaded, ObjectState::changed, ObjectState::fresh));
    EXPECT_THAT(load(), ::testing::UnorderedElementsAre("in/a.csv", "in/c.csv"));
    EXPECT_EQ(loaded(), "[1,2,3,4]");
}

TEST_P(S3SinceLast, ASingleObject) {
    put("in/a.csv", "1");
    EXPECT_EQ(connector.append(bucket, "in/a.csv", target.name(), options).response.rows, 1U);
    EXPECT_FALSE(connector.append(bucket, "in/a.csv", target.name(), options).response.rows);
    EXPECT_THROW(connector.replace(bucket, "in/a.csv", target.name(), options), errors::InvalidArgument);
    EXPECT_EQ(loaded(), "[1]");
}

TEST_P(S3SinceLast, UnfinishedLoadsAreSettledByChoice) {
    for (const Unfinished choice : {Unfinished::load, Unfinished::skip}) {
        const std::string key = choice == Unfinished::load ? "in/1.csv" : "in/2.csv";
        put(key, key.substr(3, 1));
        begin(key);
        options.unfinished = Unfinished::refuse;
        try {
            load();
            FAIL() << "nothing tells how it ended";
        } catch (const errors::InDoubtError& error) {
            EXPECT_THAT(error.what(), HasSubstr(client.uri(bucket, key)));
            EXPECT_THAT(error.hint(), HasSubstr("--unfinished"));
        }
        options.unfinished = choice;
        if (choice == Unfinished::load) {
            EXPECT_THAT(load(), ElementsAre(key));
        } else {
            EXPECT_THAT(load(), IsEmpty());
        }
        options.unfinished = Unfinished::refuse;
        EXPECT_THAT(load(), IsEmpty());
    }
    EXPECT_EQ(loaded(), "[1]");
}

TEST_P(S3SinceLast, JobsTellHowALoadEnded) {
    put("in/a.csv", "1");
    options.via = Via::url;
    const tinybird::Response response =
        connector.append(bucket, "in/a.csv", target.name(), CloudLoadOptions()).response;
    begin("in/a.csv", response.job_id);
    EXPECT_THAT(load(), IsEmpty());
    EXPECT_THAT(states(), ElementsAre(ObjectState::loaded));
    EXPECT_EQ(loaded(), "[1]");
    // One that nobody knows tells nothing.
    put("in/b.csv", "2");
    begin("in/b.csv", "no-such-job");
    EXPECT_THROW(load(), errors::InDoubtError);
}

TEST_P(S3SinceLast, WhatCanNotBeLoadedIsRefusedBeforeAnythingIsWritten) {
    put("in/a.csv", "1");
    options.format = Format::ndjson;
    EXPECT_THROW(load(), errors::InvalidArgument);
    EXPECT_THAT(states(), ElementsAre(ObjectState::fresh));
    EXPECT_EQ(loaded(), "[]");
}

TEST_P(S3SinceLast, StopsWhenAsked) {
    put("in/a.csv", "1");
    std::stop_source stop;
    options.stop = stop.get_token();
    stop.request_stop();
    EXPECT_THROW(load(), errors::InterruptedError);
    options.stop = {};
    EXPECT_THAT(load(), ElementsAre("in/a.csv"));
}

}  // namespace
}  // namespace tinybird_cdk::testing
