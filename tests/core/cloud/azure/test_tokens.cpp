// SPDX-License-Identifier: Apache-2.0
// Tokens of Microsoft Entra. Loopback servers play Entra and the metadata services, which nobody can run.
#include <fstream>
#include <map>
#include <thread>

#include <unistd.h>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/azure/tokens.hpp"
#include "helpers/fake_clock.hpp"
#include "helpers/scripted_server.hpp"

namespace tinybird_cdk::cloud::azure {
namespace {

using testing::FakeClock;
using testing::Received;
using testing::Reply;
using testing::ScriptedServer;
using Variables = std::map<std::string, std::string, std::less<>>;

class TestTokens : public ::testing::Test {
protected:
    std::unique_ptr<Tokens> tokens(Variables variables) {
        ClientOptions options;
        options.clock = clock_;
        options.jitter = [] { return 0.0; };
        return std::make_unique<Tokens>(token_source(Environment::of(std::move(variables)), options), clock_);
    }
    std::string refusal_of(Variables variables) {
        try {
            tokens(std::move(variables))->get({});
        } catch (const errors::Error& error) {
            return std::string(error.name()) + ": " + error.what() + " " + error.hint();
        }
        return "accepted";
    }

    std::shared_ptr<FakeClock> clock_ = std::make_shared<FakeClock>();
};

/// A file that goes away with the test.
class TemporaryFile {
public:
    explicit TemporaryFile(std::string_view text) {
        const int descriptor = ::mkstemp(path_.data());
        ::close(descriptor);
        write(text);
    }
    ~TemporaryFile() { ::unlink(path_.c_str()); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    void write(std::string_view text) const { std::ofstream(path_) << text; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_ = "/tmp/cdk_azure_token_XXXXXX";
};

Variables principal_at(const ScriptedServer& server) {
    return {{"AZURE_TENANT_ID", "a-tenant"},
            {"AZURE_CLIENT_ID", "a-client"},
            {"AZURE_CLIENT_SECRET", "a+secret&of=tests"},
            {"AZURE_AUTHORITY_HOST", server.url() + "/"}};
}

TEST_F(TestTokens, OfAServicePrincipal) {
    const ScriptedServer server({Reply::json(R"({"access_token":"first-token","expires_in":3600})")});
    EXPECT_EQ(tokens(principal_at(server))->get({}), "first-token");
    const Received request = server.received().at(0);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/a-tenant/oauth2/v2.0/token");
    EXPECT_EQ(request.header("content-type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(request.body,
              "client_id=a-client&scope=https%3A%2F%2Fstorage.azure.com%2F.default&grant_type="
              "client_credentials&client_secret=a%2Bsecret%26of%3Dtests");
    EXPECT_EQ(logger::mask("first-token a+secret&of=tests"), "*** ***");
}

TEST_F(TestTokens, OfAWorkloadIdentityReadTheFileEachTime) {
    const ScriptedServer server({Reply::json(R"({"access_token":"token-1","expires_in":3600})"),
                                 Reply::json(R"({"access_token":"token-2","expires_in":3600})")});
    const TemporaryFile file("assertion-1\n");
    Variables variables = principal_at(server);
    variables.erase("AZURE_CLIENT_SECRET");
    variables["AZURE_FEDERATED_TOKEN_FILE"] = file.path();
    const auto source = tokens(variables);
    EXPECT_EQ(source->get({}), "token-1");
    file.write("assertion-2");
    clock_->sleep(std::chrono::hours(1), {});
    EXPECT_EQ(source->get({}), "token-2");
    EXPECT_TRUE(server.received().at(0).body.ends_with(
        "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion="
        "assertion-1"));
    EXPECT_TRUE(server.received().at(1).body.ends_with("&client_assertion=assertion-2"));
    variables["AZURE_FEDERATED_TOKEN_FILE"] = "/nowhere/token";
    EXPECT_NE(refusal_of(variables).find("AZURE_FEDERATED_TOKEN_FILE names /nowhere/token"), std::string::npos);
    variables["AZURE_FEDERATED_TOKEN_FILE"] = "/";
    EXPECT_NE(refusal_of(variables).find("AZURE_FEDERATED_TOKEN_FILE names /, which can't be read: Is a directory"),
              std::string::npos);
}

TEST_F(TestTokens, OfAppService) {
    const ScriptedServer server(
        {Reply::json(R"({"access_token":"app-token","expires_on":"1792571280","token_type":"Bearer"})"),
         Reply::json(R"({"access_token":"app-token-2","expires_on":"1792578480"})")});
    const auto source = tokens({{"IDENTITY_ENDPOINT", server.url() + "/msi/token"},
                                {"IDENTITY_HEADER", "a-header-secret"},
                                {"AZURE_CLIENT_ID", "a-client"}});
    EXPECT_EQ(source->get({}), "app-token");
    const Received request = server.received().at(0);
    EXPECT_EQ(request.path(), "/msi/token");
    EXPECT_EQ(request.parameter("resource"), "https://storage.azure.com/");
    EXPECT_EQ(request.parameter("api-version"), "2019-08-01");
    EXPECT_EQ(request.parameter("client_id"), "a-client");
    EXPECT_EQ(request.header("x-identity-header"), "a-header-secret");
    // It expires an hour from the clock's begin.
    clock_->sleep(std::chrono::minutes(54), {});
    EXPECT_EQ(source->get({}), "app-token");
    clock_->sleep(std::chrono::minutes(2), {});
    EXPECT_EQ(source->get({}), "app-token-2");
    EXPECT_NE(refusal_of({{"IDENTITY_ENDPOINT", server.url()}}).find("IDENTITY_HEADER"), std::string::npos);
}

TEST_F(TestTokens, OfAVirtualMachine) {
    const ScriptedServer server({Reply::json(R"({"error":"try again"})", 503),
                                 Reply::json(R"({"access_token":"vm-token","expires_in":"86399"})")});
    EXPECT_EQ(tokens({{"AZURE_POD_IDENTITY_AUTHORITY_HOST", server.url()}})->get({}), "vm-token");
    const Received request = server.received().at(1);
    EXPECT_EQ(request.path(), "/metadata/identity/oauth2/token");
    EXPECT_EQ(request.parameter("resource"), "https://storage.azure.com/");
    EXPECT_EQ(request.parameter("api-version"), "2018-02-01");
    EXPECT_EQ(request.parameter("client_id"), std::nullopt);
    EXPECT_EQ(request.header("metadata"), "true");
}

TEST_F(TestTokens, OfAVirtualMachineWithoutAnIdentityOrWithAnotherOne) {
    const ScriptedServer server(
        {Reply::json(R"({"error":"invalid_request","error_description":"Identity not found"})", 400)});
    const std::string refusal =
        refusal_of({{"AZURE_POD_IDENTITY_AUTHORITY_HOST", server.url()}, {"AZURE_CLIENT_ID", "another"}});
    EXPECT_TRUE(refusal.starts_with("ExternalDatasourceError: the managed identity at " + server.url())) << refusal;
    EXPECT_NE(refusal.find("invalid_request: Identity not found"), std::string::npos) << refusal;
    EXPECT_EQ(server.received().at(0).parameter("client_id"), "another");
}

TEST_F(TestTokens, NoneAnywhereSaysWhatWasLookedAt) {
    const std::string closed = "http://127.0.0.1:" + std::to_string(testing::closed_port());
    const std::string refusal = refusal_of({{"AZURE_POD_IDENTITY_AUTHORITY_HOST", closed}});
    EXPECT_TRUE(refusal.starts_with("MissingConfiguration: ")) << refusal;
    for (const std::string& place :
         {std::string("AZURE_STORAGE_CONNECTION_STRING"), std::string("AZURE_STORAGE_KEY"),
          std::string("AZURE_STORAGE_SAS_TOKEN"), std::string("AZURE_CLIENT_SECRET"),
          std::string("AZURE_FEDERATED_TOKEN_FILE"), std::string("IDENTITY_ENDPOINT"), closed}) {
        EXPECT_NE(refusal.find(place), std::string::npos) << place << " in " << refusal;
    }
}

TEST_F(TestTokens, ARefusalSaysWhyWithoutTheSecret) {
    const ScriptedServer server({Reply::json(
        R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret a+secret&of=tests.\r\nTrace ID: 1"})",
        401)});
    const std::string refusal = refusal_of(principal_at(server));
    EXPECT_TRUE(
        refusal.starts_with("ExternalDatasourceError: Microsoft Entra gave no token: invalid_client: "
                            "AADSTS7000215: Invalid client secret ***"))
        << refusal;
    EXPECT_EQ(refusal.find("Trace"), std::string::npos);
}

TEST_F(TestTokens, AnswersThatAreNone) {
    for (const auto* body : {"", "<html>", "{}", R"({"access_token":"x-y-z"})", R"({"access_token":5,"expires_in":1})",
                             R"({"access_token":"x-y-z","expires_in":"soon"})"}) {
        const ScriptedServer server({Reply::json(body)});
        EXPECT_TRUE(refusal_of(principal_at(server)).starts_with("ExternalDatasourceError: ")) << body;
    }
}

TEST_F(TestTokens, HalfAPrincipalIsAnError) {
    EXPECT_TRUE(refusal_of({{"AZURE_CLIENT_SECRET", "a-secret"}, {"AZURE_CLIENT_ID", "a-client"}})
                    .starts_with("MissingConfiguration: "));
    EXPECT_NE(refusal_of({{"AZURE_FEDERATED_TOKEN_FILE", "/x"}, {"AZURE_TENANT_ID", "t"}}).find("AZURE_CLIENT_ID"),
              std::string::npos);
}

TEST_F(TestTokens, AnOldTokenServesUntilItExpires) {
    const ScriptedServer server({Reply::json(R"({"access_token":"old-token","expires_in":3600})"),
                                 Reply::json(R"({"error":"later"})", 400), Reply::json(R"({"error":"later"})", 400)});
    const auto source = tokens(principal_at(server));
    EXPECT_EQ(source->get({}), "old-token");
    clock_->sleep(std::chrono::minutes(57), {});
    EXPECT_EQ(source->get({}), "old-token");
    clock_->sleep(std::chrono::minutes(3), {});
    EXPECT_THROW(source->get({}), errors::ExternalDatasourceError);
}

TEST_F(TestTokens, ThreadsShareOne) {
    const ScriptedServer server({Reply::json(R"({"access_token":"shared-token","expires_in":3600})")});
    const auto source = tokens(principal_at(server));
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] { EXPECT_EQ(source->get({}), "shared-token"); });
        }
    }
    EXPECT_EQ(server.received().size(), 1U);
}

}  // namespace
}  // namespace tinybird_cdk::cloud::azure
