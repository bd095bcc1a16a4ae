// SPDX-License-Identifier: Apache-2.0
/// What a client does in a store where nothing breaks.
#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"
#include "http/client.hpp"
#include "store.hpp"

namespace tinybird_cdk::cloud::gcs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using ClientTest = StoreTest;

TEST_F(ClientTest, KeysAreBytesThatMeanNothing) {
    const std::vector<std::string> odd{"plain",
                                       "with space",
                                       "plus+sign",
                                       "percent%25",
                                       "q?x=1&y=2",
                                       "hash#tag",
                                       "quote'\"",
                                       "semi;colon,@",
                                       "star*!()",
                                       "brackets[]{}|\\^`<>",
                                       "tilde~dot.",
                                       "été/naïve",
                                       "日本語/キー.csv",
                                       "emoji😀.csv.gz",
                                       "tab\tnew\nline",
                                       "double//slash",
                                       "a/../b",
                                       "./x",
                                       "%2F",
                                       "/leading"};
    for (const std::string& key : odd) {
        put(key, "content of " + key);
    }
    std::vector<std::string> sorted = odd;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(keys(), sorted);
    for (const std::string& key : odd) {
        SCOPED_TRACE(key);
        EXPECT_EQ(content_of(key), "content of " + key);
        EXPECT_EQ(client->size(bucket, key), 11 + key.size());
        client->rm(bucket, key);
        EXPECT_FALSE(client->exists(bucket, key));
    }
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(ClientTest, AKeyMayHave1024Bytes) {
    // As long as Google lets it be: https://cloud.google.com/storage/docs/objects#naming
    std::string key;
    while (key.size() < 1024) {
        key += key.size() % 128 == 127 ? "/" : "%";
    }
    put(key, "1,2\n");
    EXPECT_THAT(keys(), ElementsAre(key));
    EXPECT_EQ(content_of(key), "1,2\n");
    client->rm(bucket, key);
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(ClientTest, DotsAndBrokenTextsAreNoKeys) {
    put("a", "1");
    EXPECT_THROW(client->rm(bucket, ".."), errors::InvalidArgument);
    EXPECT_THROW(client->stat(bucket, "."), errors::InvalidArgument);
    EXPECT_THROW(client->list("..", ""), errors::InvalidArgument);
    for (const char* key : {".", "..", "broken\xc3"}) {
        EXPECT_THROW(client->put(bucket, key, *body_of("1")), errors::InvalidArgument);
        std::vector<Object> parts = client->list(bucket, "a");
        parts.emplace_back().key = key;
        EXPECT_THROW(client->join(bucket, parts, "b"), errors::InvalidArgument);
        EXPECT_THROW(client->join(bucket, client->list(bucket, "a"), key), errors::InvalidArgument);
    }
    EXPECT_THAT(keys(), ElementsAre("a"));
}

TEST_F(ClientTest, TellsWhatIsKnownOfAnObject) {
    EXPECT_EQ(client->stat(bucket, "a"), std::nullopt);
    put("a", "12345");
    const auto before = client->stat(bucket, "a").value();
    EXPECT_EQ(before.key, "a");
    EXPECT_EQ(before.size, 5U);
    EXPECT_GT(before.modified, std::chrono::system_clock::from_time_t(1'700'000'000));
    EXPECT_FALSE(before.etag.empty());
    put("a", "12345");
    EXPECT_NE(client->stat(bucket, "a")->etag, before.etag);
    EXPECT_EQ(client->uri(bucket, "a b"), "gs://" + bucket + "/a b");
}

TEST_F(ClientTest, AnObjectThatIsNotThereIsSaidToBeMissing) {
    client->rm(bucket, "nothing");
    try {
        client->get(bucket, "nothing");
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("gs://" + bucket + "/nothing can't be read: 404"));
        EXPECT_EQ(error.sqlstate(), "404");
    }
    EXPECT_THROW(client->list("no-such-bucket", ""), errors::ExternalDatasourceError);
    EXPECT_THROW(client->put("no-such-bucket", "a", *body_of("1")), errors::ExternalDatasourceError);
}

TEST_F(ClientTest, ListsTenThousandObjects) {
    // bin/test has put them there: a bucket of its own, for writing so many takes the server minutes.
    const std::vector<std::string> found = client->ls("ten-thousand", "many");
    ASSERT_EQ(found.size(), 10'000U);
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
    EXPECT_EQ(found.front(), "many/00000");
    EXPECT_EQ(found.back(), "many/09999");
    EXPECT_EQ(client->list("ten-thousand", "").size(), 10'001U);
}

TEST_F(ClientTest, DeletesATreeAndNothingElse) {
    for (int i = 0; i < 300; ++i) {
        put(fmt::format("many/{:03}/x", i), "x");
    }
    put("many", "x");
    put("manyfold/x", "x");
    client->rmtree(bucket, "many");
    EXPECT_THAT(keys(), ElementsAre("many", "manyfold/x"));
    EXPECT_THROW(client->rmtree(bucket, ""), errors::InvalidArgument);
}

TEST_F(ClientTest, TheUrlOfAnEmulatorsObjectCanBeRead) {
    const std::string key = "dir with space/été+%25?.csv";
    put(key, "1,2\n");
    http::Client http({});
    http::Request request;
    request.url = client->public_url(bucket, key, std::chrono::hours(1));
    EXPECT_EQ(http.perform(request).body, "1,2\n");
}

TEST_F(ClientTest, ReadsAgainFromTheStart) {
    const std::string content = pattern(1'000'000);
    put("a", content);
    const auto body = client->get(bucket, "a");
    EXPECT_EQ(body->size(), content.size());
    EXPECT_EQ(drain(*body), content);
    ASSERT_TRUE(body->rewind());
    EXPECT_EQ(drain(*body), content);
}

TEST_F(ClientTest, StopsWhenAsked) {
    std::stop_source stopped;
    stopped.request_stop();
    put("d/a", "1");
    EXPECT_THROW(client->list(bucket, "", stopped.get_token()), errors::InterruptedError);
    EXPECT_THROW(client->rmtree(bucket, "d", stopped.get_token()), errors::InterruptedError);
    EXPECT_THROW(client->put(bucket, "b", *body_of("1"), stopped.get_token()), errors::InterruptedError);
    EXPECT_THAT(keys(), ElementsAre("d/a"));
}

TEST(Options, PartsAreWhatGoogleTakes) {
    Options options;
    options.part_bytes = 1'000'000;
    EXPECT_THROW(Client(Environment::of({}), options), errors::InvalidArgument);
    options.part_bytes = 0;
    EXPECT_THROW(Client(Environment::of({}), options), errors::InvalidArgument);
}

}  // namespace
}  // namespace tinybird_cdk::cloud::gcs
