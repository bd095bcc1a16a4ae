// SPDX-License-Identifier: Apache-2.0
/// What only AWS itself answers, told by a loopback server: redirects to regions, credentials that expire early.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/cloud/s3.hpp>
#include <tinybird_cdk/errors.hpp>

#include "helpers/fake_clock.hpp"
#include "helpers/scripted_server.hpp"

namespace tinybird_cdk::cloud::s3 {
namespace {

using ::testing::HasSubstr;
using tinybird_cdk::testing::FakeClock;
using tinybird_cdk::testing::Received;
using tinybird_cdk::testing::Reply;
using tinybird_cdk::testing::ScriptedServer;

Options quiet() {
    Options options;
    options.clock = std::make_shared<FakeClock>();
    options.jitter = [] { return 0.0; };
    return options;
}

Environment environment(const ScriptedServer& server) {
    return Environment::of({{"AWS_ACCESS_KEY_ID", "k"},
                            {"AWS_SECRET_ACCESS_KEY", "s"},
                            {"AWS_ENDPOINT_URL_S3", server.url()},
                            {"AWS_REGION", "us-east-1"}});
}

bool signed_for(const Received& request, const std::string& region) {
    return request.header("authorization").value_or("").find("/" + region + "/s3/") != std::string::npos;
}

TEST(Caller, BucketsSayWhereTheyAre) {
    ScriptedServer server([](const Received& request) {
        if (signed_for(request, "eu-west-3")) {
            return Reply{.body = "content", .headers = {{"ETag", "\"e\""}, {"x-amz-bucket-region", "eu-west-3"}}};
        }
        return Reply{.status = request.method == "HEAD" ? 400 : 301, .headers = {{"x-amz-bucket-region", "eu-west-3"}}};
    });
    for (const bool head : {false, true}) {
        Client client(environment(server), quiet());
        for (int i = 0; i < 2; ++i) {
            if (head) {
                EXPECT_TRUE(client.exists("bucket", "k"));
            } else {
                EXPECT_EQ(client.get("bucket", "k")->size(), 7U);
            }
        }
    }
    // Once learnt, a region is known.
    EXPECT_EQ(server.received().size(), 6U);
}

TEST(Caller, RegionsThatChangeForEverEnd) {
    std::atomic<int> count = 0;
    ScriptedServer server([&](const Received&) {
        return Reply{.status = 301, .headers = {{"x-amz-bucket-region", "r" + std::to_string(++count)}}};
    });
    Client client(environment(server), quiet());
    EXPECT_THROW(client.list("bucket", ""), errors::ExternalDatasourceError);
    EXPECT_THROW(client.get("bucket", "k"), errors::ExternalDatasourceError);
}

TEST(Caller, AWrongClockIsShownBesideTheStores) {
    ScriptedServer server(
        std::vector<Reply>{{.status = 403,
                            .body = "<Error><Code>RequestTimeTooSkewed</Code><Message>too large</Message></Error>",
                            .headers = {{"Date", "Wed, 21 Oct 2026 09:28:00 GMT"}}}});
    Client client(environment(server), quiet());
    try {
        client.list("bucket", "");
        FAIL() << "it can't have worked";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("20261021T072800Z"));
        EXPECT_THAT(error.hint(), HasSubstr("Wed, 21 Oct 2026 09:28:00 GMT"));
        EXPECT_FALSE(error.retryable());
    }
    EXPECT_EQ(server.received().size(), 1U);
}

TEST(Caller, BodiesHaveTheDigestThatLockedBucketsWant) {
    ScriptedServer server(std::vector<Reply>{{.headers = {{"ETag", "\"1\""}}}});
    Client client(environment(server), quiet());
    client.put("bucket", "k", *body_of("hello"));
    EXPECT_EQ(server.received().at(0).header("content-md5"), "XUFAKrxLKna5cZ2REBfFkg==");
}

TEST(Caller, RequesterPays) {
    ScriptedServer server(std::vector<Reply>{{.body = "<ListBucketResult/>"}});
    Client client(environment(server).with("TB_CDK_S3_REQUESTER_PAYS", "true"), quiet());
    client.list("bucket", "");
    EXPECT_EQ(server.received().at(0).header("x-amz-request-payer"), "requester");
    EXPECT_THAT(*server.received().at(0).header("authorization"), HasSubstr("x-amz-request-payer"));
    EXPECT_THAT(client.public_url("bucket", "k", std::chrono::seconds(60)), HasSubstr("x-amz-request-payer=requester"));
}

TEST(Caller, WhatIsNoStoreIsRefused) {
    ScriptedServer server(std::vector<Reply>{{.body = "<html>Welcome</html>"}});
    Client client(environment(server), quiet());
    EXPECT_THROW(client.list("bucket", ""), errors::ExternalDatasourceError);
}

TEST(Caller, PagesThatRepeatAreNoEnd) {
    ScriptedServer server(
        std::vector<Reply>{{.body = "<ListBucketResult><IsTruncated>true</IsTruncated>"
                                    "<NextContinuationToken>t</NextContinuationToken></ListBucketResult>"}});
    Client client(environment(server), quiet());
    EXPECT_THROW(client.list("bucket", ""), errors::ExternalDatasourceError);
}

TEST(Caller, WhatNobodyAnswersForIsListed) {
    ScriptedServer server([](const Received& request) {
        if (request.method == "GET") {
            return Reply{.body =
                             "<ListBucketResult><Contents><Key>d/1</Key><LastModified>2026-10-21T07:28:00Z"
                             "</LastModified><Size>1</Size></Contents></ListBucketResult>"};
        }
        return Reply{.body = "x", .cut_at_answer_byte = 1};
    });
    Client client(environment(server), quiet());
    try {
        client.rmtree("bucket", "d");
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("s3://bucket/d/"));
        EXPECT_THAT(error.what(), HasSubstr("d/1: "));
    }
}

TEST(Caller, WhatCouldNotBeDeletedIsListed) {
    ScriptedServer server([](const Received& request) {
        if (request.method == "GET") {
            return Reply{.body =
                             "<ListBucketResult><Contents><Key>d/1</Key><LastModified>2026-10-21T07:28:00Z"
                             "</LastModified><Size>1</Size></Contents><Contents><Key>d/2</Key><LastModified>"
                             "2026-10-21T07:28:00Z</LastModified><Size>1</Size></Contents></ListBucketResult>"};
        }
        return Reply{.body =
                         "<DeleteResult><Error><Key>d/2</Key><Code>AccessDenied</Code><Message>locked</Message>"
                         "</Error></DeleteResult>"};
    });
    Client client(environment(server), quiet());
    try {
        client.rmtree("bucket", "d");
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("d/2: AccessDenied: locked"));
        EXPECT_THAT(error.what(), HasSubstr("1 of 2"));
    }
    EXPECT_TRUE(server.received().at(1).header("content-md5"));
}

}  // namespace
}  // namespace tinybird_cdk::cloud::s3
