// SPDX-License-Identifier: Apache-2.0
/// Where credentials are looked for, and how tokens and signatures are got with them. Google's token endpoint and its
/// signBlob can't be run here: a server of the test plays them, and verifies what it is sent.
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/crypto.hpp"
#include "cloud/gcs/credentials.hpp"
#include "credential_files.hpp"
#include "helpers/fake_clock.hpp"

namespace tinybird_cdk::cloud::gcs {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using tinybird_cdk::testing::FakeClock;
using tinybird_cdk::testing::Received;
using tinybird_cdk::testing::Reply;
using tinybird_cdk::testing::ScriptedServer;

constexpr long fake_now = 1792567680;  // FakeClock's

/// RSASSA-PKCS1-v1_5 with SHA-256, by the public part of the account's key.
bool verifies(const std::string& bytes, const std::string& signature) {
    const std::string pem = test_account().at("private_key");
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                        BIO_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                            reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) == 1;
}

Reply answering(std::function<Reply(const Received&)> answer) {
    Reply reply;
    reply.answer = std::move(answer);
    return reply;
}

/// Takes a grant as Google documents it, and nothing else.
Reply grant(const Received& request, const std::string& audience) {
    const std::string assertion = form_field(request, "assertion");
    const std::size_t dot = assertion.rfind('.');
    const std::size_t middle = assertion.find('.');
    const auto refuse = [](const std::string& why) {
        return Reply::json(nlohmann::json{{"error", "invalid_grant"}, {"error_description", why}}.dump(), 400);
    };
    if (form_field(request, "grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer") {
        return refuse("not that grant");
    }
    if (!verifies(assertion.substr(0, dot), base64_decode(assertion.substr(dot + 1)))) {
        return refuse("Invalid JWT Signature.");
    }
    const auto header = nlohmann::json::parse(base64_decode(assertion.substr(0, middle)));
    const auto claims = nlohmann::json::parse(base64_decode(assertion.substr(middle + 1, dot - middle - 1)));
    const nlohmann::json account = test_account();
    if (header != nlohmann::json{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", account.at("private_key_id")}} ||
        claims.at("iss") != account.at("client_email") || claims.at("aud") != audience ||
        claims.at("exp").get<long>() - claims.at("iat").get<long>() > 3600 || claims.at("iat") < fake_now ||
        claims.at("scope") != "https://www.googleapis.com/auth/cloud-platform") {
        return refuse("claims: " + claims.dump() + header.dump());
    }
    return Reply::json(R"({"access_token":"token-of-account","expires_in":3599,"token_type":"Bearer"})");
}

class CredentialsTest : public ::testing::Test {
protected:
    CredentialsTest() {
        options.clock = clock;
        options.jitter = [] { return 0.0; };
        transport = std::make_unique<Transport>(options);
    }

    std::unique_ptr<Credentials> of(std::map<std::string, std::string, std::less<>> variables,
                                    const std::string& iam = "http://127.0.0.1:1") {
        variables.emplace("NO_GCE_CHECK", "true");
        return std::make_unique<Credentials>(Environment::of(std::move(variables)), options, *transport, iam);
    }
    /// A key file whose tokens this server gives out.
    std::string account_file(const std::string& name, const std::string& token_url) {
        nlohmann::json account = test_account();
        account["token_uri"] = token_url;
        return folder.write(name, account);
    }
    std::string user_file(const std::string& name, const std::string& token_url) {
        return folder.write(name, nlohmann::json{{"type", "authorized_user"},
                                                 {"client_id", "the-client"},
                                                 {"client_secret", "client&secret"},
                                                 {"refresh_token", "1//refresh+token"},
                                                 {"quota_project_id", "payer"},
                                                 {"token_uri", token_url}});
    }

    std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
    ClientOptions options;
    std::unique_ptr<Transport> transport;
    CredentialFolder folder;
};

TEST_F(CredentialsTest, AServiceAccountProvesItselfByASignedToken) {
    std::string audience;
    ScriptedServer server(
        [&](const Received&) { return answering([&](const Received& request) { return grant(request, audience); }); });
    audience = server.url() + "/token";
    const auto credentials = of({{"GOOGLE_APPLICATION_CREDENTIALS", account_file("key.json", audience)}});
    EXPECT_EQ(credentials->token({}).reveal(), "token-of-account");
    EXPECT_EQ(credentials->token({}).reveal(), "token-of-account");
    EXPECT_EQ(server.received().size(), 1U);
    EXPECT_EQ(logger::mask("is token-of-account shown?"), "is *** shown?");
}

TEST_F(CredentialsTest, AServiceAccountSignsItself) {
    const auto credentials =
        of({{"GOOGLE_APPLICATION_CREDENTIALS", account_file("key.json", "http://127.0.0.1:1/token")}});
    EXPECT_EQ(credentials->signer({}), "test-iam-credentials@dummy-project-id.iam.gserviceaccount.com");
    EXPECT_TRUE(verifies("bytes", credentials->sign("bytes", {})));
    EXPECT_FALSE(verifies("other bytes", credentials->sign("bytes", {})));
}

TEST_F(CredentialsTest, AUserOfAWorkforcePoolHasARefreshTokenThatMayChange) {
    std::vector<std::string> next{"second/refresh+token", ""};
    std::size_t asked = 0;
    ScriptedServer server([&](const Received&) {
        return answering([&](const Received& request) {
            // RFC 6749 §6; base64 of "the-client:client&secret".
            const std::string known = asked == 0 ? "first%2Frefresh" : "second%2Frefresh%2Btoken";
            if (request.method != "POST" || request.path() != "/v1/oauthtoken" ||
                request.header("authorization") != "Basic dGhlLWNsaWVudDpjbGllbnQmc2VjcmV0" ||
                request.body != "grant_type=refresh_token&refresh_token=" + known) {
                return Reply::json(R"({"error":"invalid_grant"})", 400);
            }
            nlohmann::json token{{"access_token", "workforce-token"}, {"expires_in", 3600}};
            if (!next[asked].empty()) {
                token["refresh_token"] = next[asked];
            }
            ++asked;
            return Reply::json(token.dump());
        });
    });
    const std::string file =
        folder.write("workforce.json",
                     nlohmann::json{{"type", "external_account_authorized_user"},
                                    {"audience", "//iam.googleapis.com/locations/global/workforcePools/p/providers/q"},
                                    {"client_id", "the-client"},
                                    {"client_secret", "client&secret"},
                                    {"refresh_token", "first/refresh"},
                                    {"token_url", server.url() + "/v1/oauthtoken"},
                                    {"quota_project_id", "payer"}});
    const auto credentials = of({{"GOOGLE_APPLICATION_CREDENTIALS", file}});
    const Secret token = credentials->token({});
    EXPECT_EQ(token.reveal(), "workforce-token");
    credentials->discard(token);
    EXPECT_EQ(credentials->token({}).reveal(), "workforce-token");
    EXPECT_EQ(asked, 2U);
    EXPECT_EQ(credentials->quota_project({}), "payer");
    EXPECT_EQ(logger::mask("first/refresh second/refresh+token client&secret"), "*** *** ***");
    try {
        credentials->signer({});
        FAIL() << "it can't sign";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("the workforce user of " + file));
    }
}

TEST_F(CredentialsTest, AKeyThatWasDeletedIsNamed) {
    ScriptedServer server(
        {Reply::json(R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})", 400)});
    const std::string file = account_file("key.json", server.url() + "/token");
    const auto credentials = of({{"GOOGLE_APPLICATION_CREDENTIALS", file}});
    try {
        credentials->token({});
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("400 invalid_grant: Invalid JWT Signature."));
        EXPECT_THAT(error.what(),
                    HasSubstr("test-iam-credentials@dummy-project-id.iam.gserviceaccount.com of " + file));
        EXPECT_FALSE(error.retryable());
    }
}

TEST_F(CredentialsTest, ATokenEndpointThatIsBusyIsAskedAgain) {
    Reply good = Reply::json(R"({"access_token":"token-after-all","expires_in":3599})");
    ScriptedServer server({Reply::json("{}", 503), Reply::json("{}", 429), good});
    const auto credentials =
        of({{"GOOGLE_APPLICATION_CREDENTIALS", account_file("key.json", server.url() + "/token")}});
    EXPECT_EQ(credentials->token({}).reveal(), "token-after-all");
    EXPECT_EQ(clock->sleeps().size(), 2U);
}

TEST_F(CredentialsTest, APersonsFileOfGcloudIsFound) {
    ScriptedServer server([](const Received&) {
        return answering([](const Received& request) {
            const bool right = form_field(request, "grant_type") == "refresh_token" &&
                               form_field(request, "client_id") == "the-client" &&
                               form_field(request, "client_secret") == "client&secret" &&
                               form_field(request, "refresh_token") == "1//refresh+token";
            return right ? Reply::json(R"({"access_token":"token-of-user","expires_in":3599})")
                         : Reply::json("{}", 401);
        });
    });
    user_file("config/application_default_credentials.json", server.url());
    user_file(".config/gcloud/application_default_credentials.json", server.url());
    const auto configured = of({{"CLOUDSDK_CONFIG", folder.path() + "/config"}, {"HOME", "/nowhere"}});
    EXPECT_EQ(configured->token({}).reveal(), "token-of-user");
    EXPECT_EQ(configured->quota_project({}), "payer");
    const auto at_home = of({{"HOME", folder.path()}});
    EXPECT_EQ(at_home->token({}).reveal(), "token-of-user");
    EXPECT_EQ(logger::mask("1//refresh+token client&secret"), "*** ***");
    try {
        at_home->signer({});
        FAIL();
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("can't sign URLs: only a service account can"));
        EXPECT_THAT(error.hint(), HasSubstr("--impersonate-service-account"));
    }
}

TEST_F(CredentialsTest, TheNamedFileComesFirst) {
    ScriptedServer server({Reply::json(R"({"access_token":"token-of-named","expires_in":3599})")});
    ScriptedServer other({Reply::json("{}", 500)});
    user_file(".config/gcloud/application_default_credentials.json", other.url());
    const auto credentials =
        of({{"HOME", folder.path()}, {"GOOGLE_APPLICATION_CREDENTIALS", account_file("key.json", server.url())}});
    EXPECT_EQ(credentials->token({}).reveal(), "token-of-named");
    EXPECT_EQ(other.received().size(), 0U);
}

TEST_F(CredentialsTest, WithoutAnySaysWhereItLooked) {
    try {
        of({{"HOME", "/nowhere"}})->token({});
        FAIL();
    } catch (const errors::MissingConfiguration& error) {
        EXPECT_EQ(error.variable(), "GOOGLE_APPLICATION_CREDENTIALS");
        EXPECT_THAT(error.hint(),
                    HasSubstr("there is no /nowhere/.config/gcloud/application_default_credentials.json"));
        EXPECT_THAT(error.hint(), HasSubstr("no metadata server answers"));
    }
    EXPECT_THROW(of({})->token({}), errors::MissingConfiguration);
}

TEST_F(CredentialsTest, AFileThatIsWrongIsSaidToBe) {
    const auto message_for = [this](const std::string& file) {
        try {
            of({{"GOOGLE_APPLICATION_CREDENTIALS", file}})->token({});
        } catch (const errors::InvalidArgument& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    EXPECT_THAT(message_for("/nowhere/key.json"), HasSubstr("/nowhere/key.json can't be read"));
    EXPECT_THAT(message_for(folder.path()), HasSubstr(folder.path() + " can't be read: Is a directory"));
    EXPECT_THAT(message_for("/dev/zero"), HasSubstr("/dev/zero can't be read: It is larger than 1 MiB"));
    EXPECT_THAT(message_for(folder.write("text", std::string("not JSON"))), HasSubstr("is no JSON object"));
    EXPECT_THAT(message_for(folder.write("type", nlohmann::json{{"type", "gdch_service_account"}})),
                HasSubstr("of the type \"gdch_service_account\""));
    nlohmann::json account = test_account();
    account.erase("client_email");
    EXPECT_THAT(message_for(folder.write("half", account)), HasSubstr("has no text \"client_email\""));
    account = test_account();
    account["private_key"] = "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n";
    EXPECT_THAT(message_for(folder.write("nokey", account)), Not(HasSubstr("bm90IGEga2V5")));
    EXPECT_THAT(message_for(folder.write("nokey", account)),
                HasSubstr("\"private_key\" of " + folder.path() + "/nokey: "));
}

TEST_F(CredentialsTest, GoogleSignsForAMachine) {
    // A server of the test plays the metadata server and IAM, which are nowhere but at Google. Its first token is
    // refused.
    ScriptedServer server([tokens = 0](const Received& head) mutable {
        if (head.method == "GET") {
            Reply reply;
            reply.headers = {{"Metadata-Flavor", "Google"}};
            reply.body = "machine@p.iam.gserviceaccount.com";
            if (head.path().ends_with("/token")) {
                reply.body =
                    nlohmann::json{{"access_token", "token-" + std::to_string(++tokens)}, {"expires_in", 3599}}.dump();
            }
            return reply;
        }
        return answering([](const Received& request) {
            if (request.header("authorization") != "Bearer token-2") {
                return Reply::json(R"({"error":{"status":"UNAUTHENTICATED","message":"revoked"}})", 401);
            }
            const std::string payload = nlohmann::json::parse(request.body).at("payload");
            const std::string signature =
                rsa_sha256_sign(test_account().at("private_key").get<std::string>(), base64_decode(payload));
            return Reply::json(nlohmann::json{{"keyId", "1"}, {"signedBlob", base64(signature)}}.dump());
        });
    });
    const auto credentials =
        of({{"NO_GCE_CHECK", "false"}, {"GCE_METADATA_HOST", server.url().substr(7)}}, server.url());
    EXPECT_EQ(credentials->signer({}), "machine@p.iam.gserviceaccount.com");
    EXPECT_TRUE(verifies("bytes", credentials->sign("bytes", {})));
    EXPECT_EQ(server.received().back().path(),
              "/v1/projects/-/serviceAccounts/machine%40p.iam.gserviceaccount.com:signBlob");
}

TEST_F(CredentialsTest, WhoMayNotHaveGoogleSignIsToldWhatItTakes) {
    ScriptedServer server([](const Received& head) {
        Reply reply;
        reply.headers = {{"Metadata-Flavor", "Google"}};
        reply.body = head.path().ends_with("/token") ? R"({"access_token":"token","expires_in":3599})" : "machine@p";
        return head.method == "GET"
                   ? reply
                   : Reply::json(R"({"error":{"status":"PERMISSION_DENIED","message":"signBlob denied"}})", 403);
    });
    const auto credentials =
        of({{"NO_GCE_CHECK", "false"}, {"GCE_METADATA_HOST", server.url().substr(7)}}, server.url());
    try {
        credentials->sign("bytes", {});
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("403 PERMISSION_DENIED: signBlob denied"));
        EXPECT_THAT(error.hint(), HasSubstr("roles/iam.serviceAccountTokenCreator"));
    }
}

TEST_F(CredentialsTest, WhenGoogleCanNotSignNowTheSameMayWorkLater) {
    ScriptedServer server([](const Received& head) {
        Reply reply;
        reply.headers = {{"Metadata-Flavor", "Google"}};
        reply.body = head.path().ends_with("/token") ? R"({"access_token":"token","expires_in":3599})" : "machine@p";
        return head.method == "GET" ? reply : Reply::json(R"({"error":{"status":"UNAVAILABLE"}})", 503);
    });
    const auto credentials =
        of({{"NO_GCE_CHECK", "false"}, {"GCE_METADATA_HOST", server.url().substr(7)}}, server.url());
    try {
        credentials->sign("bytes", {});
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_TRUE(error.retryable());
        EXPECT_THAT(error.hint(), Not(HasSubstr("roles/")));
    }
}

TEST_F(CredentialsTest, GoogleSignsForAnImpersonatedAccountInTheNameOfWhoActsAsIt) {
    ScriptedServer server([](const Received& head) {
        if (head.path() == "/token") {
            return Reply::json(R"({"access_token":"token-of-user","expires_in":3599})");
        }
        return answering([](const Received& request) {
            if (request.header("authorization") != "Bearer token-of-user") {
                return Reply::json("{}", 403);
            }
            const auto body = nlohmann::json::parse(request.body);
            if (request.path().ends_with(":generateAccessToken")) {
                const bool right =
                    body.at("scope") == nlohmann::json{"https://www.googleapis.com/auth/cloud-platform"} &&
                    body.at("lifetime") == "3600s" && body.at("delegates") == nlohmann::json{"d@x"};
                return right ? Reply::json(R"({"accessToken":"token-of-other","expireTime":"2026-10-21T08:28:00Z"})")
                             : Reply::json("{}", 400);
            }
            const std::string signature = rsa_sha256_sign(test_account().at("private_key").get<std::string>(),
                                                          base64_decode(body.at("payload").get<std::string>()));
            return Reply::json(nlohmann::json{{"keyId", "1"}, {"signedBlob", base64(signature)}}.dump());
        });
    });
    const std::string account = "/v1/projects/-/serviceAccounts/other@p.iam.gserviceaccount.com";
    const std::string file = folder.write(
        "impersonated.json",
        nlohmann::json{{"type", "impersonated_service_account"},
                       {"service_account_impersonation_url", server.url() + account + ":generateAccessToken"},
                       {"delegates", {"d@x"}},
                       {"source_credentials",
                        {{"type", "authorized_user"},
                         {"client_id", "c"},
                         {"client_secret", "secret"},
                         {"refresh_token", "refresh"},
                         {"token_uri", server.url() + "/token"}}}});
    const auto credentials = of({{"GOOGLE_APPLICATION_CREDENTIALS", file}}, server.url());
    EXPECT_EQ(credentials->token({}).reveal(), "token-of-other");
    EXPECT_EQ(credentials->signer({}), "other@p.iam.gserviceaccount.com");
    EXPECT_TRUE(verifies("bytes", credentials->sign("bytes", {})));
    EXPECT_EQ(server.received().back().path(),
              "/v1/projects/-/serviceAccounts/other%40p.iam.gserviceaccount.com:signBlob");
}

}  // namespace
}  // namespace tinybird_cdk::cloud::gcs
