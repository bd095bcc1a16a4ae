// SPDX-License-Identifier: Apache-2.0
#include "framework/engine_suggestion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tinybird_cdk::framework {
namespace {

using ::testing::HasSubstr;

schema::Schema with(std::vector<std::pair<const char*, const char*>> columns, std::vector<std::string> key = {}) {
    schema::Schema schema;
    for (const auto& [name, type] : columns) {
        schema.columns.push_back({.name = name, .type = schema::Type::parse(type)});
    }
    schema.sorting_key = std::move(key);
    return schema;
}

TEST(TestEngineSuggestion, ASortingKeyHoldsNoNull) {
    schema::Schema good = with({{"a", "Int32"}, {"b", "LowCardinality(String)"}}, {"a", "b"});
    refuse_bad_sorting_key(good);
    EXPECT_THAT(good.sorting_key, ::testing::ElementsAre("a", "b"));
    for (const char* type : {"Nullable(Int32)", "JSON", "Map(String, String)"}) {
        schema::Schema bad = with({{"a", "Int32"}, {"b", type}}, {"a", "b"});
        refuse_bad_sorting_key(bad);
        EXPECT_TRUE(bad.sorting_key.empty()) << type;
        EXPECT_THAT(bad.columns[1].remark, HasSubstr("can't be sorted by"));
    }
}

TEST(TestEngineSuggestion, PartitionsAreByADateThatIsNeverNull) {
    EXPECT_EQ(partition_column(with({{"a", "Int32"}, {"d", "Nullable(Date)"}, {"t", "String"}})), nullptr);
    // The name would be another one in a .datasource file.
    EXPECT_EQ(partition_column(with({{"d d", "Date"}})), nullptr);
    const schema::Schema first = with({{"a", "Int32"}, {"d", "Date32"}, {"t", "DateTime64(3)"}});
    EXPECT_EQ(partition_column(first), &first.columns[1]);
    const schema::Schema in_key = with({{"d", "Date32"}, {"t", "DateTime64(3)"}}, {"t"});
    EXPECT_EQ(partition_column(in_key), &in_key.columns[1]);
}

TEST(TestEngineSuggestion, OnlyLargeTablesHavePartitions) {
    EXPECT_FALSE(is_large({"t", "t", "table", {}, {}}));
    EXPECT_FALSE(is_large({"t", "t", "table", 99'999'999, std::uint64_t{1} << 30U}));
    EXPECT_TRUE(is_large({"t", "t", "table", 100'000'000, {}}));
    EXPECT_TRUE(is_large({"t", "t", "table", {}, std::uint64_t{10} << 30U}));
    schema::Schema schema = with({{"día", "Date"}});
    partition_by_month(schema, schema.columns[0]);
    EXPECT_EQ(schema.partition_key, "toYYYYMM(`día`)");
    EXPECT_THAT(schema.columns[0].remark, HasSubstr("the table is large"));
}

}  // namespace
}  // namespace tinybird_cdk::framework
