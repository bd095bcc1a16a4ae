// SPDX-License-Identifier: Apache-2.0
/// What stores that verify signatures refuse, and how it is said.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "relay.hpp"
#include "store.hpp"

namespace tinybird_cdk::testing {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class S3Refusals : public ::testing::TestWithParam<Store> {
protected:
    S3Refusals() : raw(GetParam()), client(GetParam().environment(), quick_options()) { raw.make_bucket(bucket); }

    void put(const std::string& key, std::string_view bytes) { client.put(bucket, key, *body_of(bytes)); }
    std::string get(const std::string& key) { return read_all(*client.get(bucket, key)); }

    const std::string bucket = new_bucket();
    RawStore raw;
    cloud::s3::Client client;
};

INSTANTIATE_TEST_SUITE_P(Stores, S3Refusals, ::testing::ValuesIn(stores()), name_of);

TEST_P(S3Refusals, UrlsThatExpiredOrWereChangedAreRefused) {
    put("k", "secret content");
    EXPECT_EQ(fetch(client.public_url(bucket, "k", std::chrono::hours(7 * 24))).status, 200);
    EXPECT_THROW(client.public_url(bucket, "k", std::chrono::hours(7 * 24) + std::chrono::seconds(1)),
                 errors::InvalidArgument);

    std::string tampered = client.public_url(bucket, "k", std::chrono::minutes(5));
    tampered.replace(tampered.find("/k?"), 3, "/j?");
    EXPECT_EQ(fetch(tampered).status, 403);
    std::string longer = client.public_url(bucket, "k", std::chrono::minutes(5));
    longer.replace(longer.find("X-Amz-Expires=300"), 17, "X-Amz-Expires=301");
    EXPECT_EQ(fetch(longer).status, 403);

    cloud::s3::Options options = quick_options();
    options.clock = wrong_clock(-std::chrono::hours(24));
    cloud::s3::Client old(GetParam().environment(), options);
    const http::Response expired = fetch(old.public_url(bucket, "k", std::chrono::minutes(5)));
    EXPECT_EQ(expired.status, 403);
    EXPECT_THAT(expired.body, HasSubstr("expired"));
    try {
        old.size(bucket, "k");
        FAIL() << "a request of yesterday was taken";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("403"));
    }
    try {
        old.list(bucket, "");
        FAIL() << "a request of yesterday was taken";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "RequestTimeTooSkewed");
        EXPECT_THAT(error.hint(), HasSubstr("clock"));
    }
}

TEST_P(S3Refusals, RequestsThatWereChangedOnTheWayAreRefused) {
    put("k", "content");
    put("kx", "other content");
    Relay relay(GetParam(), [](const std::string&, int) { return Fault::changed; });
    cloud::s3::Client through(GetParam().environment(relay.url()), quick_options());
    EXPECT_THROW(through.put(bucket, "new", *body_of("x")), errors::ExternalDatasourceError);
    EXPECT_THROW(through.get(bucket, "k"), errors::ExternalDatasourceError);
    EXPECT_THROW(through.exists(bucket, "k"), errors::ExternalDatasourceError);
    EXPECT_THROW(through.rm(bucket, "k"), errors::ExternalDatasourceError);
    EXPECT_THAT(client.ls(bucket, ""), ElementsAre("k", "kx"));
}

TEST_P(S3Refusals, WrongSecretIsRefusedAndNotShown) {
    const Environment environment = GetParam().environment().with("AWS_SECRET_ACCESS_KEY", "wrong-secret-of-this-test");
    cloud::s3::Client wrong(environment, quick_options());
    try {
        wrong.list(bucket, "");
        FAIL() << "a wrong secret was taken";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "SignatureDoesNotMatch");
        EXPECT_THAT(error.what(), HasSubstr("s3://" + bucket));
        EXPECT_THAT(error.what(), Not(HasSubstr("wrong-secret")));
        EXPECT_THAT(error.hint(), HasSubstr("AWS_SECRET_ACCESS_KEY"));
        EXPECT_FALSE(error.retryable());
    }
    EXPECT_THROW(wrong.put(bucket, "k", *body_of("x")), errors::ExternalDatasourceError);
    EXPECT_THROW(wrong.get(bucket, "k"), errors::ExternalDatasourceError);
    EXPECT_THROW(wrong.exists(bucket, "k"), errors::ExternalDatasourceError);
    EXPECT_EQ(fetch(wrong.public_url(bucket, "k", std::chrono::minutes(1))).status, 403);
    const std::string url = client.public_url(bucket, "k", std::chrono::minutes(1));
    EXPECT_THAT(logger::mask(url), HasSubstr("X-Amz-Signature=***"));
}

TEST_P(S3Refusals, UnknownAccessKeyIsRefused) {
    cloud::s3::Client wrong(GetParam().environment().with("AWS_ACCESS_KEY_ID", "nobody"), quick_options());
    try {
        wrong.list(bucket, "");
        FAIL() << "an unknown key was taken";
    } catch (const errors::ExternalDatasourceError& error) {
        // The latter is versitygw's own name for it, when it has a single account.
        EXPECT_THAT(error.sqlstate(), AnyOf("InvalidAccessKeyId", "XAdminUserNotFound"));
    }
}

TEST_P(S3Refusals, MissingBucketAndObject) {
    try {
        client.list("cdk-no-such-bucket", "");
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "NoSuchBucket");
    }
    try {
        client.get(bucket, "none");
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "NoSuchKey");
        EXPECT_THAT(error.what(), HasSubstr("s3://" + bucket + "/none"));
    }
    EXPECT_THROW(client.size(bucket, "none"), errors::ExternalDatasourceError);
}

}  // namespace
}  // namespace tinybird_cdk::testing
