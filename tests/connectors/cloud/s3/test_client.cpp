// SPDX-License-Identifier: Apache-2.0
/// The client against real stores that verify signatures.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "helpers/fake_clock.hpp"
#include "helpers/unsized_body.hpp"
#include "http/client.hpp"
#include "http/gzip.hpp"
#include "relay.hpp"
#include "store.hpp"

namespace tinybird_cdk::testing {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class S3Client : public ::testing::TestWithParam<Store> {
protected:
    S3Client() : raw(GetParam()), client(GetParam().environment(), quick_options()) { raw.make_bucket(bucket); }

    void put(const std::string& key, std::string_view bytes) { client.put(bucket, key, *body_of(bytes)); }
    std::string get(const std::string& key) { return read_all(*client.get(bucket, key)); }

    const std::string bucket = new_bucket();
    RawStore raw;
    cloud::s3::Client client;
};

INSTANTIATE_TEST_SUITE_P(Stores, S3Client, ::testing::ValuesIn(stores()), name_of);

/// The answer of a request that nobody signed, as Tinybird sends it.
http::Response fetch(const std::string& url) {
    http::Client plain{{}};
    http::Request request;
    request.url = url;
    return plain.perform(request);
}

const std::vector<std::string> odd_keys{
    "plain.csv",      "with blank",          "plus+and%20percent", "100%",        "quotes ' and \"double\"",
    "a&b=c;d?e#f",    "día/日本語/🦜", "~tilde*(star)!,:@$", "<xml>&amp;",  "brackets[0]{1}|^`",
    "a b/c d/e+f.gz", " starts with blank",  "ends with blank ",   "back\\slash", "new\nline"};

TEST_P(S3Client, OddKeys) {
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

TEST_P(S3Client, KeysThatLookLikePaths) {
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
TEST(S3ClientKeys, LeaveAsTheyAre) {
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

TEST_P(S3Client, ObjectsThatSayTheyAreCompressedStayAsTheyAre) {
    // As tools write them with --content-encoding gzip: decompressing them on the way would change every offset.
    const std::string compressed = http::gzip("1\n2\n3\n");
    for (const std::string key : {"d/1.csv.gz", "d/2.csv.gz"}) {
        raw.put(bucket, key, compressed, {{"Content-Encoding", "gzip"}});
    }
    EXPECT_EQ(client.size(bucket, "d/1.csv.gz"), compressed.size());
    EXPECT_EQ(get("d/1.csv.gz"), compressed);
    EXPECT_EQ(get(client.cat(bucket, "d").value()), compressed + compressed);
}

TEST_P(S3Client, ObjectsAreDescribed) {
    put("d/o.csv", "12345");
    const auto known = client.stat(bucket, "d/o.csv");
    ASSERT_TRUE(known);
    const auto listed = client.list(bucket, "d/");
    ASSERT_THAT(listed, SizeIs(1));
    EXPECT_EQ(known->key, "d/o.csv");
    EXPECT_EQ(known->size, 5U);
    EXPECT_EQ(known->etag, "827ccb0eea8a706c4c34a16891f84e7b");  // MD5
    EXPECT_EQ(listed.front().key, known->key);
    EXPECT_EQ(listed.front().size, known->size);
    EXPECT_EQ(listed.front().etag, known->etag);
    EXPECT_LT(std::chrono::abs(listed.front().modified - known->modified), std::chrono::seconds(1));
    EXPECT_LT(std::chrono::abs(known->modified - std::chrono::system_clock::now()), std::chrono::hours(1));
    EXPECT_FALSE(client.stat(bucket, "d/none"));
    EXPECT_EQ(client.uri(bucket, "d/o.csv"), "s3://" + bucket + "/d/o.csv");
}

TEST_P(S3Client, EmptyObject) {
    put("empty", "");
    EXPECT_EQ(client.size(bucket, "empty"), 0U);
    EXPECT_EQ(get("empty"), "");
}

TEST_P(S3Client, DeletingWhatIsNotThere) {
    client.rm(bucket, "none");
    client.rmtree(bucket, "none");
}

TEST_P(S3Client, DirectoriesEndAtASlash) {
    put("a/1", "x");
    put("ab/2", "x");
    EXPECT_THAT(client.ls(bucket, "a"), ElementsAre("a/1"));
    client.rmtree(bucket, "a");
    EXPECT_THAT(client.ls(bucket, ""), ElementsAre("ab/2"));
}

TEST_P(S3Client, SmallBodyOfUnknownSizeIsOneRequest) {
    Relay relay(GetParam(), [](const std::string&, int) { return Fault::none; });
    cloud::s3::Client through(GetParam().environment(relay.url()), quick_options());
    UnsizedBody body("0123456789");
    through.put(bucket, "k", body);
    EXPECT_THAT(relay.steps(), ElementsAre("put"));
    EXPECT_EQ(get("k"), "0123456789");
}

TEST_P(S3Client, LargeBodyOfUnknownSize) {
    cloud::s3::Options options = quick_options();
    options.part_size = 5U << 20U;
    cloud::s3::Client parts(GetParam().environment(), options);
    const std::string bytes = content((12U << 20U) + 1, 1);
    UnsizedBody body(bytes);
    parts.put(bucket, "large", body);
    EXPECT_EQ(client.size(bucket, "large"), bytes.size());
    EXPECT_THAT(client.stat(bucket, "large")->etag, ::testing::EndsWith("-3"));
    EXPECT_TRUE(get("large") == bytes);
    EXPECT_THAT(raw.unfinished(bucket), IsEmpty());
}

TEST_P(S3Client, BodyOfExactlyWholeParts) {
    cloud::s3::Options options = quick_options();
    options.part_size = 5U << 20U;
    cloud::s3::Client parts(GetParam().environment(), options);
    const std::string bytes = content(10U << 20U, 2);
    UnsizedBody body(bytes);
    parts.put(bucket, "large", body);
    EXPECT_TRUE(get("large") == bytes);
    parts.put(bucket, "sized", *body_of(bytes));
    EXPECT_TRUE(get("sized") == bytes);
}

TEST_P(S3Client, BodyThatFailsLeavesNothing) {
    class FailingBody final : public Body {
    public:
        std::size_t read(std::span<char> into) override {
            if (left_ == 0) {
                throw errors::Error("the source broke");
            }
            const std::size_t count = std::min(into.size(), left_);
            std::fill_n(into.begin(), count, 'x');
            left_ -= count;
            return count;
        }
        bool rewind() override { return false; }
        [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }

    private:
        std::size_t left_ = 7U << 20U;
    };
    cloud::s3::Options options = quick_options();
    options.part_size = 5U << 20U;
    cloud::s3::Client parts(GetParam().environment(), options);
    FailingBody body;
    EXPECT_THROW(parts.put(bucket, "large", body), errors::Error);
    EXPECT_THAT(raw.unfinished(bucket), IsEmpty());
    EXPECT_FALSE(client.exists(bucket, "large"));
}

TEST_P(S3Client, UrlsThatExpiredOrWereChangedAreRefused) {
    put("k", "secret content");
    EXPECT_EQ(fetch(client.public_url(bucket, "k", std::chrono::hours(7 * 24))).status, 200);
    EXPECT_THROW(client.public_url(bucket, "k", std::chrono::hours(7 * 24) + std::chrono::seconds(1)),
                 errors::InvalidArgument);

    std::string tampered = client.public_url(bucket, "k", std::chrono::minutes(5));
    tampered.replace(tampered.find("/k?"), 3, "/j?");
    EXPECT_EQ(fetch(tampered).status, 403);
    std::string longer = client.public_url(bucket, "k", std::chrono::minutes(5));
    longer.replace(longer.find("X-Amz-Expires=300"), 17, "X-Amz-Expires=301");
    EXPECT_EQ(fetch(longer).status, 403);

    class Yesterday final : public Clock {
    public:
        [[nodiscard]] std::chrono::steady_clock::time_point now() const override { return real_->now(); }
        [[nodiscard]] std::chrono::system_clock::time_point wall_now() const override {
            return real_->wall_now() - std::chrono::hours(24);
        }
        bool sleep(std::chrono::milliseconds duration, const std::stop_token& stop) override {
            return real_->sleep(duration, stop);
        }

    private:
        std::shared_ptr<Clock> real_ = Clock::system();
    };
    cloud::s3::Options options = quick_options();
    options.clock = std::make_shared<Yesterday>();
    cloud::s3::Client old(GetParam().environment(), options);
    const http::Response expired = fetch(old.public_url(bucket, "k", std::chrono::minutes(5)));
    EXPECT_EQ(expired.status, 403);
    EXPECT_THAT(expired.body, HasSubstr("expired"));
    try {
        old.size(bucket, "k");
        FAIL() << "a request of yesterday was taken";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("403"));
    }
    try {
        old.list(bucket, "");
        FAIL() << "a request of yesterday was taken";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "RequestTimeTooSkewed");
        EXPECT_THAT(error.hint(), HasSubstr("clock"));
    }
}

TEST_P(S3Client, WrongSecretIsRefusedAndNotShown) {
    const Environment environment = GetParam().environment().with("AWS_SECRET_ACCESS_KEY", "wrong-secret-of-this-test");
    cloud::s3::Client wrong(environment, quick_options());
    try {
        wrong.list(bucket, "");
        FAIL() << "a wrong secret was taken";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "SignatureDoesNotMatch");
        EXPECT_THAT(error.what(), HasSubstr("s3://" + bucket));
        EXPECT_THAT(error.what(), Not(HasSubstr("wrong-secret")));
        EXPECT_THAT(error.hint(), HasSubstr("AWS_SECRET_ACCESS_KEY"));
        EXPECT_FALSE(error.retryable());
    }
    EXPECT_THROW(wrong.put(bucket, "k", *body_of("x")), errors::ExternalDatasourceError);
    EXPECT_THROW(wrong.get(bucket, "k"), errors::ExternalDatasourceError);
    EXPECT_THROW(wrong.exists(bucket, "k"), errors::ExternalDatasourceError);
    EXPECT_EQ(fetch(wrong.public_url(bucket, "k", std::chrono::minutes(1))).status, 403);
    const std::string url = client.public_url(bucket, "k", std::chrono::minutes(1));
    EXPECT_THAT(logger::mask(url), HasSubstr("X-Amz-Signature=***"));
}

TEST_P(S3Client, UnknownAccessKeyIsRefused) {
    cloud::s3::Client wrong(GetParam().environment().with("AWS_ACCESS_KEY_ID", "nobody"), quick_options());
    try {
        wrong.list(bucket, "");
        FAIL() << "an unknown key was taken";
    } catch (const errors::ExternalDatasourceError& error) {
        // The latter is versitygw's own name for it, when it has a single account.
        EXPECT_THAT(error.sqlstate(), AnyOf("InvalidAccessKeyId", "XAdminUserNotFound"));
    }
}

TEST_P(S3Client, MissingBucketAndObject) {
    try {
        client.list("cdk-no-such-bucket", "");
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "NoSuchBucket");
    }
    try {
        client.get(bucket, "none");
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.sqlstate(), "NoSuchKey");
        EXPECT_THAT(error.what(), HasSubstr("s3://" + bucket + "/none"));
    }
    EXPECT_THROW(client.size(bucket, "none"), errors::ExternalDatasourceError);
}

TEST_P(S3Client, WrongRegionIsLearnt) {
    put("k", "x");
    cloud::s3::Client elsewhere(GetParam().environment().with("AWS_REGION", "eu-west-3"), quick_options());
    EXPECT_EQ(read_all(*elsewhere.get(bucket, "k")), "x");
    cloud::s3::Client other(GetParam().environment().with("AWS_REGION", "eu-west-3"), quick_options());
    EXPECT_THAT(other.ls(bucket, ""), ElementsAre("k"));
}

TEST_P(S3Client, ReadingGoesOnWhereItBroke) {
    const std::string bytes = content(3U << 20U, 3);
    put("k", bytes);
    Relay relay(GetParam(), [](const std::string& step, int nth) {
        return step == "get" && nth < 3 ? Fault::broken_answer : Fault::none;
    });
    cloud::s3::Client through(GetParam().environment(relay.url()), quick_options());
    EXPECT_TRUE(read_all(*through.get(bucket, "k")) == bytes);
    EXPECT_THAT(relay.steps(), SizeIs(4));
}

TEST_P(S3Client, ThousandsOfObjects) {
    // As many as the issue of a page and of a batch need; one store gets ten times as many.
    const int count = GetParam().name == "versitygw" ? 10'000 : 1'050;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = thread; i < count; i += 4) {
                put("many/" + std::to_string(i) + " +.csv", "x");
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    const std::vector<std::string> keys = client.ls(bucket, "many");
    EXPECT_EQ(keys.size(), static_cast<std::size_t>(count));
    EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
    EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
    client.rmtree(bucket, "many");
    EXPECT_THAT(client.list(bucket, ""), IsEmpty());
}

TEST_P(S3Client, StopsWhenAsked) {
    std::stop_source source;
    source.request_stop();
    EXPECT_THROW(client.list(bucket, "", source.get_token()), errors::InterruptedError);
    EXPECT_THROW(client.put(bucket, "k", *body_of("x"), source.get_token()), errors::InterruptedError);
    EXPECT_FALSE(client.exists(bucket, "k"));
}

}  // namespace
}  // namespace tinybird_cdk::testing
