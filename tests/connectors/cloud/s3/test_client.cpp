// SPDX-License-Identifier: Apache-2.0
/// The client against real stores that verify signatures.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "helpers/unsized_body.hpp"
#include "relay.hpp"
#include "store.hpp"

namespace tinybird_cdk::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
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
