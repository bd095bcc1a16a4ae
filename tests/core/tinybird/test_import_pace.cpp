// SPDX-License-Identifier: Apache-2.0
#include "tinybird/import_pace.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <tinybird_cdk/errors.hpp>

#include "helpers/scripted_tinybird.hpp"
#include "tinybird/event_pace.hpp"

namespace tinybird_cdk::tinybird {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using testing::FakeClock;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TestImportPace : public ::testing::Test {
protected:
    TestImportPace() {
        std::string name = ::testing::TempDir() + "pace-XXXXXX";
        folder_ = ::mkdtemp(name.data());
        configuration_.limits.imports_per_minute = 3;
    }
    ~TestImportPace() override { std::filesystem::remove_all(folder_); }

    config::Tinybird configuration_ = testing::configuration_for("https://api.example");
    std::shared_ptr<FakeClock> clock_ = std::make_shared<FakeClock>();
    std::filesystem::path folder_;
};

TEST_F(TestImportPace, SpreadsImportsOfAllWhoShareTheFile) {
    ImportPace one(configuration_, clock_, folder_);
    ImportPace other(configuration_, clock_, folder_);
    for (int i = 0; i < 3; ++i) {
        one.wait({});
    }
    EXPECT_THAT(clock_->sleeps(), IsEmpty());
    other.wait({});
    EXPECT_THAT(clock_->sleeps(), ElementsAre(milliseconds(60'000)));
    // After that minute the first three are forgotten.
    other.wait({});
    one.wait({});
    EXPECT_THAT(clock_->sleeps(), SizeIs(1));
    one.wait({});
    EXPECT_THAT(clock_->sleeps(), SizeIs(2));
}

TEST_F(TestImportPace, KeepsWorkspacesApartAndSecretsOut) {
    ImportPace one(configuration_, clock_, folder_);
    configuration_.endpoint = "https://api.elsewhere.example";
    ImportPace other(configuration_, clock_, folder_);
    for (int i = 0; i < 3; ++i) {
        one.wait({});
        other.wait({});
    }
    EXPECT_THAT(clock_->sleeps(), IsEmpty());
    std::size_t files = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder_)) {
        ++files;
        EXPECT_EQ(file.path().filename().string().find(testing::test_token), std::string::npos);
        EXPECT_EQ(std::filesystem::status(file.path()).permissions(),
                  std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    EXPECT_EQ(files, 2U);
}

TEST_F(TestImportPace, GoesOnWithoutAFolderOfItsOwn) {
    ImportPace pace(configuration_, clock_, "/no/such/place/at/all");
    for (int i = 0; i < 10; ++i) {
        pace.wait({});
    }
    const std::filesystem::path link = folder_ / "link";
    std::filesystem::create_directory_symlink("/tmp", link);
    ImportPace linked(configuration_, clock_, link);
    for (int i = 0; i < 10; ++i) {
        linked.wait({});
    }
    EXPECT_THAT(clock_->sleeps(), IsEmpty());
}

TEST_F(TestImportPace, AStopEndsTheWait) {
    ImportPace pace(configuration_, clock_, folder_);
    for (int i = 0; i < 3; ++i) {
        pace.wait({});
    }
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(pace.wait(stop.get_token()), errors::InterruptedError);
}

TEST(TestEventPace, HoldsBothRates) {
    auto clock = std::make_shared<FakeClock>();
    Limits limits;
    limits.event_requests_per_second = 10;
    limits.event_bytes_per_second = 1000;
    EventPace pace(limits, clock);
    for (int i = 0; i < 10; ++i) {
        pace.wait(1, {});
    }
    EXPECT_THAT(clock->sleeps(), IsEmpty());
    pace.wait(1, {});
    EXPECT_THAT(clock->sleeps(), ElementsAre(milliseconds(100)));
    pace.wait(2990, {});
    EXPECT_EQ(clock->sleeps().back(), milliseconds(1990));
}

}  // namespace
}  // namespace tinybird_cdk::tinybird
