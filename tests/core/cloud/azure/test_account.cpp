// SPDX-License-Identifier: Apache-2.0
// Where the credentials of a storage account come from.
#include <map>

#include <gtest/gtest.h>

#include <tinybird_cdk/cloud/azure.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/azure/account.hpp"

namespace tinybird_cdk::cloud::azure {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view key_text = "c2VjcmV0IGtleSBvZiBhIHRlc3Q=";

Account account_in(Variables variables) {
    return account_of(Environment::of(std::move(variables)));
}

Account account_by(std::string text) {
    return account_in({{"AZURE_STORAGE_CONNECTION_STRING", std::move(text)}});
}

std::string refusal_of(Variables variables) {
    try {
        account_in(std::move(variables));
    } catch (const errors::Error& error) {
        return std::string(error.name()) + ": " + error.what() + " " + error.hint();
    }
    return "accepted";
}

TEST(TestAccount, ConnectionStringWithKey) {
    const Account account =
        account_by("DefaultEndpointsProtocol=https;AccountName=mine;AccountKey=" + std::string(key_text) +
                   ";EndpointSuffix=core.chinacloudapi.cn");
    EXPECT_EQ(account.name, "mine");
    EXPECT_EQ(account.endpoint, "https://mine.blob.core.chinacloudapi.cn");
    EXPECT_EQ(account.key, "secret key of a test");
    EXPECT_FALSE(account.by_entra());
    EXPECT_EQ(account.path(), "");
    EXPECT_EQ(logger::mask("key " + std::string(key_text)), "key ***");
}

TEST(TestAccount, ConnectionStringWithDefaultsBlanksAndAnyCase) {
    const Account account = account_by(" accountname=mine ; ACCOUNTKEY=" + std::string(key_text) + ";;");
    EXPECT_EQ(account.endpoint, "https://mine.blob.core.windows.net");
    EXPECT_EQ(account.key, "secret key of a test");
}

TEST(TestAccount, ConnectionStringWithSignature) {
    const Account account = account_by(
        "BlobEndpoint=https://mine.blob.core.windows.net/;SharedAccessSignature=sv=2023-11-03&ss=b&sig=abcd%2Befgh%3D");
    EXPECT_EQ(account.endpoint, "https://mine.blob.core.windows.net");
    EXPECT_EQ(account.name, "mine");
    EXPECT_EQ(account.sas, "sv=2023-11-03&ss=b&sig=abcd%2Befgh%3D");
    EXPECT_EQ(account.key, "");
    EXPECT_EQ(logger::mask("abcd+efgh= abcd%2Befgh%3D"), "*** ***");
}

TEST(TestAccount, ConnectionStringOfAnEmulator) {
    const Account account = account_by("UseDevelopmentStorage=true");
    EXPECT_EQ(account.name, "devstoreaccount1");
    EXPECT_EQ(account.endpoint, "http://127.0.0.1:10000/devstoreaccount1");
    EXPECT_EQ(account.path(), "/devstoreaccount1");
    EXPECT_EQ(account.key.size(), 64U);
    EXPECT_FALSE(account.https());
}

TEST(TestAccount, ConnectionStringsThatCantBeRead) {
    for (const auto* text :
         {"AccountName", "AccountKey=c2VjcmV0", "AccountName=mine;AccountKey=never shown!",
          "AccountName=mine;BlobEndpoint=ftp://never shown", "AccountName=a/?b", "AccountName=mine;AccountKey=",
          "AccountName=mine;SharedAccessSignature=", "AccountName=https://mine.blob.core.windows.net",
          "AccountName=mine/x", "AccountName=mine;SharedAccessSignature=never shown"}) {
        const std::string refusal = refusal_of({{"AZURE_STORAGE_CONNECTION_STRING", text}});
        EXPECT_TRUE(refusal.starts_with("InvalidArgument: ")) << text << " -> " << refusal;
        EXPECT_NE(refusal.find("AZURE_STORAGE_CONNECTION_STRING"), std::string::npos) << refusal;
        EXPECT_EQ(refusal.find("never shown!"), std::string::npos) << refusal;
    }
}

TEST(TestAccount, AccountWithKeySignatureOrNeither) {
    Account account = account_in({{"AZURE_STORAGE_ACCOUNT", "mine"}, {"AZURE_STORAGE_KEY", std::string(key_text)}});
    EXPECT_EQ(account.endpoint, "https://mine.blob.core.windows.net");
    EXPECT_EQ(account.key, "secret key of a test");
    account = account_in({{"AZURE_STORAGE_ACCOUNT", "mine"}, {"AZURE_STORAGE_SAS_TOKEN", "?sv=1&sig=tokensig"}});
    EXPECT_EQ(account.sas, "sv=1&sig=tokensig");
    EXPECT_TRUE(account_in({{"AZURE_STORAGE_ACCOUNT", "mine"}}).by_entra());
    account = account_in({{"AZURE_STORAGE_ACCOUNT", "mine"},
                          {"AZURE_STORAGE_KEY", ""},
                          {"AZURE_STORAGE_SERVICE_ENDPOINT", "http://127.0.0.1:1/mine/"}});
    EXPECT_EQ(account.endpoint, "http://127.0.0.1:1/mine");
    EXPECT_TRUE(account.by_entra());
}

TEST(TestAccount, LoginOutranksKeys) {
    const Account account = account_in({{"AZURE_STORAGE_AUTH_MODE", "login"},
                                        {"AZURE_STORAGE_ACCOUNT", "mine"},
                                        {"AZURE_STORAGE_KEY", std::string(key_text)},
                                        {"AZURE_STORAGE_CONNECTION_STRING", "AccountName=other;AccountKey=YWJjZA=="}});
    EXPECT_TRUE(account.by_entra());
    EXPECT_EQ(account.endpoint, "https://mine.blob.core.windows.net");
    EXPECT_TRUE(refusal_of({{"AZURE_STORAGE_AUTH_MODE", "magic"}}).starts_with("InvalidArgument: "));
}

TEST(TestAccount, TokensDontGoOverPlainHttp) {
    EXPECT_THROW(Client(Environment::of({{"AZURE_STORAGE_AUTH_MODE", "login"},
                                         {"AZURE_STORAGE_ACCOUNT", "mine"},
                                         {"AZURE_STORAGE_SERVICE_ENDPOINT", "http://127.0.0.1:1/mine"}})),
                 errors::InvalidArgument);
    EXPECT_NO_THROW(Client(Environment::of({{"AZURE_STORAGE_ACCOUNT", "mine"}})));
}

TEST(TestAccount, ConnectionStringOutranksTheRest) {
    const Account account = account_in({{"AZURE_STORAGE_ACCOUNT", "mine"},
                                        {"AZURE_STORAGE_KEY", std::string(key_text)},
                                        {"AZURE_STORAGE_CONNECTION_STRING", "AccountName=other;AccountKey=YWJjZA=="}});
    EXPECT_EQ(account.name, "other");
    EXPECT_EQ(account.key, "abcd");
}

TEST(TestAccount, WhatIsMissingIsNamed) {
    const std::string refusal = refusal_of({});
    EXPECT_TRUE(refusal.starts_with("MissingConfiguration: ")) << refusal;
    for (const auto* variable : {"AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY",
                                 "AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_AUTH_MODE"}) {
        EXPECT_NE(refusal.find(variable), std::string::npos) << refusal;
    }
    EXPECT_TRUE(refusal_of({{"AZURE_STORAGE_KEY", std::string(key_text)}}).starts_with("MissingConfiguration: "));
    for (const auto* name : {"https://mine.blob.core.windows.net", "mine.blob.core.windows.net", "mine/x", "a b"}) {
        const std::string odd =
            refusal_of({{"AZURE_STORAGE_ACCOUNT", name}, {"AZURE_STORAGE_KEY", std::string(key_text)}});
        EXPECT_TRUE(odd.starts_with("InvalidArgument: AZURE_STORAGE_ACCOUNT")) << odd;
    }
    EXPECT_TRUE(refusal_of({{"AZURE_STORAGE_ACCOUNT", "mine"}, {"AZURE_STORAGE_KEY", "not*base64"}})
                    .starts_with("InvalidArgument: the account key in AZURE_STORAGE_KEY"));
    EXPECT_TRUE(refusal_of({{"AZURE_STORAGE_ACCOUNT", "mine"}, {"AZURE_STORAGE_SAS_TOKEN", "sv=1"}})
                    .starts_with("InvalidArgument: AZURE_STORAGE_SAS_TOKEN"));
}

}  // namespace
}  // namespace tinybird_cdk::cloud::azure
