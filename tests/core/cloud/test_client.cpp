// SPDX-License-Identifier: Apache-2.0
/// What the interface itself does, whatever the store is.
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk {
namespace {

using namespace std::chrono_literals;

class Store final : public cloud::Client {
public:
    std::map<std::string, std::uint64_t, std::less<>> objects;
    std::vector<std::string> joined;
    std::string stuck;

protected:
    std::string uri_(std::string_view bucket, std::string_view key) const override {
        return "store://" + std::string(bucket) + "/" + std::string(key);
    }
    std::vector<cloud::Object> list_(std::string_view, std::string_view prefix, const std::stop_token&) override {
        std::vector<cloud::Object> found;
        for (const auto& [key, size] : objects) {
            if (key.starts_with(prefix)) {
                found.insert(found.begin(), {.key = key, .size = size, .modified = {}, .etag = {}});
            }
        }
        return found;
    }
    std::string public_url_(std::string_view bucket, std::string_view key, std::chrono::seconds) override {
        return uri_(bucket, key);
    }
    void rm_(std::string_view, std::string_view key, const std::stop_token&) override {
        if (key == stuck) {
            throw std::runtime_error("held");
        }
        objects.erase(std::string(key));
    }
    void join_(std::string_view, const std::vector<cloud::Object>& parts, std::string_view target,
               const cloud::CatOptions&) override {
        for (const cloud::Object& part : parts) {
            joined.push_back(part.key);
        }
        objects.emplace(target, 1);
    }
    void put_(std::string_view, std::string_view, Body&, const std::stop_token&) override {}
    std::unique_ptr<Body> get_(std::string_view, std::string_view, const std::stop_token&) override { return nullptr; }
    std::optional<cloud::Object> stat_(std::string_view, std::string_view key, const std::stop_token&) override {
        const auto found = objects.find(key);
        return found == objects.end() ? std::nullopt
                                      : std::optional(cloud::Object{
                                            .key = found->first, .size = found->second, .modified = {}, .etag = {}});
    }
};

TEST(TestCloudClient, ListsADirectorySortedWithoutMarkers) {
    Store store;
    store.objects = {{"a/", 0}, {"a/2", 1}, {"a/1", 0}, {"ab", 1}, {"a/b/", 0}, {"a/b/c", 1}};
    EXPECT_THAT(store.ls("b", "a"), testing::ElementsAre("a/1", "a/2", "a/b/c"));
    EXPECT_THAT(store.ls("b", "a/"), testing::ElementsAre("a/1", "a/2", "a/b/c"));
    EXPECT_THAT(store.ls("b", ""), testing::ElementsAre("a/1", "a/2", "a/b/c", "ab"));
}

TEST(TestCloudClient, DeletesADirectoryAndNotItsNeighbours) {
    Store store;
    store.objects = {{"a/", 0}, {"a/1", 1}, {"ab", 1}};
    store.rmtree("b", "a");
    EXPECT_EQ(store.objects.size(), 1U);
    EXPECT_THROW(store.rmtree("b", ""), errors::InvalidArgument);
    EXPECT_EQ(store.objects.size(), 1U);
}

TEST(TestCloudClient, WhatCantBeDeletedIsListedAndTheRestIsGone) {
    Store store;
    store.objects = {{"a/1", 1}, {"a/2", 1}, {"a/3", 1}};
    store.stuck = "a/2";
    try {
        store.rmtree("b", "a");
        FAIL() << "nothing was said";
    } catch (const errors::Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("1 of 3 objects below store://b/a/"));
        EXPECT_THAT(error.what(), testing::HasSubstr("a/2: held"));
    }
    EXPECT_EQ(store.objects.size(), 1U);
}

TEST(TestCloudClient, JoinsInTheOrderOfKeys) {
    Store store;
    EXPECT_EQ(store.cat("b", "a"), std::nullopt);
    store.objects = {{"a/", 0}, {"a/x.v1.csv.gz", 1}};
    EXPECT_EQ(store.cat("b", "a"), "a/x.v1.csv.gz");
    EXPECT_TRUE(store.joined.empty());
    store.objects.emplace("a/b.csv.gz", 1);
    const auto target = store.cat("b", "a");
    ASSERT_TRUE(target);
    EXPECT_THAT(*target, testing::StartsWith("a/"));
    EXPECT_THAT(*target, testing::EndsWith(".csv.gz"));
    EXPECT_THAT(store.joined, testing::ElementsAre("a/b.csv.gz", "a/x.v1.csv.gz"));
}

TEST(TestCloudClient, NothingIsJoinedIntoItself) {
    Store store;
    EXPECT_THROW(store.join("b", {{.key = "a", .size = 1, .modified = {}, .etag = {}}}, "a"), errors::InvalidArgument);
    EXPECT_THROW(store.join("b", {}, "a"), errors::InvalidArgument);
}

TEST(TestCloudClient, AUrlLivesForAWeekAtMost) {
    Store store;
    EXPECT_EQ(store.public_url("b", "k", 7 * 24h), "store://b/k");
    EXPECT_THROW(store.public_url("b", "k", 7 * 24h + 1s), errors::InvalidArgument);
    EXPECT_THROW(store.public_url("b", "k", 0s), errors::InvalidArgument);
}

TEST(TestCloudClient, NamesAreNeeded) {
    Store store;
    EXPECT_THROW(store.ls("", "a"), errors::InvalidArgument);
    EXPECT_THROW(store.rm("b", ""), errors::InvalidArgument);
    EXPECT_THROW(store.get("", "k"), errors::InvalidArgument);
}

TEST(TestCloudClient, SizeNeedsAnObject) {
    Store store;
    store.objects = {{"a", 7}};
    EXPECT_EQ(store.size("b", "a"), 7U);
    EXPECT_TRUE(store.exists("b", "a"));
    EXPECT_FALSE(store.exists("b", "c"));
    EXPECT_THROW(store.size("b", "c"), errors::ExternalDatasourceError);
}

}  // namespace
}  // namespace tinybird_cdk
