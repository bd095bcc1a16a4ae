// SPDX-License-Identifier: Apache-2.0
/// Several objects as one import, and exports that are objects: from real stores into the local Tinybird.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "helpers/target.hpp"
#include "relay.hpp"
#include "store.hpp"

namespace tinybird_cdk::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

schema::Schema two_columns() {
    schema::Schema schema;
    schema.table = "t";
    schema.columns = {{.name = "id", .type = schema::Int32()}, {.name = "name", .type = schema::String()}};
    return schema;
}

/// Both, in one environment.
Environment with_tinybird(Environment environment) {
    const Environment tinybird = tinybird_environment();
    for (const char* name : {"TB_CDK_ENDPOINT", "TB_CDK_TOKEN", "TB_CDK_TAG"}) {
        environment = environment.with(name, *tinybird.get(name));
    }
    return environment;
}

class S3JoinedLoad : public ::testing::TestWithParam<std::tuple<Store, Via>> {
protected:
    S3JoinedLoad() : raw(store), client(store.environment(), quick_options()) { raw.make_bucket(bucket); }

    void put(const std::string& key, std::string_view bytes) { client.put(bucket, key, *body_of(bytes)); }
    std::string rows() {
        return target.text("arrayStringConcat(arraySort(groupArray(concat(toString(id), name))), ' ')");
    }
    std::unique_ptr<Connector> connector(const std::string& url = {}) {
        return connector_for("s3", with_tinybird(store.environment(url)));
    }
    LoadResult append(const std::string& pattern, Format format = Format::csv) {
        CloudLoadOptions options;
        options.format = format;
        options.via = via;
        const auto made = connector();
        return dynamic_cast<CloudConnector&>(*made).append_joined({.bucket = bucket, .pattern = pattern}, target.name(),
                                                                  options);
    }
    LoadResult replace(const std::string& pattern, const std::string& condition = {}) {
        CloudLoadOptions options;
        options.via = via;
        options.replace_condition = condition;
        const auto made = connector();
        return dynamic_cast<CloudConnector&>(*made).replace_joined({.bucket = bucket, .pattern = pattern},
                                                                   target.name(), options);
    }

    const Store store = std::get<0>(GetParam());
    const Via via = std::get<1>(GetParam());
    const std::string bucket = new_bucket();
    RawStore raw;
    cloud::s3::Client client;
    Target target{two_columns()};
};

std::string name_and_way(const ::testing::TestParamInfo<std::tuple<Store, Via>>& info) {
    return std::get<0>(info.param).name + (std::get<1>(info.param) == Via::url ? "_url" : "_stream");
}

INSTANTIATE_TEST_SUITE_P(Stores, S3JoinedLoad,
                         ::testing::Combine(::testing::ValuesIn(stores()), ::testing::Values(Via::url, Via::stream)),
                         name_and_way);

TEST_P(S3JoinedLoad, OneImportOfAllThatMatches) {
    put("d/1.csv", "id,name\n1,a\n");
    put("d/2.csv", "id,name\n2,b");
    put("d/3.csv", "");
    put("d/4.csv", "id,name\n3,c");
    put("d/other.txt", "9,z\n");
    const LoadResult result = append("d/*.csv");
    EXPECT_EQ(rows(), "1a 2b 3c");
    EXPECT_EQ(result.response.rows, 3U);
    EXPECT_EQ(result.left_behind, "");
    EXPECT_THAT(client.ls(bucket, ""), ElementsAre("d/1.csv", "d/2.csv", "d/3.csv", "d/4.csv", "d/other.txt"));
    EXPECT_THAT(raw.unfinished(bucket), IsEmpty());
}

TEST_P(S3JoinedLoad, NdjsonWithoutLineEnds) {
    put("1.ndjson", R"({"id":1,"name":"a"})");
    put("2.ndjson", R"({"id":2,"name":"b"})");
    append("*.ndjson", Format::ndjson);
    EXPECT_EQ(rows(), "1a 2b");
    EXPECT_THAT(client.ls(bucket, ""), ElementsAre("1.ndjson", "2.ndjson"));
}

TEST_P(S3JoinedLoad, ReplaceIsAllOrNothing) {
    put("old.csv", "id,name\n1,old\n9,kept\n");
    append("old.csv");
    put("d/1.csv", "id,name\n1,new\n");
    put("d/2.csv", "id,name\n2,new\n");
    replace("d/*.csv", "id < 9");
    EXPECT_EQ(rows(), "1new 2new 9kept");
    EXPECT_THROW(replace("none/*.csv"), errors::InvalidArgument);
    EXPECT_EQ(rows(), "1new 2new 9kept");
}

TEST_P(S3JoinedLoad, HeadersThatContradictEachOtherLeaveNothing) {
    put("d/1.csv", "id,name\n1,a\n");
    put("d/2.csv", "name,id\nb,2\n");
    EXPECT_THROW(append("d/*.csv"), errors::InvalidArgument);
    put("d/2.csv", "id,name\n1,a\n");
    put("d/1.csv", "2,b\n");
    EXPECT_THROW(append("d/*.csv"), errors::InvalidArgument);
    EXPECT_EQ(rows(), "");
    EXPECT_THAT(client.ls(bucket, ""), ElementsAre("d/1.csv", "d/2.csv"));
}

TEST_P(S3JoinedLoad, WhatCantBeJoinedIsRefused) {
    put("d/1.csv.gz", "x");
    put("d/2.csv.gz", "x");
    EXPECT_THROW(append("d/*.gz"), errors::InvalidArgument);
    put("z/1.csv", "\x1f\x8b\x08 compressed, and not by its name");
    put("z/2.csv", "1,a\n");
    EXPECT_THROW(append("z/*.csv"), errors::InvalidArgument);
    put("p/1.parquet", "x");
    put("p/2.parquet", "x");
    EXPECT_THROW(append("p/*", Format::parquet), errors::InvalidArgument);
    EXPECT_EQ(rows(), "");
}

TEST_P(S3JoinedLoad, WhatAKilledJoinLeftIsNotLoadedAgain) {
    put("d/1.csv", "1,a\n");
    put("d/2.csv", "2,b\n");
    put("d/tinybird_cdk_0123456789ab.csv", "1,a\n2,b\n");
    append("d/*.csv");
    EXPECT_EQ(rows(), "1a 2b");
}

/// A connector whose export lies in a bucket, as a warehouse unloads it.
class Unloading final : public SqlConnector {
public:
    Unloading(const Environment& environment, std::function<Export()> make)
        : SqlConnector(environment), make_(std::move(make)) {}

protected:
    std::vector<Scope> get_scopes_() override { return {}; }
    std::vector<ScopeItem> list_scope_(const Parents&) override { return {}; }
    schema::Schema suggest_schema_(const Parents&) override { return {}; }
    std::string ingest_query_(const schema::Schema&, const std::vector<std::string>&) override { return {}; }
    Export export_(const ExportRequest&) override { return make_(); }

private:
    const std::function<Export()> make_;
};

class S3Export : public ::testing::TestWithParam<Store> {
protected:
    S3Export()
        : raw(GetParam()), client(std::make_shared<cloud::s3::Client>(GetParam().environment(), quick_options())) {
        raw.make_bucket(bucket);
    }

    void put(const std::string& key, std::string_view bytes) { client->put(bucket, key, *body_of(bytes)); }
    LoadResult load(std::function<Export()> make, bool replace = false) {
        Unloading connector(tinybird_environment(), std::move(make));
        return replace ? connector.replace("q", target.name()) : connector.append("q", target.name());
    }
    std::string rows() {
        return target.text("arrayStringConcat(arraySort(groupArray(concat(toString(id), name))), ' ')");
    }

    const std::string bucket = new_bucket();
    RawStore raw;
    std::shared_ptr<cloud::s3::Client> client;
    Target target{two_columns()};
};

INSTANTIATE_TEST_SUITE_P(Stores, S3Export, ::testing::ValuesIn(stores()), name_of);

TEST_P(S3Export, AFileIsLoadedAndDeleted) {
    put("e/1.csv", "1,a\n");
    put("e/2.csv", "2,b\n");
    load([&] { return CloudFile(client, bucket, "e/1.csv"); });
    EXPECT_EQ(rows(), "1a");
    EXPECT_THAT(client->ls(bucket, ""), ElementsAre("e/2.csv"));
}

TEST_P(S3Export, ADirectoryIsLoadedOnceAndDeleted) {
    put("e/1.csv", "id,name\n1,a\n");
    put("e/2.csv", "id,name\n2,b\n");
    put("f/3.csv", "3,c\n");
    load([&] { return CloudDir(client, bucket, "e", true); });
    EXPECT_EQ(rows(), "1a 2b");
    EXPECT_THAT(client->ls(bucket, ""), ElementsAre("f/3.csv"));
    EXPECT_THAT(raw.unfinished(bucket), IsEmpty());
}

TEST_P(S3Export, AnEmptyDirectoryIsAnEmptyResult) {
    put("e/1.csv", "1,a\n");
    load([&] { return CloudDir(client, bucket, "e/"); });
    EXPECT_EQ(rows(), "1a");
    load([&] { return CloudDir(client, bucket, "e/"); });
    EXPECT_EQ(rows(), "1a");
    load([&] { return CloudDir(client, bucket, "e/"); }, true);
    EXPECT_EQ(rows(), "");
}

TEST_P(S3Export, AFailedImportLeavesNothing) {
    put("e/1.csv", "1,a\n");
    put("e/2.csv", "2,b\n");
    // Read by an address where nobody listens.
    const auto lost =
        std::make_shared<cloud::s3::Client>(GetParam().environment("http://127.0.0.1:1"), quick_options());
    EXPECT_THROW(load([&] { return CloudDir(lost, bucket, "e/"); }), errors::Error);
    Relay broken(GetParam(), [](const std::string& step, int) {
        return step == "create" || step == "put" ? Fault::refused : Fault::none;
    });
    const auto refused = std::make_shared<cloud::s3::Client>(GetParam().environment(broken.url()), quick_options());
    EXPECT_THROW(load([&] { return CloudDir(refused, bucket, "e/"); }), errors::Error);
    EXPECT_EQ(rows(), "");
    EXPECT_THAT(client->ls(bucket, ""), IsEmpty());
    EXPECT_THAT(raw.unfinished(bucket), IsEmpty());
}

TEST_P(S3Export, WhatCantBeDeletedIsToldInTheError) {
    put("e/1.csv", "1,a\n");
    put("e/2.csv", "2,b\n");
    Relay relay(GetParam(), [](const std::string& step, int) {
        return step == "delete" || step == "create" || step == "put" ? Fault::refused : Fault::none;
    });
    const auto refused = std::make_shared<cloud::s3::Client>(GetParam().environment(relay.url()), quick_options());
    try {
        load([&] { return CloudDir(refused, bucket, "e/"); });
        FAIL() << "nothing was thrown";
    } catch (const errors::Error& error) {
        EXPECT_THAT(error.hint(), AllOf(HasSubstr("Left behind"), HasSubstr("s3://" + bucket + "/e/")));
    }
}

TEST_P(S3Export, WhatCantBeDeletedAfterASuccessIsToldInTheResult) {
    put("e/1.csv", "1,a\n");
    Relay relay(GetParam(),
                [](const std::string& step, int) { return step == "delete" ? Fault::refused : Fault::none; });
    const auto refused = std::make_shared<cloud::s3::Client>(GetParam().environment(relay.url()), quick_options());
    const LoadResult result = load([&] { return CloudFile(refused, bucket, "e/1.csv"); });
    EXPECT_EQ(rows(), "1a");
    EXPECT_THAT(result.left_behind, HasSubstr("s3://" + bucket + "/e/1.csv"));
}

}  // namespace
}  // namespace tinybird_cdk::testing
