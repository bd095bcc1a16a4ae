// SPDX-License-Identifier: Apache-2.0
#include "loads.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "http/gzip.hpp"
#include "transfer/object_ledger.hpp"

namespace tinybird_cdk::testing {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

schema::Schema ids_and_names() {
    schema::Schema schema;
    schema.table = "t";
    schema.columns = {{.name = "id", .type = schema::Int32()}, {.name = "name", .type = schema::String()}};
    return schema;
}

Environment with_tinybird(Environment environment) {
    const Environment tinybird = tinybird_environment();
    for (const char* name : {"TB_CDK_ENDPOINT", "TB_CDK_TOKEN", "TB_CDK_TAG"}) {
        environment = environment.with(name, *tinybird.get(name));
    }
    // Tinybird's pace has its own tests.
    return environment.with("TB_CDK_LIMITS", "imports_per_minute=0");
}

std::string error_of(const std::function<void()>& step) {
    try {
        step();
    } catch (const errors::Error& error) {
        return fmt::format("{}: {} {}", error.name(), error.what(), error.hint());
    }
    return "no error";
}

}  // namespace

CloudLoads::CloudLoads()
    : store(std::get<AnyService>(GetParam()).new_store()),
      made(connector_for(std::get<AnyService>(GetParam()).connector, with_tinybird(store->environment()))),
      connector(dynamic_cast<CloudConnector&>(*made)),
      target(ids_and_names()) {
    options.via = std::get<Via>(GetParam());
    options.on_quarantine = tinybird::OnQuarantine::fail;
}

void CloudLoads::put(const std::string& key, std::string_view bytes) {
    store->client().put(store->bucket(), key, *body_of(bytes));
}

std::vector<std::string> CloudLoads::keys() {
    return store->client().ls(store->bucket(), "");
}

std::string CloudLoads::rows() {
    return target.text("arrayStringConcat(arraySort(groupArray(concat(toString(id), name))), ' ')");
}

ObjectSelection CloudLoads::chosen(const std::string& pattern) const {
    return {.bucket = store->bucket(), .pattern = pattern};
}

TEST_P(JoinedLoads, OneImportOfAllThatMatches) {
    put("d/1.csv", "id,name\n1,a\n");
    put("d/2.csv", "id,name\n2,b");
    put("d/3.csv", "");
    put("d/4.csv", "id,name\r\n3,c\r\n");
    put("d/other.txt", "9,z\n");
    const LoadResult result = connector.append_joined(chosen("d/*.csv"), target.name(), options);
    EXPECT_EQ(rows(), "1a 2b 3c");
    EXPECT_EQ(result.response.rows, 3U);
    EXPECT_EQ(result.left_behind, "");
    EXPECT_THAT(keys(), ElementsAre("d/1.csv", "d/2.csv", "d/3.csv", "d/4.csv", "d/other.txt"));
}

TEST_P(JoinedLoads, NdjsonWithoutLineEnds) {
    put("1.ndjson", R"({"id":1,"name":"a"})");
    put("2.ndjson", R"({"id":2,"name":"b"})");
    options.format = Format::ndjson;
    connector.append_joined(chosen("*.ndjson"), target.name(), options);
    EXPECT_EQ(rows(), "1a 2b");
    EXPECT_THAT(keys(), ElementsAre("1.ndjson", "2.ndjson"));
}

TEST_P(JoinedLoads, MoreObjectsThanOneRequestJoins) {
    std::vector<std::string> expected;
    for (int i = 0; i < 70; ++i) {
        expected.push_back(fmt::format("d/{:02} é+%25?.csv", i));
        put(expected.back(), fmt::format("id,name\n{},n", i));
    }
    EXPECT_EQ(connector.append_joined(chosen("d/*"), target.name(), options).response.rows, 70U);
    EXPECT_EQ(target.text("concat(toString(uniqExact(id)), ' ', toString(sum(id)))"), "70 2415");
    EXPECT_EQ(keys(), expected);
}

TEST_P(JoinedLoads, ReplaceIsAllOrNothing) {
    put("old.csv", "id,name\n1,old\n9,kept\n");
    connector.append_joined(chosen("old.csv"), target.name(), options);
    put("d/1.csv", "id,name\n1,new\n");
    put("d/2.csv", "id,name\n2,new\n");
    options.replace_condition = "id < 9";
    connector.replace_joined(chosen("d/*.csv"), target.name(), options);
    EXPECT_EQ(rows(), "1new 2new 9kept");
    EXPECT_THAT(error_of([&] { connector.replace_joined(chosen("none/*.csv"), target.name(), options); }),
                HasSubstr("InvalidArgument"));
    EXPECT_EQ(rows(), "1new 2new 9kept");
    // Tinybird leaves out what does not match.
    put("d/2.csv", "id,name\n10,dropped\n");
    EXPECT_THAT(error_of([&] { connector.replace_joined(chosen("d/*.csv"), target.name(), options); }),
                HasSubstr("2 rows were sent to"));
    EXPECT_EQ(rows(), "1new 9kept");
}

TEST_P(JoinedLoads, AFailedImportLeavesNothing) {
    put("d/1.csv", "id,name\n1,a\n");
    put("d/2.csv", "id,name\n2,b\n");
    options.replace_condition = "no_such_column = 1";
    EXPECT_NE(error_of([&] { connector.replace_joined(chosen("d/*.csv"), target.name(), options); }), "no error");
    EXPECT_EQ(rows(), "");
    EXPECT_THAT(keys(), ElementsAre("d/1.csv", "d/2.csv"));
    options.replace_condition = "";
    put("d/2.csv", "id,name\nno number,b\n");
    EXPECT_THAT(error_of([&] { connector.append_joined(chosen("d/*.csv"), target.name(), options); }),
                HasSubstr("quarantine"));
    EXPECT_THAT(keys(), ElementsAre("d/1.csv", "d/2.csv"));
}

TEST_P(JoinedLoads, HeadersThatContradictEachOtherLeaveNothing) {
    put("d/1.csv", "id,name\n1,a\n");
    put("d/2.csv", "name,id\nb,2\n");
    EXPECT_THAT(error_of([&] { connector.append_joined(chosen("d/*.csv"), target.name(), options); }),
                HasSubstr("InvalidArgument"));
    EXPECT_EQ(rows(), "");
    EXPECT_THAT(keys(), ElementsAre("d/1.csv", "d/2.csv"));
}

TEST_P(JoinedLoads, WhatCantBeJoinedIsRefused) {
    put("d/1.csv.gz", "x");
    put("d/2.csv.gz", "x");
    put("z/1.csv", http::gzip("1,a\n"));
    put("z/2.csv", "2,b\n");
    for (const char* pattern : {"d/*", "z/*"}) {
        EXPECT_THAT(error_of([&] { connector.append_joined(chosen(pattern), target.name(), options); }),
                    HasSubstr("compressed"));
    }
    put("p/1.parquet", "x");
    put("p/2.parquet", "x");
    options.format = Format::parquet;
    EXPECT_THAT(error_of([&] { connector.append_joined(chosen("p/*"), target.name(), options); }),
                HasSubstr("InvalidArgument: Parquet"));
    EXPECT_EQ(rows(), "");
}

TEST_P(JoinedLoads, WhatAKilledJoinLeftIsNotLoadedAgain) {
    put("d/1.csv", "1,a\n");
    put("d/2.csv", "2,b\n");
    put("d/tinybird_cdk_0123456789ab.csv", "1,a\n2,b\n");
    connector.append_joined(chosen("d/*.csv"), target.name(), options);
    EXPECT_EQ(rows(), "1a 2b");
}

SinceLastLoads::SinceLastLoads() {
    options.since_last = true;
}

std::vector<std::string> SinceLastLoads::load() {
    std::vector<std::string> keys;
    for (const LoadedObject& object : connector.append_all(chosen("in/*.csv"), target.name(), options)) {
        if (!object.was_there) {
            keys.push_back(object.object.key);
        }
    }
    return keys;
}

std::vector<ObjectState> SinceLastLoads::states() {
    std::vector<ObjectState> result;
    for (const KnownObject& object : connector.known_objects(chosen("in/*.csv"), target.name())) {
        result.push_back(object.state);
    }
    return result;
}

void SinceLastLoads::begin(const std::string& key) {
    const cloud::Object object = store->client().stat(store->bucket(), key).value();
    tinybird::Client tinybird(config::tinybird(tinybird_environment()));
    transfer::ObjectLedger ledger(tinybird, target.name());
    ledger.create_if_missing();
    ledger.write({{.uri = store->client().uri(store->bucket(), key),
                   .etag = object.etag,
                   .size = object.size,
                   .modified = object.modified,
                   .load_id = "of a run that ended",
                   .event = std::string(transfer::ledger_event::begun),
                   .job_id = {}}});
}

TEST_P(SinceLastLoads, EachContentOnce) {
    EXPECT_THAT(load(), IsEmpty());
    put("in/b.csv", "1,a\n");
    put("in/a.csv", "2,b\n");
    EXPECT_THAT(states(), ElementsAre(ObjectState::fresh, ObjectState::fresh));
    EXPECT_THAT(load(), UnorderedElementsAre("in/a.csv", "in/b.csv"));
    EXPECT_THAT(load(), IsEmpty());
    put("in/a.csv", "3,c\n");
    put("in/c.csv", "4,d\n");
    EXPECT_THAT(states(), UnorderedElementsAre(ObjectState::loaded, ObjectState::changed, ObjectState::fresh));
    EXPECT_THAT(load(), UnorderedElementsAre("in/a.csv", "in/c.csv"));
    EXPECT_THAT(load(), IsEmpty());
    EXPECT_EQ(rows(), "1a 2b 3c 4d");
}

TEST_P(SinceLastLoads, ASingleObjectAndOneOfAPatternAreTheSame) {
    put("in/a.csv", "1,a\n");
    const auto append = [&] { return connector.append(store->bucket(), "in/a.csv", target.name(), options); };
    EXPECT_EQ(append().response.rows, 1U);
    EXPECT_FALSE(append().response.rows);
    EXPECT_THAT(load(), IsEmpty());
    EXPECT_THAT(error_of([&] { connector.replace(store->bucket(), "in/a.csv", target.name(), options); }),
                HasSubstr("InvalidArgument"));
    EXPECT_EQ(rows(), "1a");
}

TEST_P(SinceLastLoads, KeysThatSqlCouldStumbleOver) {
    const std::vector<std::string> odd{"in/it's.csv",           "in/\"double\".csv", "in/'; DROP TABLE x; --.csv",
                                       "in/日本語 🦜.csv", "in/%41+plus.csv",   "in/{{braces}}.csv",
                                       "in/new\nline\ttab.csv", "in/%_like?&#x.csv"};
    for (const std::string& key : odd) {
        put(key, "1,a\n");
    }
    EXPECT_THAT(load(), ::testing::UnorderedElementsAreArray(odd));
    EXPECT_THAT(load(), IsEmpty());
    EXPECT_EQ(target.text("count()"), std::to_string(odd.size()));
}

TEST_P(SinceLastLoads, UnfinishedLoadsAreSettledByChoice) {
    for (const Unfinished choice : {Unfinished::load, Unfinished::skip}) {
        const std::string key = choice == Unfinished::load ? "in/1.csv" : "in/2.csv";
        put(key, choice == Unfinished::load ? "1,a\n" : "2,b\n");
        begin(key);
        options.unfinished = Unfinished::refuse;
        const std::string refusal = error_of([&] { load(); });
        EXPECT_THAT(refusal, HasSubstr("InDoubtError"));
        EXPECT_THAT(refusal, HasSubstr(store->client().uri(store->bucket(), key)));
        EXPECT_THAT(refusal, HasSubstr("--unfinished"));
        options.unfinished = choice;
        EXPECT_EQ(load().size(), choice == Unfinished::load ? 1U : 0U);
        options.unfinished = Unfinished::refuse;
        EXPECT_THAT(load(), IsEmpty());
    }
    EXPECT_EQ(rows(), "1a");
}

TEST_P(SinceLastLoads, WhatIsStoppedIsLoadedTheNextTime) {
    put("in/a.csv", "1,a\n");
    std::stop_source stop;
    options.stop = stop.get_token();
    stop.request_stop();
    EXPECT_THROW(load(), errors::InterruptedError);
    options.stop = {};
    EXPECT_THAT(load(), ElementsAre("in/a.csv"));
    EXPECT_EQ(rows(), "1a");
}

std::string name_of_way(const ::testing::TestParamInfo<std::tuple<AnyService, Via>>& info) {
    return std::get<Via>(info.param) == Via::url ? "url" : "stream";
}

}  // namespace tinybird_cdk::testing
