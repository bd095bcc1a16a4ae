// SPDX-License-Identifier: Apache-2.0
/// Keys that something on the way might change, and objects that it might unpack.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "helpers/scripted_server.hpp"
#include "http/gzip.hpp"
#include "store.hpp"

namespace tinybird_cdk::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class S3Keys : public ::testing::TestWithParam<Store> {
protected:
    S3Keys() : raw(GetParam()), client(GetParam().environment(), quick_options()) { raw.make_bucket(bucket); }

    void put(const std::string& key, std::string_view bytes) { client.put(bucket, key, *body_of(bytes)); }
    std::string get(const std::string& key) { return read_all(*client.get(bucket, key)); }

    const std::string bucket = new_bucket();
    RawStore raw;
    cloud::s3::Client client;
};

INSTANTIATE_TEST_SUITE_P(Stores, S3Keys, ::testing::ValuesIn(stores()), name_of);

const std::vector<std::string> odd_keys{
    "plain.csv",      "with blank",          "plus+and%20percent", "100%",        "quotes ' and \"double\"",
    "a&b=c;d?e#f",    "día/日本語/🦜", "~tilde*(star)!,:@$", "<xml>&amp;",  "brackets[0]{1}|^`",
    "a b/c d/e+f.gz", " starts with blank",  "ends with blank ",   "back\\slash", "new\nline"};

TEST_P(S3Keys, OddKeys) {
    for (const std::string& key : odd_keys) {
        SCOPED_TRACE(key);
        put("odd/" + key, "content of " + key);
        EXPECT_EQ(get("odd/" + key), "content of " + key);
        EXPECT_EQ(client.size(bucket, "odd/" + key), key.size() + 11);
        const http::Response fetched = fetch(client.public_url(bucket, "odd/" + key, std::chrono::minutes(5)));
        EXPECT_EQ(fetched.status, 200) << fetched.body;
        EXPECT_EQ(fetched.body, "content of " + key);
    }
    std::vector<std::string> expected;
    for (const std::string& key : odd_keys) {
        expected.push_back("odd/" + key);
    }
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(client.ls(bucket, "odd"), expected);
    client.rm(bucket, "odd/100%");
    EXPECT_FALSE(client.exists(bucket, "odd/100%"));
    client.rmtree(bucket, "odd");
    EXPECT_THAT(client.list(bucket, ""), IsEmpty());
}

/// A key that looks like a path of files. To S3 it is a text like others, but both stores keep objects in files.
struct PathLike {
    std::string key;
    /// What the store lists it as; empty: it refuses the key.
    std::string minio;
    std::string versitygw;
};

std::vector<PathLike> path_like_keys() {
    std::string longest;
    for (int i = 0; i < 5; ++i) {
        longest += std::string(200, static_cast<char>('a' + i)) + "/";
    }
    longest += std::string(19, 'z');
    std::string longest_of_two_bytes;
    while (longest_of_two_bytes.size() < 1000) {
        longest_of_two_bytes += longest_of_two_bytes.size() % 201 == 200 ? "/" : "é";
    }
    longest_of_two_bytes.resize(longest_of_two_bytes.rfind('/'));
    longest_of_two_bytes += "/" + std::string(1023 - longest_of_two_bytes.size(), 'z');
    const std::string one_name(1024, 'k');
    return {{"double//slash", "", "double/slash"},
            {"a/../b", "", "b"},
            {"../b", "", ""},
            {"..", "", ""},
            {".", "", ""},
            {"./x", "", "x"},
            {"a/./b", "", "a/b"},
            {"a/..", "", ""},
            {"/leading", "leading", "leading"},
            {"//two", "two", "two"},
            {"a..b", "a..b", "a..b"},
            {"...", "...", "..."},
            {"a/.b", "a/.b", "a/.b"},
            {"%2F", "%2F", "%2F"},
            {"%2e%2e/x", "%2e%2e/x", "%2e%2e/x"},
            {"?", "?", "?"},
            {"+", "+", "+"},
            {" ", " ", " "},
            {longest, longest, longest},
            {longest_of_two_bytes, longest_of_two_bytes, longest_of_two_bytes},
            {one_name, "", ""}};
}

TEST_P(S3Keys, KeysThatLookLikePaths) {
    for (const PathLike& one : path_like_keys()) {
        SCOPED_TRACE(one.key);
        const std::string listed = GetParam().name == "minio" ? one.minio : one.versitygw;
        if (listed.empty()) {
            EXPECT_THROW(put(one.key, "x"), errors::ExternalDatasourceError);
            EXPECT_THAT(client.list(bucket, ""), IsEmpty());
            continue;
        }
        put(one.key, "content");
        EXPECT_EQ(get(one.key), "content");
        EXPECT_EQ(client.size(bucket, one.key), 7U);
        EXPECT_THAT(client.ls(bucket, ""), ElementsAre(listed));
        const http::Response fetched = fetch(client.public_url(bucket, one.key, std::chrono::minutes(5)));
        EXPECT_EQ(fetched.status, 200) << fetched.body;
        EXPECT_EQ(fetched.body, "content");
        client.rm(bucket, one.key);
        EXPECT_FALSE(client.exists(bucket, one.key));
        EXPECT_THAT(client.list(bucket, ""), IsEmpty());
    }
    EXPECT_THROW(put(std::string(1025, 'k'), "x"), errors::ExternalDatasourceError);
}

// What the stores above can't show: that S3 itself would see the key as it is. They check the signature of this path.
TEST(S3KeysInRequests, LeaveAsTheyAre) {
    const std::vector<std::pair<std::string, std::string>> cases{{"double//slash", "/b-1/double//slash"},
                                                                 {"a/../b", "/b-1/a/../b"},
                                                                 {"..", "/b-1/.."},
                                                                 {"./x", "/b-1/./x"},
                                                                 {"/leading", "/b-1//leading"},
                                                                 {"trailing//", "/b-1/trailing//"},
                                                                 {"+ %é", "/b-1/%2B%20%25%C3%A9"}};
    for (const auto& [key, target] : cases) {
        SCOPED_TRACE(key);
        ScriptedServer server(std::vector<Reply>{{.headers = {{"ETag", "\"1\""}}}});
        cloud::s3::Client client(Environment::of({{"AWS_ACCESS_KEY_ID", "access"},
                                                  {"AWS_SECRET_ACCESS_KEY", "secret"},
                                                  {"AWS_ENDPOINT_URL_S3", server.url()}}),
                                 quick_options());
        client.put("b-1", key, *body_of("x"));
        read_all(*client.get("b-1", key));
        client.exists("b-1", key);
        client.rm("b-1", key);
        fetch(client.public_url("b-1", key, std::chrono::minutes(1)));
        ASSERT_THAT(server.received(), SizeIs(5));
        for (const Received& request : server.received()) {
            EXPECT_EQ(request.path(), target);
        }
    }
}

TEST_P(S3Keys, ObjectsThatSayTheyAreCompressedStayAsTheyAre) {
    // As tools write them with --content-encoding gzip: decompressing them on the way would change every offset.
    const std::string compressed = http::gzip("1\n2\n3\n");
    for (const std::string key : {"d/1.csv.gz", "d/2.csv.gz"}) {
        raw.put(bucket, key, compressed, {{"Content-Encoding", "gzip"}});
    }
    EXPECT_EQ(client.size(bucket, "d/1.csv.gz"), compressed.size());
    EXPECT_EQ(get("d/1.csv.gz"), compressed);
    EXPECT_EQ(get(client.cat(bucket, "d").value()), compressed + compressed);
}

}  // namespace
}  // namespace tinybird_cdk::testing
