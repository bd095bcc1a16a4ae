// SPDX-License-Identifier: Apache-2.0
/// Workload identity federation. Google's token exchange can't be run here: a server of the test plays it, and checks
/// what it is sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/gcs/external_account.hpp"
#include "credential_files.hpp"
#include "helpers/fake_clock.hpp"

namespace tinybird_cdk::cloud::gcs {
namespace {

using ::testing::HasSubstr;
using tinybird_cdk::testing::FakeClock;
using tinybird_cdk::testing::Received;
using tinybird_cdk::testing::Reply;
using tinybird_cdk::testing::ScriptedServer;

constexpr const char* audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x";

/// The exchange gives "federated:SUBJECT" for a subject token, impersonation "impersonated:" and the bearer it saw.
Reply google(const Received& head) {
    Reply reply;
    reply.answer = [path = head.path()](const Received& request) {
        if (path == "/subject") {
            return request.header("x-who") == "header-secret" ? Reply::json(R"({"value":"subject-by-url"})")
                                                              : Reply::json("{}", 403);
        }
        if (path.ends_with(":generateAccessToken")) {
            return Reply::json(
                nlohmann::json{{"accessToken", "impersonated:" + request.header("authorization").value()},
                               {"expireTime", "2026-10-21T08:28:00Z"},
                               {"lifetime", nlohmann::json::parse(request.body).at("lifetime")}}
                    .dump());
        }
        const bool right =
            form_field(request, "grant_type") == "urn:ietf:params:oauth:grant-type:token-exchange" &&
            form_field(request, "audience") == audience &&
            form_field(request, "requested_token_type") == "urn:ietf:params:oauth:token-type:access_token" &&
            form_field(request, "subject_token_type") == "urn:ietf:params:oauth:token-type:jwt" &&
            form_field(request, "scope") == "https://www.googleapis.com/auth/cloud-platform";
        if (!right) {
            return Reply::json(R"({"error":"invalid_request","error_description":"no"})", 400);
        }
        return Reply::json(nlohmann::json{
            {"access_token",
             "federated:" + form_field(request, "subject_token") + request.header("authorization").value_or("")},
            {"expires_in",
             3600}}.dump());
    };
    return reply;
}

class ExternalAccountTest : public ::testing::Test {
protected:
    ExternalAccountTest() : server(google) {
        options.clock = std::make_shared<FakeClock>();
        transport = std::make_unique<Transport>(options);
    }
    nlohmann::json account(nlohmann::json source) {
        return {{"type", "external_account"},
                {"audience", audience},
                {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
                {"token_url", server.url() + "/token"},
                {"credential_source", std::move(source)}};
    }
    std::string token(const nlohmann::json& document) {
        return external_account(document, "the.json", *transport)->fetch({}).text.reveal();
    }

    ScriptedServer server;
    ClientOptions options;
    std::unique_ptr<Transport> transport;
    CredentialFolder folder;
};

TEST_F(ExternalAccountTest, ExchangesATokenFromAFile) {
    const std::string file = folder.write("token", std::string("subject-by-file\n"));
    const auto source = external_account(account({{"file", file}}), "the.json", *transport);
    EXPECT_EQ(source->fetch({}).text.reveal(), "federated:subject-by-file");
    EXPECT_EQ(logger::mask("subject-by-file"), "***");
    // It is read each time, for whoever wrote it renews it.
    folder.write("token", std::string("renewed-subject"));
    EXPECT_EQ(source->fetch({}).text.reveal(), "federated:renewed-subject");
    EXPECT_EQ(source->email({}), "");
}

TEST_F(ExternalAccountTest, ExchangesATokenFromAFieldOfAFile) {
    const std::string file = folder.write("token.json", nlohmann::json{{"t", "subject-of-field"}});
    EXPECT_EQ(token(account({{"file", file}, {"format", {{"type", "json"}, {"subject_token_field_name", "t"}}}})),
              "federated:subject-of-field");
}

TEST_F(ExternalAccountTest, ExchangesATokenFromAUrl) {
    EXPECT_EQ(token(account({{"url", server.url() + "/subject"},
                             {"headers", {{"X-Who", "header-secret"}}},
                             {"format", {{"type", "json"}, {"subject_token_field_name", "value"}}}})),
              "federated:subject-by-url");
    EXPECT_EQ(logger::mask("header-secret"), "***");
}

TEST_F(ExternalAccountTest, ActsAsAServiceAccount) {
    nlohmann::json document = account({{"file", folder.write("token", std::string("subject"))}});
    document["service_account_impersonation_url"] =
        server.url() + "/v1/projects/-/serviceAccounts/a@p.iam.gserviceaccount.com:generateAccessToken";
    document["service_account_impersonation"] = {{"token_lifetime_seconds", 900}};
    const auto source = external_account(document, "the.json", *transport);
    const Token got = source->fetch({});
    EXPECT_EQ(got.text.reveal(), "impersonated:Bearer federated:subject");
    EXPECT_EQ(got.expires, std::chrono::system_clock::from_time_t(1792567680 + 3600));
    EXPECT_EQ(source->email({}), "a@p.iam.gserviceaccount.com");
    EXPECT_THAT(server.received().back().body, HasSubstr("\"900s\""));
}

TEST_F(ExternalAccountTest, AClientShowsItsSecret) {
    nlohmann::json document = account({{"file", folder.write("token", std::string("subject"))}});
    document["client_id"] = "id";
    document["client_secret"] = "secret-of-client";
    EXPECT_EQ(token(document), "federated:subjectBasic aWQ6c2VjcmV0LW9mLWNsaWVudA==");
}

TEST_F(ExternalAccountTest, SaysWhatIsMissing) {
    const auto message_for = [this](const nlohmann::json& document) {
        try {
            token(document);
        } catch (const errors::Error& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    EXPECT_THAT(message_for(account({{"file", "/nowhere/token"}})), HasSubstr("/nowhere/token can't be read"));
    EXPECT_THAT(message_for(account({{"file", folder.path()}})), HasSubstr("can't be read: Is a directory"));
    EXPECT_THAT(message_for(account({{"file", folder.write("empty", std::string(" \n"))}})), HasSubstr("has no token"));
    EXPECT_THAT(message_for(account({{"environment_id", "aws1"}, {"url", "http://x"}})),
                HasSubstr("neither from a file nor from a URL"));
    EXPECT_THAT(message_for(account({{"executable", {{"command", "x"}}}})),
                HasSubstr("neither from a file nor from a URL"));
    EXPECT_THAT(message_for(account({{"url", server.url() + "/subject"}})), HasSubstr("403"));
    nlohmann::json wrong = account({{"file", folder.write("token", std::string("subject"))}});
    wrong["audience"] = "//other";
    EXPECT_THAT(message_for(wrong), HasSubstr("400 invalid_request: no"));
    wrong["service_account_impersonation_url"] = "https://iamcredentials.googleapis.com/v1/nobody";
    EXPECT_THAT(message_for(wrong), HasSubstr("names no service account"));
}

}  // namespace
}  // namespace tinybird_cdk::cloud::gcs
