// SPDX-License-Identifier: Apache-2.0
/// The service account of a machine. A server of the test plays the metadata server, which is nowhere but at Google.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/gcs/metadata_server.hpp"
#include "helpers/fake_clock.hpp"
#include "helpers/scripted_server.hpp"

namespace tinybird_cdk::cloud::gcs {
namespace {

using ::testing::HasSubstr;
using tinybird_cdk::testing::closed_port;
using tinybird_cdk::testing::FakeClock;
using tinybird_cdk::testing::Received;
using tinybird_cdk::testing::Reply;
using tinybird_cdk::testing::ScriptedServer;

constexpr const char* account = "/computeMetadata/v1/instance/service-accounts/default/";

Reply metadata(const Received& request) {
    Reply reply;
    reply.headers = {{"Metadata-Flavor", "Google"}};
    if (request.header("metadata-flavor") != "Google") {
        reply.status = 403;
    } else if (request.path() == std::string(account) + "token") {
        reply.body = R"({"access_token":"token-of-machine","expires_in":300,"token_type":"Bearer"})";
    } else if (request.path() == std::string(account) + "email") {
        reply.body = "machine@p.iam.gserviceaccount.com\n";
    } else if (request.path() != "/") {
        reply.status = 404;
    }
    return reply;
}

class MetadataServerTest : public ::testing::Test {
protected:
    MetadataServerTest() {
        options.clock = clock;
        options.jitter = [] { return 0.0; };
    }
    std::unique_ptr<TokenSource> at(const std::string& url, std::map<std::string, std::string, std::less<>> more = {}) {
        more.emplace("GCE_METADATA_HOST", url.substr(url.find("://") + 3));
        return metadata_server(Environment::of(std::move(more)), options, {});
    }

    std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
    ClientOptions options;
};

TEST_F(MetadataServerTest, GivesTokensAndSaysWhoItIs) {
    ScriptedServer server(metadata);
    const auto source = at(server.url());
    ASSERT_TRUE(source);
    const Token token = source->fetch({});
    EXPECT_EQ(token.text.reveal(), "token-of-machine");
    EXPECT_EQ(token.expires, clock->wall_now() + std::chrono::seconds(300));
    EXPECT_EQ(source->email({}), "machine@p.iam.gserviceaccount.com");
    EXPECT_TRUE(source->private_key().empty());
}

TEST_F(MetadataServerTest, IsAskedByItsAddressFirst) {
    ScriptedServer server(metadata);
    ScriptedServer probed(metadata);
    ASSERT_TRUE(at(server.url(), {{"GCE_METADATA_IP", probed.url().substr(7)}}));
    EXPECT_EQ(probed.received().size(), 1U);
    EXPECT_EQ(server.received().size(), 0U);
}

TEST_F(MetadataServerTest, NobodyElseIsTakenForIt) {
    ScriptedServer server({Reply::json("{}")});
    EXPECT_FALSE(at(server.url()));
    EXPECT_FALSE(at("http://127.0.0.1:" + std::to_string(closed_port())));
    ScriptedServer genuine(metadata);
    EXPECT_FALSE(at(genuine.url(), {{"NO_GCE_CHECK", "True"}}));
    EXPECT_EQ(genuine.received().size(), 0U);
}

TEST_F(MetadataServerTest, AnAnswerWithoutTheHeaderIsNotBelieved) {
    ScriptedServer server([](const Received& request) {
        return request.path() == "/" ? metadata(request)
                                     : Reply::json(R"({"access_token":"token-of-a-proxy","expires_in":300})");
    });
    const auto source = at(server.url());
    ASSERT_TRUE(source);
    for (const auto& ask :
         {std::function<void()>([&] { source->fetch({}); }), std::function<void()>([&] { source->email({}); })}) {
        try {
            ask();
            FAIL();
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("not Google's metadata server"));
        }
    }
}

TEST_F(MetadataServerTest, AMachineWithoutAnAccountIsSaidToHaveNone) {
    ScriptedServer server([](const Received& request) {
        Reply reply = metadata(request);
        reply.status = request.path() == "/" ? 200 : 404;
        return reply;
    });
    const auto source = at(server.url());
    ASSERT_TRUE(source);
    EXPECT_THROW(source->fetch({}), errors::ExternalDatasourceError);
    EXPECT_THROW(source->email({}), errors::ExternalDatasourceError);
}

}  // namespace
}  // namespace tinybird_cdk::cloud::gcs
