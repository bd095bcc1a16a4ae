// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cloud/gcs/resource.hpp"

namespace tinybird_cdk::cloud::gcs {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;

constexpr auto noon = std::chrono::sys_days(std::chrono::year(2026) / 2 / 28) + 12h;

TEST(TimeOf, ReadsWhatGoogleWrites) {
    EXPECT_EQ(time_of("2026-02-28T12:00:00Z"), system_clock::time_point(noon));
    EXPECT_EQ(time_of("2026-02-28T12:00:00.5Z"), system_clock::time_point(noon + 500ms));
    EXPECT_EQ(time_of("2026-02-28T12:00:00.000000001Z"), system_clock::time_point(noon + 1ns));
    EXPECT_EQ(time_of("2026-02-28T12:00:00.123456789012Z"), system_clock::time_point(noon + 123456789ns));
    EXPECT_EQ(time_of("2026-02-28T13:30:00+01:30"), system_clock::time_point(noon));
    EXPECT_EQ(time_of("2026-02-28T11:00:00-01:00"), system_clock::time_point(noon));
}

TEST(TimeOf, RefusesWhatIsNoTime) {
    for (const char* text :
         {"", "2026", "2026-02-30T12:00:00Z", "2026-02-28 12:00:00Z", "2026-02-28T12:00:00", "2026-02-28T12:00:00.Z",
          "2026-02-28T12:00:00Zx", "2026-02-28T12:00:00+1:00", "-026-02-28T12:00:00Z", "2026-02-28T12:00:00+01:00x"}) {
        EXPECT_EQ(time_of(text), std::nullopt) << text;
    }
}

TEST(ResourceOf, TakesTheGenerationForTheTag) {
    const auto resource = resource_of({{"name", "a/b"},
                                       {"size", "18446744073709551615"},
                                       {"timeCreated", "2026-02-28T12:00:00Z"},
                                       {"updated", "2027-01-01T00:00:00Z"},
                                       {"etag", "CJDx="},
                                       {"generation", "1796022321157269"},
                                       {"crc32c", "Uzaa9Q=="}});
    ASSERT_TRUE(resource);
    EXPECT_EQ(resource->object.key, "a/b");
    EXPECT_EQ(resource->object.size, 18446744073709551615ULL);
    EXPECT_EQ(resource->object.modified, system_clock::time_point(noon));
    EXPECT_EQ(resource->object.etag, "1796022321157269");
    EXPECT_EQ(resource->crc32c, "Uzaa9Q==");
}

TEST(ResourceOf, TakesNothingThatIsNotWhole) {
    const nlohmann::json whole{
        {"name", "a"}, {"size", "1"}, {"timeCreated", "2026-02-28T12:00:00Z"}, {"generation", "7"}};
    ASSERT_TRUE(resource_of(whole));
    for (const char* field : {"name", "size", "timeCreated", "generation"}) {
        nlohmann::json broken = whole;
        broken.erase(field);
        EXPECT_FALSE(resource_of(broken)) << field;
        broken[field] = 7;
        EXPECT_FALSE(resource_of(broken)) << field;
    }
    EXPECT_FALSE(resource_of(nlohmann::json::array()));
}

}  // namespace
}  // namespace tinybird_cdk::cloud::gcs
