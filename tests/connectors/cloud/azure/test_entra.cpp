// SPDX-License-Identifier: Apache-2.0
// Tokens of Microsoft Entra, as Azurite takes them: over HTTPS, and by what they say. A loopback server gives them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "account.hpp"
#include "cloud/crypto.hpp"

namespace tinybird_cdk::cloud::azure {
namespace {

using namespace tinybird_cdk::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string token(std::string_view audience = "https://storage.azure.com/") {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    const std::string claims = fmt::format(
        R"({{"aud":"{}","iss":"https://sts.windows.net/a-tenant/","iat":{},"nbf":{},"exp":{},"oid":"an-object","tid":"a-tenant"}})",
        audience, now - 60, now - 60, now + 3600);
    return base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url(claims) + "." + base64url("no signature");
}

class TestAzureEntra : public ::testing::Test {
protected:
    [[nodiscard]] static Environment environment_at(const ScriptedServer& server) {
        return Environment::of({{"AZURE_STORAGE_AUTH_MODE", "login"},
                                {"AZURE_STORAGE_ACCOUNT", test_variable("CDK_TEST_AZURE_ACCOUNT")},
                                {"AZURE_STORAGE_SERVICE_ENDPOINT", test_variable("CDK_TEST_AZURE_HTTPS")},
                                {"AZURE_TENANT_ID", "a-tenant"},
                                {"AZURE_CLIENT_ID", "a-client"},
                                {"AZURE_CLIENT_SECRET", "a secret of tests"},
                                {"AZURE_AUTHORITY_HOST", server.url()},
                                {"SSL_CERT_FILE", test_variable("CDK_TEST_AZURE_CA")}});
    }

    const ScriptedServer entra_{
        std::vector<Reply>{Reply::json(fmt::format(R"({{"access_token":"{}","expires_in":3599}})", token()))}};
    const Environment environment_ = environment_at(entra_);
};

TEST_F(TestAzureEntra, ATokenIsEnoughForAll) {
    TestContainer container(environment_);
    const std::string& box = container.name();
    Client client(environment_, quick());
    client.put(box, "d/a b", *body_of("1\n"));
    client.put(box, "d/c", *body_of(some_text(3000)));
    EXPECT_THAT(client.ls(box, "d"), ElementsAre("d/a b", "d/c"));
    const auto joined = client.cat(box, "d");
    ASSERT_TRUE(joined);
    EXPECT_EQ(read_all(*client.get(box, *joined)), "1\n" + some_text(3000));
    client.rmtree(box, "d");
    EXPECT_THAT(client.ls(box, ""), ElementsAre());
    // The container's two clients and this one have asked once each.
    EXPECT_LE(entra_.received().size(), 3U);
}

TEST_F(TestAzureEntra, PublicUrlsAreSignedByADelegatedKey) {
    TestContainer container(environment_);
    const std::string& box = container.name();
    Client client(environment_, quick());
    const std::string ca = test_variable("CDK_TEST_AZURE_CA");
    for (const std::string& name : {std::string("plain"), std::string("a b+c%\u00fc?&#/d")}) {
        container.write(name, "content of " + name);
        const std::string url = client.public_url(box, name, std::chrono::minutes(5));
        EXPECT_THAT(url, HasSubstr("&skoid=an-object&"));
        const http::Response response = fetch(url, ca);
        EXPECT_EQ(response.status, 200) << response.body << response.failure;
        EXPECT_EQ(response.body, "content of " + name);
        std::string longer = url;
        longer.replace(longer.find("se=20") + 3, 2, "21");
        EXPECT_EQ(fetch(longer, ca).status, 403);
    }
}

TEST_F(TestAzureEntra, ATokenForSomebodyElseIsRefusedClearly) {
    const std::string wrong = token("https://vault.azure.net");
    const ScriptedServer entra(
        std::vector<Reply>{Reply::json(fmt::format(R"({{"access_token":"{}","expires_in":3599}})", wrong))});
    Client client(environment_at(entra), quick());
    try {
        client.ls("box", "");
        FAIL() << "accepted";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("status 403"));
        EXPECT_THAT(std::string(error.what()) + error.hint(), Not(HasSubstr(wrong)));
    }
}

}  // namespace
}  // namespace tinybird_cdk::cloud::azure
