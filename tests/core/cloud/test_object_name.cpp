// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cloud/object_name.hpp"

namespace tinybird_cdk::cloud {
namespace {

struct Case {
    std::string key;
    std::optional<Format> format;
    std::string compression = {};
};

class TestObjectName : public testing::TestWithParam<Case> {};

TEST_P(TestObjectName, SaysWhatIsInIt) {
    const ObjectName name = object_name(GetParam().key);
    EXPECT_EQ(name.format, GetParam().format);
    EXPECT_EQ(name.compression, GetParam().compression);
}

INSTANTIATE_TEST_SUITE_P(Keys, TestObjectName,
                         testing::Values(Case{"a.csv", Format::csv}, Case{"d.x/A.CSV.GZ", Format::csv, "gzip"},
                                         Case{"a.ndjson.gz", Format::ndjson, "gzip"}, Case{"a.jsonl", Format::ndjson},
                                         Case{"a.json", Format::ndjson}, Case{"a.parquet", Format::parquet},
                                         Case{"a.snappy.parquet", Format::parquet},
                                         Case{"a.csv.zst", Format::csv, "zst"}, Case{"a.gz", std::nullopt, "gzip"},
                                         Case{"data_0_0_0", std::nullopt}, Case{".csv", std::nullopt},
                                         Case{"d.csv/part", std::nullopt}, Case{"", std::nullopt}));

}  // namespace
}  // namespace tinybird_cdk::cloud
