// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/export.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk {
namespace {

namespace fs = std::filesystem;

/// A directory of its own for each test.
class TestExportLocalFile : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "cdk_exports_XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        directory_ = name;
    }
    void TearDown() override { fs::remove_all(directory_); }

    fs::path file(const std::string& name) {
        const fs::path path = directory_ / name;
        std::ofstream(path) << "1,2\n";
        return path;
    }

    fs::path directory_;
};

TEST_F(TestExportLocalFile, IsDeletedWithTheObject) {
    const fs::path path = file("a.csv");
    {
        const LocalFile local(path);
        EXPECT_TRUE(fs::exists(local.path()));
    }
    EXPECT_FALSE(fs::exists(path));
}

TEST_F(TestExportLocalFile, IsDeletedWhenAnExceptionPasses) {
    const fs::path path = file("a.csv");
    EXPECT_THROW(
        {
            const LocalFile local(path);
            throw std::runtime_error("import failed");
        },
        std::runtime_error);
    EXPECT_FALSE(fs::exists(path));
}

TEST_F(TestExportLocalFile, MovesWithItsOwner) {
    const fs::path path = file("a.csv");
    Export outer = LocalFile(path);
    EXPECT_TRUE(fs::exists(path));
    outer = Data{"x"};
    EXPECT_FALSE(fs::exists(path));
}

TEST_F(TestExportLocalFile, AssignmentDeletesTheOldFile) {
    const fs::path first = file("a.csv");
    const fs::path second = file("b.csv");
    LocalFile local(first);
    local = LocalFile(second);
    EXPECT_FALSE(fs::exists(first));
    EXPECT_TRUE(fs::exists(second));
}

TEST_F(TestExportLocalFile, AFileThatIsGoneIsNoError) {
    const fs::path path = file("a.csv");
    LocalFile local(path);
    fs::remove(path);
    local.cleanup();
    local.cleanup();
}

/// A bucket in memory that counts deletions, and can refuse them.
class Bucket final : public cloud::Client {
protected:
    std::string uri_(std::string_view bucket, std::string_view key) const override {
        return "mem://" + std::string(bucket) + "/" + std::string(key);
    }
    std::vector<cloud::Object> list_(std::string_view, std::string_view prefix, const std::stop_token&) override {
        if (!refused_with.empty()) {
            throw errors::ExternalDatasourceError("GCS: refused", refused_with);
        }
        std::vector<cloud::Object> found;
        for (const std::string& key : objects) {
            if (key.starts_with(prefix)) {
                found.push_back({.key = key, .size = 1, .modified = {}, .etag = {}});
            }
        }
        return found;
    }
    std::string public_url_(std::string_view bucket, std::string_view key, std::chrono::seconds) override {
        return uri_(bucket, key);
    }
    void rm_(std::string_view, std::string_view key, const std::stop_token&) override {
        if (refuse) {
            throw std::runtime_error("access denied");
        }
        objects.erase(std::string(key));
    }
    void join_(std::string_view, const std::vector<cloud::Object>&, std::string_view target,
               const cloud::CatOptions&) override {
        objects.emplace(target);
    }
    void put_(std::string_view, std::string_view key, Body&, const std::stop_token&) override { objects.emplace(key); }
    std::unique_ptr<Body> get_(std::string_view, std::string_view, const std::stop_token&) override {
        return body_of("x");
    }
    std::optional<cloud::Object> stat_(std::string_view, std::string_view, const std::stop_token&) override {
        return std::nullopt;
    }

public:
    std::set<std::string> objects;
    bool refuse = false;
    std::string refused_with;  ///< the code that listing is refused with; empty: it is not
};

TEST(TestExportCloudFile, IsDeletedOnce) {
    const auto bucket = std::make_shared<Bucket>();
    bucket->objects = {"a.csv", "b.csv"};
    {
        CloudFile first(bucket, "data", "a.csv");
        const CloudFile second = std::move(first);
        EXPECT_EQ(bucket->objects.size(), 2U);
    }
    EXPECT_EQ(bucket->objects, std::set<std::string>{"b.csv"});
}

TEST(TestExportCloudFile, AFailedDeletionDoesNotThrow) {
    const auto bucket = std::make_shared<Bucket>();
    bucket->objects = {"a.csv"};
    bucket->refuse = true;
    ::testing::internal::CaptureStdout();
    { const CloudFile file(bucket, "data", "a.csv"); }
    const std::string log = ::testing::internal::GetCapturedStdout();
    EXPECT_NE(log.find("mem://data/a.csv"), std::string::npos) << log;
    EXPECT_NE(log.find("access denied"), std::string::npos) << log;
}

TEST(TestExportCloudDir, DeletesEverythingBelow) {
    const auto bucket = std::make_shared<Bucket>();
    bucket->objects = {"dir/1.csv", "dir/2.csv", "other/1.csv"};
    { const CloudDir directory(bucket, "data", "dir/"); }
    EXPECT_EQ(bucket->objects, std::set<std::string>{"other/1.csv"});
}

// As where the warehouse was given the name of a bucket that nobody made.
TEST(TestExportCloudDir, OfABucketThatIsNotThereNothingIsLeft) {
    const auto bucket = std::make_shared<Bucket>();
    for (const char* const code : {"404", "NoSuchBucket", "ContainerNotFound"}) {
        bucket->refused_with = code;
        ::testing::internal::CaptureStdout();
        { const CloudDir directory(bucket, "data", "dir/"); }
        EXPECT_EQ(::testing::internal::GetCapturedStdout(), "") << code;
        EXPECT_EQ(CloudDir(bucket, "data", "dir/").remove(), "") << code;
    }
    bucket->refused_with = "403";
    ::testing::internal::CaptureStdout();
    { const CloudDir directory(bucket, "data", "dir/"); }
    EXPECT_NE(::testing::internal::GetCapturedStdout().find("can't delete mem://data/dir/"), std::string::npos);
    EXPECT_NE(CloudDir(bucket, "data", "dir/").remove(), "");
}

TEST(TestExportCloudDir, KnowsItsRowsWhereverItIs) {
    const auto bucket = std::make_shared<Bucket>();
    EXPECT_EQ(CloudDir(bucket, "data", "dir/").rows(), std::nullopt);
    CloudDir first(bucket, "data", "dir/", false, 7);
    CloudDir second(bucket, "data", "other/");
    second = std::move(first);
    EXPECT_EQ(second.rows(), 7U);
    EXPECT_EQ(second.directory(), "dir/");
}

}  // namespace
}  // namespace tinybird_cdk
