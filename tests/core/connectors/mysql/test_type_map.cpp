// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include "connectors/mysql/type_map.hpp"

namespace tinybird_cdk::mysql {
namespace {

std::string type_of(const SourceType& source) {
    return target_of(source).type.to_string();
}

TEST(TestMysqlTypeMap, IntegersKeepTheirWidthAndSign) {
    EXPECT_EQ(type_of({.data_type = "tinyint", .column_type = "tinyint(4)"}), "Int8");
    EXPECT_EQ(type_of({.data_type = "tinyint", .column_type = "tinyint(3) unsigned"}), "UInt8");
    EXPECT_EQ(type_of({.data_type = "mediumint", .column_type = "mediumint unsigned zerofill"}), "UInt32");
    EXPECT_EQ(type_of({.data_type = "bigint", .column_type = "bigint(20) unsigned"}), "UInt64");
    EXPECT_EQ(type_of({.data_type = "bigint", .column_type = "bigint"}), "Int64");
    EXPECT_FALSE(target_of({.data_type = "tinyint", .column_type = "tinyint(1)"}).remark.empty());
    EXPECT_TRUE(target_of({.data_type = "tinyint", .column_type = "tinyint(4)"}).remark.empty());
}

TEST(TestMysqlTypeMap, BitsGetTheNextWidth) {
    for (const auto& [bits, expected] : {std::pair{1, "UInt8"},
                                         {8, "UInt8"},
                                         {9, "UInt16"},
                                         {17, "UInt32"},
                                         {32, "UInt32"},
                                         {33, "UInt64"},
                                         {64, "UInt64"}}) {
        EXPECT_EQ(type_of({.data_type = "bit", .column_type = "bit", .precision = bits}), expected) << bits;
    }
}

TEST(TestMysqlTypeMap, DecimalsKeepTheirDigits) {
    EXPECT_EQ(type_of({.data_type = "decimal", .column_type = "decimal(65,30)", .precision = 65, .scale = 30}),
              "Decimal(65, 30)");
    EXPECT_EQ(type_of({.data_type = "decimal", .column_type = "decimal(10,0)", .precision = 10}), "Decimal(10, 0)");
}

TEST(TestMysqlTypeMap, DatesKeepTheirPrecision) {
    EXPECT_EQ(type_of({.data_type = "date", .column_type = "date"}), "Date32");
    EXPECT_EQ(type_of({.data_type = "datetime", .column_type = "datetime(6)", .precision = 6}), "DateTime64(6)");
    EXPECT_EQ(type_of({.data_type = "datetime", .column_type = "datetime"}), "DateTime64(3)");
    EXPECT_EQ(type_of({.data_type = "timestamp", .column_type = "timestamp"}), "DateTime('UTC')");
    EXPECT_EQ(type_of({.data_type = "timestamp", .column_type = "timestamp(1)", .precision = 1}),
              "DateTime64(1, 'UTC')");
    EXPECT_EQ(type_of({.data_type = "year", .column_type = "year(4)"}), "UInt16");
    EXPECT_EQ(type_of({.data_type = "time", .column_type = "time(6)", .precision = 6}), "String");
}

TEST(TestMysqlTypeMap, TheRest) {
    EXPECT_EQ(type_of({.data_type = "enum", .column_type = "enum('unsigned')"}), "LowCardinality(String)");
    EXPECT_EQ(type_of({.data_type = "uuid", .column_type = "uuid"}), "UUID");
    EXPECT_EQ(type_of({.data_type = "inet6", .column_type = "inet6"}), "IPv6");
    EXPECT_EQ(target_of({.data_type = "longblob", .column_type = "longblob"}).remark, "base64");
    EXPECT_EQ(type_of({.data_type = "what is new", .column_type = "what is new"}), "String");
}

}  // namespace
}  // namespace tinybird_cdk::mysql
