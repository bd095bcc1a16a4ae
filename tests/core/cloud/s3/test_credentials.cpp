// SPDX-License-Identifier: Apache-2.0
/// The places that credentials come from. AWS's identity services, the metadata of instances and containers can't run
/// here: a loopback server answers in their place, in the form of their documentation.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/crypto.hpp"
#include "cloud/s3/provider.hpp"
#include "helpers/fake_clock.hpp"
#include "helpers/scripted_server.hpp"

namespace tinybird_cdk::cloud::s3 {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using tinybird_cdk::testing::FakeClock;
using tinybird_cdk::testing::Received;
using tinybird_cdk::testing::Reply;
using tinybird_cdk::testing::ScriptedServer;

using Variables = std::map<std::string, std::string, std::less<>>;

/// A home directory with files of AWS.
class Credentials : public ::testing::Test {
protected:
    Credentials() {
        std::string pattern = (std::filesystem::temp_directory_path() / "cdk_aws_XXXXXX").string();
        home = ::mkdtemp(pattern.data());
        std::filesystem::create_directories(home + "/.aws/sso/cache");
    }
    ~Credentials() override { std::filesystem::remove_all(home); }

    void write(const std::string& name, const std::string& text) const { std::ofstream(home + "/" + name) << text; }

    [[nodiscard]] Environment environment(Variables variables) const {
        variables.emplace("HOME", home);
        variables.emplace("AWS_EC2_METADATA_DISABLED", "true");
        return Environment::of(std::move(variables));
    }

    [[nodiscard]] std::unique_ptr<Provider> provider(Variables variables) {
        const Environment from = environment(std::move(variables));
        return std::make_unique<Provider>(from, Profiles(from), transport, options);
    }

    s3::Credentials find(Variables variables) { return provider(std::move(variables))->get({}); }

    static ClientOptions options_with(std::shared_ptr<Clock> clock) {
        ClientOptions made;
        made.clock = std::move(clock);
        return made;
    }

    std::string home;
    const std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
    const ClientOptions options = options_with(clock);
    Transport transport{options};
};

/// What the metadata of instances and containers give.
std::string json_of(const std::string& key, const std::string& expires = "2026-10-21T13:28:00Z") {
    return R"({"Code":"Success","AccessKeyId":")" + key + R"(","SecretAccessKey":"secret-of-)" + key +
           R"(","Token":"token-of-)" + key + R"(","Expiration":")" + expires + "\"}";
}

std::string sts_answer(const std::string& action, const std::string& key) {
    return "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + action +
           "Result><Credentials><AccessKeyId>" + key + "</AccessKeyId><SecretAccessKey>secret-of-" + key +
           "</SecretAccessKey><SessionToken>token-of-" + key +
           "</SessionToken><Expiration>2026-10-21T08:28:00Z</Expiration></Credentials></" + action + "Result></" +
           action + "Response>";
}

TEST_F(Credentials, Variables) {
    const auto found = find({{"AWS_ACCESS_KEY_ID", "k"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_SESSION_TOKEN", "t"}});
    EXPECT_EQ(found.access_key, "k");
    EXPECT_EQ(found.secret_key.reveal(), "s");
    EXPECT_EQ(found.session_token.reveal(), "t");
    EXPECT_THROW(find({{"AWS_ACCESS_KEY_ID", "k"}}), errors::MissingConfiguration);
}

TEST_F(Credentials, NoneSaysWhatWasLookedAt) {
    try {
        find({});
        FAIL();
    } catch (const errors::MissingConfiguration& error) {
        EXPECT_THAT(error.hint(), AllOf(HasSubstr("AWS_WEB_IDENTITY_TOKEN_FILE"), HasSubstr(home + "/.aws/config"),
                                        HasSubstr("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"), HasSubstr("instance")));
    }
}

TEST_F(Credentials, ProfilesOfBothFiles) {
    write(".aws/credentials",
          "[default]\naws_access_key_id = d\naws_secret_access_key = ds\n"
          "[other]\naws_access_key_id = o\naws_secret_access_key = secret-of-other\naws_session_token = ot\n");
    write(".aws/config", "[profile third]\naws_access_key_id = t\naws_secret_access_key = ts\n");
    EXPECT_EQ(find({}).access_key, "d");
    EXPECT_EQ(find({{"AWS_PROFILE", "other"}}).session_token.reveal(), "ot");
    EXPECT_EQ(find({{"AWS_DEFAULT_PROFILE", "third"}}).access_key, "t");
    EXPECT_THAT(logger::mask("x secret-of-other y"), Not(HasSubstr("secret-of-other")));
    EXPECT_THROW(find({{"AWS_PROFILE", "none"}}), errors::InvalidArgument);
    write("elsewhere", "[default]\naws_access_key_id = e\naws_secret_access_key = es\n");
    EXPECT_EQ(find({{"AWS_SHARED_CREDENTIALS_FILE", home + "/elsewhere"}}).access_key, "e");
    EXPECT_EQ(find({{"AWS_ACCESS_KEY_ID", "v"}, {"AWS_SECRET_ACCESS_KEY", "vs"}}).access_key, "v");
}

TEST_F(Credentials, Process) {
    write("answer", R"({"Version":1,"AccessKeyId":"p","SecretAccessKey":"ps","SessionToken":"pt",)"
                    R"("Expiration":"2026-10-21T08:28:00+00:00"})");
    write(".aws/config", "[default]\ncredential_process = cat '" + home +
                             "/answer'\n"
                             "[profile fails]\ncredential_process = exit 3\n"
                             "[profile talks]\ncredential_process = echo hello\n");
    const auto found = find({});
    EXPECT_EQ(found.access_key, "p");
    EXPECT_EQ(found.session_token.reveal(), "pt");
    ASSERT_TRUE(found.expires);
    EXPECT_EQ(*found.expires - clock->wall_now(), std::chrono::hours(1));
    EXPECT_THROW(find({{"AWS_PROFILE", "fails"}}), errors::ExternalDatasourceError);
    EXPECT_THROW(find({{"AWS_PROFILE", "talks"}}), errors::ExternalDatasourceError);
}

TEST_F(Credentials, RolesOfRoles) {
    ScriptedServer sts(
        std::vector<Reply>{{.body = sts_answer("AssumeRole", "first")}, {.body = sts_answer("AssumeRole", "second")}});
    write(".aws/credentials", "[base]\naws_access_key_id = b\naws_secret_access_key = bs\n");
    write(".aws/config",
          "[profile middle]\nrole_arn = arn:aws:iam::1:role/middle\nsource_profile = base\nexternal_id = e/1\n"
          "[profile outer]\nrole_arn = arn:aws:iam::1:role/outer\nsource_profile = middle\nrole_session_name = me\n"
          "[profile round]\nrole_arn = r\nsource_profile = about\n"
          "[profile about]\nrole_arn = r\nsource_profile = round\n"
          "[profile alone]\nrole_arn = r\n"
          "[profile mfa]\nrole_arn = r\nsource_profile = base\nmfa_serial = m\n");
    const auto found =
        find({{"AWS_PROFILE", "outer"}, {"AWS_ENDPOINT_URL_STS", sts.url()}, {"AWS_REGION", "eu-west-3"}});
    EXPECT_EQ(found.access_key, "second");
    const auto received = sts.received();
    ASSERT_EQ(received.size(), 2U);
    EXPECT_THAT(received[0].body, AllOf(HasSubstr("Action=AssumeRole&"), HasSubstr("ExternalId=e%2F1"),
                                        HasSubstr("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fmiddle")));
    EXPECT_THAT(*received[0].header("authorization"), HasSubstr("Credential=b/20261021/eu-west-3/sts/aws4_request"));
    EXPECT_THAT(received[1].body, HasSubstr("RoleSessionName=me"));
    EXPECT_THAT(*received[1].header("authorization"), HasSubstr("Credential=first/"));
    EXPECT_EQ(received[1].header("x-amz-security-token"), "token-of-first");
    for (const std::string name : {"round", "alone", "mfa"}) {
        EXPECT_THROW(find({{"AWS_PROFILE", name}, {"AWS_ENDPOINT_URL_STS", sts.url()}}), errors::InvalidArgument)
            << name;
    }
}

TEST_F(Credentials, RefusedRoleIsNamed) {
    ScriptedServer sts(std::vector<Reply>{
        {.status = 403,
         .body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>"}});
    write(".aws/config", "[default]\nrole_arn = arn:role\ncredential_source = Environment\n");
    write("token", "a.web.token\n");
    try {
        find({{"AWS_WEB_IDENTITY_TOKEN_FILE", home + "/token"},
              {"AWS_ROLE_ARN", "arn:role"},
              {"AWS_ENDPOINT_URL_STS", sts.url()}});
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("arn:role"), HasSubstr("AccessDenied"), HasSubstr("not you")));
        EXPECT_THAT(error.what(), Not(HasSubstr("a.web.token")));
    }
}

TEST_F(Credentials, WebIdentityIsReadAnewBeforeItsCredentialsExpire) {
    ScriptedServer sts(std::vector<Reply>{{.body = sts_answer("AssumeRoleWithWebIdentity", "w")}});
    write("token", "first\n");
    const auto web = provider({{"AWS_WEB_IDENTITY_TOKEN_FILE", home + "/token"},
                               {"AWS_ROLE_ARN", "arn:role"},
                               {"AWS_ENDPOINT_URL_STS", sts.url()}});
    EXPECT_EQ(web->get({}).access_key, "w");
    clock->sleep(std::chrono::minutes(54), {});
    web->get({});
    EXPECT_EQ(sts.received().size(), 1U);
    write("token", "second\n");
    clock->sleep(std::chrono::minutes(2), {});
    web->get({});
    const auto received = sts.received();
    ASSERT_EQ(received.size(), 2U);
    EXPECT_THAT(received[0].body, HasSubstr("WebIdentityToken=first"));
    EXPECT_THAT(received[1].body, HasSubstr("WebIdentityToken=second"));
    EXPECT_FALSE(received[1].header("authorization"));
}

TEST_F(Credentials, WhatCanNotBeRenewedIsUsedToItsEnd) {
    std::atomic<bool> broken = false;
    ScriptedServer sts([&](const Received&) {
        Reply reply;
        reply.status = broken ? 403 : 200;
        reply.body = sts_answer("AssumeRoleWithWebIdentity", "w");
        return reply;
    });
    write("token", "t-o-k-e-n");
    const auto web = provider({{"AWS_WEB_IDENTITY_TOKEN_FILE", home + "/token"},
                               {"AWS_ROLE_ARN", "arn:role"},
                               {"AWS_ENDPOINT_URL_STS", sts.url()}});
    web->get({});
    broken = true;
    clock->sleep(std::chrono::minutes(57), {});
    EXPECT_EQ(web->get({}).access_key, "w");
    clock->sleep(std::chrono::minutes(3), {});
    EXPECT_THROW(web->get({}), errors::ExternalDatasourceError);
}

TEST_F(Credentials, SingleSignOn) {
    ScriptedServer portal(std::vector<Reply>{
        Reply::json(R"({"roleCredentials":{"accessKeyId":"s","secretAccessKey":"ss","sessionToken":"st",)"
                    R"("expiration":1792571280000}})")});
    write(".aws/config",
          "[sso-session mine]\nsso_start_url = https://start\nsso_region = eu-west-3\n"
          "[profile new]\nsso_session = mine\nsso_account_id = 12\nsso_role_name = Reader\n"
          "[profile old]\nsso_start_url = https://start\nsso_region = r\nsso_account_id = 12\nsso_role_name = Reader\n"
          "[profile lost]\nsso_session = none\nsso_account_id = 12\nsso_role_name = Reader\n");
    const Variables variables{{"AWS_PROFILE", "new"}, {"AWS_ENDPOINT_URL_SSO", portal.url()}};
    try {
        find(variables);
        FAIL() << "there is no login";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("`aws sso login --profile new`"));
    }
    write(".aws/sso/cache/" + hex(sha1("mine")) + ".json",
          R"({"accessToken":"sso-token-1","expiresAt":"2026-10-21T08:00:00Z"})");
    const auto found = find(variables);
    EXPECT_EQ(found.access_key, "s");
    EXPECT_EQ(*found.expires - clock->wall_now(), std::chrono::hours(1));
    const auto received = portal.received();
    ASSERT_EQ(received.size(), 1U);
    EXPECT_EQ(received[0].target, "/federation/credentials?account_id=12&role_name=Reader");
    EXPECT_EQ(received[0].header("x-amz-sso_bearer_token"), "sso-token-1");
    write(".aws/sso/cache/" + hex(sha1("https://start")) + ".json",
          R"({"accessToken":"sso-token-2","expiresAt":"2026-10-21T08:00:00Z"})");
    EXPECT_EQ(find({{"AWS_PROFILE", "old"}, {"AWS_ENDPOINT_URL_SSO", portal.url()}}).access_key, "s");
    EXPECT_THROW(find({{"AWS_PROFILE", "lost"}}), errors::InvalidArgument);
    clock->sleep(std::chrono::hours(1), {});
    try {
        find(variables);
        FAIL() << "an expired login was used";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("`aws sso login --profile new`"));
        EXPECT_THAT(error.what(), HasSubstr("expired"));
    }
    // A role's source is what needs the login.
    write(".aws/credentials", "[outer]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = new\n");
    try {
        find({{"AWS_PROFILE", "outer"}});
        FAIL() << "an expired login was used";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("`aws sso login --profile new`"));
    }
    EXPECT_EQ(portal.received().size(), 2U);
}

TEST_F(Credentials, LoginsOfSessionsAreRenewed) {
    ScriptedServer portal(std::vector<Reply>{Reply::json(
        R"({"roleCredentials":{"accessKeyId":"s","secretAccessKey":"ss","sessionToken":"st","expiration":1792571280000}})")});
    ScriptedServer issuer(std::vector<Reply>{
        Reply::json(R"({"accessToken":"sso-token-2","expiresIn":3600,"refreshToken":"refresh-token-2"})"),
        Reply::json(R"({"error":"invalid_grant"})", 400)});
    write(".aws/config",
          "[sso-session mine]\nsso_start_url = https://start\nsso_region = eu-west-3\n"
          "[profile new]\nsso_session = mine\nsso_account_id = 12\nsso_role_name = Reader\n");
    const std::string file = ".aws/sso/cache/" + hex(sha1("mine")) + ".json";
    const std::string login =
        R"({"accessToken":"sso-token-1","expiresAt":"2026-10-21T07:00:00Z","clientId":"c","clientSecret":"cs",)"
        R"("refreshToken":"refresh-token-1","startUrl":"https://start","registrationExpiresAt":")";
    const Variables variables{
        {"AWS_PROFILE", "new"}, {"AWS_ENDPOINT_URL_SSO", portal.url()}, {"AWS_ENDPOINT_URL_SSO_OIDC", issuer.url()}};
    // Of a client that is no longer registered, a login can't be.
    write(file, login + "2026-10-21T07:00:00Z\"}");
    EXPECT_THROW(find(variables), errors::ExternalDatasourceError);
    EXPECT_TRUE(issuer.received().empty());

    write(file, login + "2026-11-21T07:00:00Z\"}");
    EXPECT_EQ(find(variables).access_key, "s");
    EXPECT_EQ(portal.received().at(0).header("x-amz-sso_bearer_token"), "sso-token-2");
    const auto asked = issuer.received();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].target, "/token");
    EXPECT_EQ(asked[0].body,
              R"({"clientId":"c","clientSecret":"cs","grantType":"refresh_token","refreshToken":"refresh-token-1"})");
    // Kept for others, and nothing beside it.
    const std::string kept = read_file(home + "/" + file).value();
    for (const std::string part : {R"("accessToken":"sso-token-2")", R"("expiresAt":"2026-10-21T08:28:00Z")",
                                   R"("refreshToken":"refresh-token-2")", R"("startUrl":"https://start")"}) {
        EXPECT_THAT(kept, HasSubstr(part));
    }
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(home + "/.aws/sso/cache"), {}), 1);
    EXPECT_EQ(std::filesystem::status(home + "/" + file).permissions(), std::filesystem::perms(0600));
    find(variables);
    EXPECT_EQ(issuer.received().size(), 1U);

    clock->sleep(std::chrono::hours(2), {});
    try {
        find(variables);
        FAIL() << "a refused renewal was used";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("`aws sso login --profile new`"));
    }
    EXPECT_EQ(read_file(home + "/" + file).value(), kept);
}

TEST_F(Credentials, Containers) {
    ScriptedServer agent(std::vector<Reply>{Reply::json(json_of("c"))});
    write("token", "agent-token\n");
    const std::string url = agent.url() + "/v2/credentials?id=1";
    EXPECT_EQ(find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "direct"}})
                  .session_token.reveal(),
              "token-of-c");
    find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", home + "/token"}});
    const auto received = agent.received();
    ASSERT_EQ(received.size(), 2U);
    EXPECT_EQ(received[0].target, "/v2/credentials?id=1");
    EXPECT_EQ(received[0].header("authorization"), "direct");
    EXPECT_EQ(received[1].header("authorization"), "agent-token");
    // A token must not go to just any host.
    EXPECT_THROW(find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/"}}), errors::InvalidArgument);
    EXPECT_THROW(find({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1.example.com/"}}),
                 errors::InvalidArgument);
}

TEST_F(Credentials, Instances) {
    ScriptedServer metadata([](const Received& request) {
        if (request.method == "PUT") {
            return Reply{.body = "metadata-token"};
        }
        if (request.header("x-aws-ec2-metadata-token") != "metadata-token") {
            return Reply{.status = 401};
        }
        return request.path().ends_with('/') ? Reply{.body = "the-role"} : Reply::json(json_of("i"));
    });
    const Variables variables{{"AWS_EC2_METADATA_DISABLED", "false"},
                              {"AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url() + "/"}};
    EXPECT_EQ(find(variables).access_key, "i");
    const auto received = metadata.received();
    ASSERT_EQ(received.size(), 3U);
    EXPECT_EQ(received[0].target, "/latest/api/token");
    EXPECT_EQ(received[0].header("x-aws-ec2-metadata-token-ttl-seconds"), "21600");
    EXPECT_EQ(received[2].target, "/latest/meta-data/iam/security-credentials/the-role");

    const std::string nowhere = "http://127.0.0.1:" + std::to_string(tinybird_cdk::testing::closed_port());
    EXPECT_THROW(find({{"AWS_EC2_METADATA_DISABLED", "false"}, {"AWS_EC2_METADATA_SERVICE_ENDPOINT", nowhere}}),
                 errors::MissingConfiguration);
}

}  // namespace
}  // namespace tinybird_cdk::cloud::s3
