// SPDX-License-Identifier: Apache-2.0
/// Reading, listing and deleting over connections that break; tokens that are refused; who pays.
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "proxy.hpp"
#include "store.hpp"

namespace tinybird_cdk::cloud::gcs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using tinybird_cdk::testing::Received;
using tinybird_cdk::testing::Reply;
using tinybird_cdk::testing::ScriptedServer;

using FaultTest = StoreTest;

bool reads(const Received& request) {
    return request.parameter("alt") == "media";
}

TEST_F(FaultTest, AReadThatBreaksGoesOn) {
    const std::string content = pattern(2'000'000);
    put("a", content);
    Proxy proxy({}, [](const Received& request, Reply& reply, int number) {
        if (reads(request) && number <= 3) {
            reply.cut_at_answer_byte = 500'000;
            reply.reset = number == 2;
        }
    });
    EXPECT_EQ(drain(*client_of(proxy.url())->get(bucket, "a")), content);
    std::vector<std::string> ranges;
    for (const Received& request : proxy.received()) {
        EXPECT_EQ(request.header("accept-encoding"), "gzip");
        ranges.push_back(request.header("range").value_or("all"));
    }
    ASSERT_EQ(ranges.size(), 4U);
    EXPECT_EQ(ranges.front(), "all");
    EXPECT_THAT(ranges.back(), Not("all"));
    EXPECT_TRUE(proxy.received().back().parameter("ifGenerationMatch"));
}

TEST_F(FaultTest, AReadDoesNotGoOnInAnotherObject) {
    put("a", pattern(2'000'000));
    Proxy proxy({}, [this](const Received& request, Reply& reply, int number) {
        if (reads(request) && number == 1) {
            reply.cut_at_answer_byte = 500'000;
            put("a", pattern(2'000'000));
        }
    });
    const auto reader = client_of(proxy.url());
    const auto body = reader->get(bucket, "a");
    try {
        drain(*body);
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("was changed while it was read"));
        EXPECT_TRUE(error.retryable());
    }
}

TEST_F(FaultTest, AListThatBreaksGoesOn) {
    for (int i = 0; i < 1005; ++i) {
        put(fmt::format("k{:04}", i), "");
    }
    Proxy proxy([](const Received&, int number) -> std::optional<Reply> {
        return number == 2 ? std::optional(Reply::json("{}", 500)) : std::nullopt;
    });
    EXPECT_EQ(client_of(proxy.url())->list(bucket, "").size(), 1005U);
    EXPECT_EQ(proxy.count("GET"), 3);
    EXPECT_TRUE(proxy.received().back().parameter("pageToken"));
}

TEST_F(FaultTest, ALostAnswerToADeletionIsNoError) {
    put("a", "1");
    Proxy proxy({}, [](const Received&, Reply& reply, int number) { reply = number == 1 ? no_answer() : reply; });
    client_of(proxy.url())->rm(bucket, "a");
    EXPECT_EQ(proxy.count("DELETE"), 2);
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(FaultTest, WhatCanNotBeDeletedIsListedAndTheRestIsGone) {
    for (int i = 0; i < 30; ++i) {
        put(fmt::format("d/{:02}", i), "");
    }
    Proxy proxy([](const Received& request, int) -> std::optional<Reply> {
        const bool denied = request.method == "DELETE" && request.path().ends_with("%2F07");
        return denied ? std::optional(Reply::json(R"({"error":{"message":"held"}})", 403)) : std::nullopt;
    });
    try {
        client_of(proxy.url())->rmtree(bucket, "d");
        FAIL();
    } catch (const errors::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("1 of 30 objects"));
        EXPECT_THAT(error.what(), HasSubstr("d/07: "));
        EXPECT_THAT(error.what(), HasSubstr("403: held"));
    }
    EXPECT_THAT(keys(), ElementsAre("d/07"));
}

/// A client with credentials, whose tokens a server of the test gives out: "token-of-test-1", "token-of-test-2", …
class TokenTest : public StoreTest {
protected:
    TokenTest()
        : tokens([count = 0](const Received&) mutable {
              return Reply::json(nlohmann::json{
                  {"access_token", "token-of-test-" + std::to_string(++count)},
                  {"expires_in",
                   3600}}.dump());
          }),
          file(::testing::TempDir() + bucket + ".json") {
        std::ofstream(file) << nlohmann::json{
            {"type", "authorized_user"},           {"client_id", "c"},
            {"client_secret", "secret-of-test"},   {"refresh_token", "refresh-of-test"},
            {"quota_project_id", "payer-of-file"}, {"token_uri", tokens.url()}};
    }
    ~TokenTest() override { std::remove(file.c_str()); }

    std::unique_ptr<Client> credentialed(const std::string& url, const std::string& payer = {}) {
        Options options;
        options.clock = clock;
        options.part_bytes = small_part;
        return std::make_unique<Client>(Environment::of({{"CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", url},
                                                         {"GOOGLE_APPLICATION_CREDENTIALS", file},
                                                         {"GOOGLE_CLOUD_QUOTA_PROJECT", payer}}),
                                        options);
    }

    ScriptedServer tokens;
    const std::string file;
};

/// What a token was good for: requests without one are those of an upload's session, which is as good as a token.
std::string token_in(const Received& request) {
    const std::string begin = "Bearer token-of-test-";
    const std::string header = request.header("authorization").value_or("");
    return header.starts_with(begin) ? header.substr(begin.size()) : header;
}

TEST_F(TokenTest, ATokenThatIsRefusedIsReplacedOnce) {
    const std::string content = pattern(3 * small_part);
    std::string good = "2";
    Proxy proxy([&](const Received& request, int) -> std::optional<Reply> {
        const std::string wanted = request.parameter("upload_id") ? "" : good;
        return token_in(request) == wanted ? std::nullopt : std::optional(Reply::json("{}", 401));
    });
    const auto writing = credentialed(proxy.url());
    writing->put(bucket, "a", *body_of(content));
    good = "3";
    EXPECT_EQ(drain(*writing->get(bucket, "a")), content);
    good = "4";
    EXPECT_EQ(writing->list(bucket, "").size(), 1U);
    EXPECT_EQ(tokens.received().size(), 4U);
}

TEST_F(TokenTest, ATokenThatEndsWhileAnObjectIsReadIsReplaced) {
    const std::string content = pattern(2'000'000);
    put("a", content);
    Proxy proxy(
        [](const Received& request, int) -> std::optional<Reply> {
            const bool goes_on = request.header("range").has_value();
            return token_in(request) == (goes_on ? "2" : "1") ? std::nullopt : std::optional(Reply::json("{}", 401));
        },
        [](const Received& request, Reply& reply, int) {
            if (!request.header("range")) {
                reply.cut_at_answer_byte = 500'000;
            }
        });
    const auto reading = credentialed(proxy.url() + "/storage/v1/");
    EXPECT_EQ(drain(*reading->get(bucket, "a")), content);
    EXPECT_EQ(tokens.received().size(), 2U);
}

TEST_F(TokenTest, ATokenThatIsRefusedTwiceIsAnError) {
    Proxy proxy([](const Received&, int) { return std::optional(Reply::json("{}", 401)); });
    const auto refused = credentialed(proxy.url());
    EXPECT_THROW(refused->list(bucket, ""), errors::ExternalDatasourceError);
    EXPECT_THROW(refused->get(bucket, "a"), errors::ExternalDatasourceError);
    EXPECT_EQ(proxy.received().size(), 4U);
}

TEST_F(TokenTest, EachRequestSaysWhoPays) {
    for (const std::string& payer : {std::string("payer-of-variable"), std::string()}) {
        Proxy proxy;
        const auto paying = credentialed(proxy.url(), payer);
        paying->put(bucket, "d/a", *body_of(pattern(2 * small_part)));
        paying->put(bucket, "d/b", *body_of("1"));
        paying->cat(bucket, "d");
        drain(*paying->get(bucket, "d/a"));
        paying->rmtree(bucket, "d");
        for (const Received& request : proxy.received()) {
            if (!request.parameter("upload_id")) {
                EXPECT_EQ(request.parameter("userProject"), payer.empty() ? "payer-of-file" : payer) << request.target;
            }
        }
    }
}

TEST_F(TokenTest, AMissingPayerIsSaidToBeMissing) {
    Proxy proxy([](const Received&, int) {
        return std::optional(Reply::json(R"({"error":{"code":400,"message":"Bucket is a requester pays bucket but no )"
                                         R"(user project provided.","errors":[{"reason":"required"}]}})",
                                         400));
    });
    try {
        client_of(proxy.url())->list(bucket, "");
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("400 required: Bucket is a requester pays bucket"));
        EXPECT_THAT(error.hint(), HasSubstr("GOOGLE_CLOUD_QUOTA_PROJECT"));
    }
}

TEST_F(TokenTest, NoSecretIsShown) {
    Proxy proxy([](const Received& request, int) {
        return std::optional(Reply::json(
            nlohmann::json{{"error", {{"message", "you sent " + request.header("authorization").value_or("")}}}}.dump(),
            403));
    });
    try {
        credentialed(proxy.url())->list(bucket, "");
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("you sent"));
        EXPECT_THAT(error.what(), Not(HasSubstr("token-of-test")));
    }
}

}  // namespace
}  // namespace tinybird_cdk::cloud::gcs
