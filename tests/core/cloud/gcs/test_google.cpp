// SPDX-License-Identifier: Apache-2.0
/// What other APIs of Google get from the credentials. Google's token endpoint can't be run here: a server of the test
/// plays it.
#include <tinybird_cdk/google.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "credential_files.hpp"
#include "helpers/scripted_server.hpp"

namespace tinybird_cdk::google {
namespace {

using cloud::gcs::CredentialFolder;
using cloud::gcs::test_account;
using tinybird_cdk::testing::Reply;
using tinybird_cdk::testing::ScriptedServer;

Reply token_answer(const std::string& text) {
    return Reply::json(nlohmann::json{{"access_token", text}, {"expires_in", 3600}, {"token_type", "Bearer"}}.dump());
}

/// A service account whose tokens a server of the test gives out.
struct Account {
    explicit Account(std::vector<Reply> replies, nlohmann::json document = test_account())
        : server(std::move(replies)),
          file((document["token_uri"] = server.url(), folder.write("key.json", document))) {}

    [[nodiscard]] Environment environment() const {
        return Environment::of({{"GOOGLE_APPLICATION_CREDENTIALS", file}});
    }

    CredentialFolder folder;
    ScriptedServer server;
    std::string file;
};

TEST(TestGoogleCredentials, ATokenIsKeptUntilItIsDiscarded) {
    const Account account({token_answer("one"), token_answer("two")});
    Credentials credentials(account.environment());
    const Secret first = credentials.token();
    EXPECT_EQ(first.reveal(), "one");
    EXPECT_EQ(credentials.token().reveal(), "one");
    credentials.discard(first);
    EXPECT_EQ(credentials.token().reveal(), "two");
}

TEST(TestGoogleCredentials, WithoutAnyItSaysWhereItLooked) {
    Credentials credentials(Environment::of({{"NO_GCE_CHECK", "true"}}));
    EXPECT_THROW(static_cast<void>(credentials.token()), errors::MissingConfiguration);
}

TEST(TestGoogleCredentials, WhoPaysIsNamedByTheEnvironmentFirst) {
    nlohmann::json document = test_account();
    document["quota_project_id"] = "of-the-file";
    const Account account({token_answer("one")}, document);
    EXPECT_EQ(Credentials(account.environment()).quota_project(), "of-the-file");
    EXPECT_EQ(Credentials(account.environment().with("GOOGLE_CLOUD_QUOTA_PROJECT", "named")).quota_project(), "named");
}

TEST(TestGoogleProject, IsNamedOrTheAccountsOwn) {
    nlohmann::json document = test_account();
    document["project_id"] = "of-the-file";
    const Account account({token_answer("one")}, document);
    EXPECT_EQ(default_project(account.environment()), "of-the-file");
    EXPECT_EQ(default_project(account.environment().with("GOOGLE_CLOUD_PROJECT", "named")), "named");
    EXPECT_EQ(default_project(Environment::of({})), "");
    EXPECT_EQ(default_project(Environment::of({{"GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/at/all.json"}})), "");
    EXPECT_EQ(default_project(Environment::of({{"GOOGLE_APPLICATION_CREDENTIALS", "/"}})), "");
}

}  // namespace
}  // namespace tinybird_cdk::google
