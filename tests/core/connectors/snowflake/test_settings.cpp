// SPDX-License-Identifier: Apache-2.0
#include "connectors/snowflake/settings.hpp"

#include <map>
#include <string>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/snowflake/account.hpp"
#include "connectors/snowflake/failure.hpp"
#include "connectors/snowflake/key_pair.hpp"
#include "connectors/snowflake/login.hpp"
#include "connectors/snowflake/source.hpp"
#include "connectors/snowflake/stage.hpp"

namespace tinybird_cdk::snowflake {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

Environment with_password() {
    return Environment::of({{"SF_ACCOUNT", "org-acc"}, {"SF_USER", "U"}, {"SF_PWD", "secret-word"}});
}

template <class Refusal>
std::string text_of_refusal(const Environment& environment) {
    try {
        settings_from(environment);
    } catch (const Refusal& error) {
        return std::string(error.what()) + " " + error.hint();
    }
    return "taken";
}

TEST(TestSnowflakeSettings, WhatIsMissingIsNamed) {
    using errors::MissingConfiguration;
    EXPECT_THAT(text_of_refusal<MissingConfiguration>(Environment::of({})), HasSubstr("SF_ACCOUNT"));
    EXPECT_THAT(text_of_refusal<MissingConfiguration>(Environment::of({{"SF_ACCOUNT", "a"}})), HasSubstr("SF_PAT"));
    EXPECT_THAT(text_of_refusal<MissingConfiguration>(Environment::of({{"SF_ACCOUNT", "a"}, {"SF_PWD", "secret"}})),
                HasSubstr("SF_USER"));
    EXPECT_EQ(settings_from(Environment::of({{"SF_ACCOUNT", "a"}, {"SF_OAUTH_TOKEN", "token"}})).login,
              LoginKind::oauth);
}

TEST(TestSnowflakeSettings, OneWayToLogInIsTaken) {
    const std::string text = text_of_refusal<errors::InvalidArgument>(with_password().with("SF_PAT", "another-secret"));
    EXPECT_THAT(text, HasSubstr("SF_PWD and SF_PAT are set"));
    EXPECT_THAT(text, Not(HasSubstr("secret-word")));
    EXPECT_EQ(settings_from(with_password().with("SF_PAT", "")).login, LoginKind::password);
}

TEST(TestSnowflakeSettings, AnAddressIsNoAccount) {
    for (const char* const address : {"https://org-acc.snowflakecomputing.com", "org-acc.snowflakecomputing.com/"}) {
        EXPECT_THAT(text_of_refusal<errors::InvalidArgument>(with_password().with("SF_ACCOUNT", address)),
                    HasSubstr("Write org-acc."));
    }
    EXPECT_NE(text_of_refusal<errors::InvalidArgument>(with_password().with("SF_ACCOUNT", "a b")), "taken");
}

TEST(TestSnowflakeSettings, ServersAreChecked) {
    for (const auto& [variable, value] :
         std::map<std::string, std::string>{{"SF_HOST", "http://h"}, {"SF_PORT", "4x"}, {"SF_PROTOCOL", "ftp"}}) {
        EXPECT_THAT(text_of_refusal<errors::InvalidArgument>(with_password().with(variable, value)),
                    HasSubstr(variable));
    }
    for (const char* const port : {"0", "65536", "70000", "443 ", "-1"}) {
        EXPECT_THAT(text_of_refusal<errors::InvalidArgument>(with_password().with("SF_PORT", port)),
                    HasSubstr("SF_PORT is " + std::string(port)));
    }
    EXPECT_EQ(settings_from(with_password().with("SF_PORT", "65535")).port, "65535");
    // A password in the open, to the real service.
    EXPECT_THAT(text_of_refusal<errors::InvalidArgument>(with_password().with("SF_PROTOCOL", "http")),
                HasSubstr("https"));
}

TEST(TestSnowflakeSettings, AServerThatIsNotFoundIsCheckedWhereItIsNamed) {
    const auto hint = [](const Environment& environment) {
        return explained(errors::ExternalDatasourceError("dial tcp: lookup nohost.invalid: no such host", {}, {},
                                                         errors::ExitCode::temporary),
                         settings_from(environment))
            .hint();
    };
    EXPECT_THAT(hint(with_password()), HasSubstr("Check SF_ACCOUNT"));
    EXPECT_THAT(hint(with_password().with("SF_HOST", "nohost.invalid")), HasSubstr("Check SF_HOST"));
}

TEST(TestSnowflakeSettings, QueriesHaveAPage) {
    EXPECT_EQ(queries_page("org-acc_1"), "https://app.snowflake.com/org/acc_1/#/compute/history/queries/");
    EXPECT_EQ(queries_page("xy12345.eu-central-1"),
              "https://app.snowflake.com/eu-central-1/xy12345/#/compute/history/queries/");
    EXPECT_EQ(queries_page("xy12345"), "https://app.snowflake.com/us-west-2/xy12345/#/compute/history/queries/");
}

TEST(TestSnowflakeSettings, KeysArePemOfPkcs8) {
    const std::string plain = "-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----\\n";
    EXPECT_EQ(private_key(plain, "SF_PRIVATE_KEY", "").reveal(),
              "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n");
    EXPECT_THROW(private_key("-----BEGIN ENCRYPTED PRIVATE KEY-----", "SF_PRIVATE_KEY", ""),
                 errors::MissingConfiguration);
    EXPECT_THROW(private_key("-----BEGIN RSA PRIVATE KEY-----", "SF_PRIVATE_KEY", ""), errors::InvalidArgument);
    EXPECT_THROW(private_key("/path/of/a/key", "SF_PRIVATE_KEY", ""), errors::InvalidArgument);
    EXPECT_THROW(file_of_key("/nowhere/key.p8"), errors::InvalidArgument);
    EXPECT_THROW(file_of_key("/"), errors::InvalidArgument);
}

TEST(TestSnowflakeSettings, TheDriverIsToldAllOfIt) {
    const adbc::Source source = source_from(
        settings_from(with_password().with("SF_WAREHOUSE", "W").with("SF_ROLE", "R").with("TB_CDK_TAG", "nightly")));
    EXPECT_THAT(source.database, Contains(Pair("username", "U")));
    EXPECT_THAT(source.database, Contains(Pair("password", "secret-word")));
    EXPECT_THAT(source.database, Contains(Pair("adbc.snowflake.sql.warehouse", "W")));
    EXPECT_THAT(source.database, Contains(Pair("QUERY_TAG", "nightly")));
    EXPECT_THAT(source.database, Contains(Pair("TIMEZONE", "UTC")));
    EXPECT_THAT(source.database, Contains(Pair("GO_QUERY_RESULT_FORMAT", "ARROW")));
    EXPECT_THAT(source.database, Contains(Pair("adbc.snowflake.sql.client_option.use_high_precision", "true")));
    EXPECT_THAT(source.on_failure, HasSubstr("https://app.snowflake.com/org/acc/"));
}

TEST(TestSnowflakeSettings, LoginsThatFailAreExplained) {
    const Settings settings = settings_from(with_password());
    const auto explained_as = [&](const char* text) {
        return explained(errors::ExternalDatasourceError(text, {}, {}, errors::ExitCode::temporary), settings);
    };
    EXPECT_EQ(code_in("Snowflake failed: [Snowflake] 390144 (08004): JWT token is invalid."), "390144");
    EXPECT_EQ(code_in("dial tcp"), "");
    EXPECT_THAT(explained_as("[Snowflake] 390144 (08004): JWT token is invalid.").hint(), HasSubstr("public key"));
    EXPECT_FALSE(explained_as("[Snowflake] 390100 (08004): Incorrect username").retryable());
    EXPECT_TRUE(explained_as("dial tcp: lookup x: no such host").retryable());
    EXPECT_EQ(explained_as("something else").hint(), "");
}

TEST(TestSnowflakeSettings, FailuresOfTheNetworkAreTemporary) {
    for (const char* const text :
         {R"(Get "http://x/parts/5": EOF)",
          R"(Post "https://x/queries": dial tcp 1.2.3.4:443: connect: connection refused)",
          "read tcp 1.2.3.4:1->5.6.7.8:443: read: connection reset by peer",
          "timeout after 0s and 8 attempts. HTTP Status: 503. Hanging?",
          "[Snowflake] 000630 (57014): Statement reached its statement or warehouse timeout"}) {
        const auto meaning = meaning_of(text);
        ASSERT_TRUE(meaning) << text;
        EXPECT_EQ(meaning->exit_code, errors::ExitCode::temporary) << text;
    }
    EXPECT_FALSE(meaning_of("[Snowflake] 100038 (22018): Numeric value 'connection refused' is not recognized"));
}

TEST(TestSnowflakeStages, NamesAreThoseOfSql) {
    EXPECT_EQ(checked_name("@db.public.\"my stage\"", "it"), "db.public.\"my stage\"");
    EXPECT_EQ(checked_name("s$1", "it"), "s$1");
    for (const char* const name : {"", "a b", "a..b", "a.b.c.d", "\"", "\"\"", "a; DROP TABLE t", "a.\"b", "a."}) {
        EXPECT_THROW(checked_name(name, "it"), errors::InvalidArgument) << name;
    }
}

TEST(TestSnowflakeStages, TheDefaultIsNamedAfterWorkspaceAndRole) {
    Settings settings = settings_from(with_password());
    EXPECT_EQ(stage_name(settings), "");
    EXPECT_THROW(default_stage_name(settings), errors::MissingConfiguration);
    settings.database = "DB";
    settings.schema = "PUBLIC";
    settings.role = "LOADER";
    settings.workspace = "689d9d2b-633b-4900";
    EXPECT_EQ(stage_name(settings), "DB.PUBLIC.tinybird_stage__689d9d2b_633b_4900__LOADER");
    settings.role = "\"night shift\"";
    EXPECT_EQ(stage_name(settings), "DB.PUBLIC.\"tinybird_stage__689d9d2b_633b_4900__night shift\"");
    settings.stage = "@mine";
    EXPECT_EQ(stage_name(settings), "mine");
}

TEST(TestSnowflakeStages, UrlsNameBuckets) {
    const auto text = [](const char* url) {
        const cloud::Location place = bucket_of(url);
        return place.service + " " + place.account + " " + place.bucket + " " + place.key;
    };
    EXPECT_EQ(text("s3://bucket/a/b"), "s3  bucket a/b/");
    EXPECT_EQ(text("s3gov://bucket/"), "s3  bucket ");
    EXPECT_EQ(text("gcs://bucket/a/"), "gcs  bucket a/");
    EXPECT_EQ(text("azure://acc.blob.core.windows.net/container/a/"), "azure acc container a/");
    EXPECT_THROW(bucket_of("ftp://x/"), errors::UnsupportedCloudServiceError);
    EXPECT_EQ(stage_url("gs://bucket/a"), "gcs://bucket/a/");
}

TEST(TestSnowflakeStages, IntegrationsHaveWhatTheirServiceNeeds) {
    Settings settings = settings_from(with_password());
    settings.role = "LOADER";
    EXPECT_EQ(
        integration_query(settings, {.allowed_location = "gs://bucket/folder"}),
        "CREATE STORAGE INTEGRATION IF NOT EXISTS tinybird_integration\n  TYPE = EXTERNAL_STAGE\n  STORAGE_PROVIDER = "
        "'GCS'\n  ENABLED = TRUE\n  STORAGE_ALLOWED_LOCATIONS = ('gcs://bucket/folder/');\nGRANT USAGE ON "
        "INTEGRATION tinybird_integration TO ROLE LOADER;\n");
    EXPECT_THAT(integration_query(settings, {.allowed_location = "s3://b/", .aws_role_arn = "arn:aws:iam::1:role/r"}),
                HasSubstr("STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::1:role/r'"));
    EXPECT_THAT(integration_query(
                    settings, {.allowed_location = "azure://a.blob.core.windows.net/c/", .azure_tenant_id = "tenant"}),
                HasSubstr("AZURE_TENANT_ID = 'tenant'"));
    EXPECT_THROW(integration_query(settings, {.allowed_location = "s3://b/"}), errors::InvalidArgument);
    EXPECT_THROW(integration_query(settings, {.allowed_location = "azure://a.blob.core.windows.net/c/"}),
                 errors::InvalidArgument);
}

}  // namespace
}  // namespace tinybird_cdk::snowflake
