// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgresql/type_map.hpp"

#include <gtest/gtest.h>

namespace tinybird_cdk::postgresql {
namespace {

/// As numerictypmodin packs it.
int numeric_modifier(int precision, int scale) {
    return ((precision << 16) | (scale & 0x7FF)) + 4;
}

std::string target(oid::Oid type, int modifier = -1) {
    SourceType source;
    source.type = type;
    source.modifier = modifier;
    return target_of(source).type.to_string();
}

TEST(TestPostgresqlTypeMap, Numerics) {
    EXPECT_EQ(target(oid::numeric), "String");
    EXPECT_EQ(target(oid::numeric, numeric_modifier(38, 10)), "Decimal(38, 10)");
    EXPECT_EQ(target(oid::numeric, numeric_modifier(76, 0)), "Decimal(76, 0)");
    EXPECT_EQ(target(oid::numeric, numeric_modifier(77, 0)), "String");
    // numeric(3,-2) holds 99900; numeric(2,4) holds 0.0099.
    EXPECT_EQ(target(oid::numeric, numeric_modifier(3, -2)), "Decimal(5, 0)");
    EXPECT_EQ(target(oid::numeric, numeric_modifier(2, 4)), "Decimal(4, 4)");
}

TEST(TestPostgresqlTypeMap, Times) {
    EXPECT_EQ(target(oid::timestamp), "DateTime64(6)");
    EXPECT_EQ(target(oid::timestamp, 3), "DateTime64(3)");
    EXPECT_EQ(target(oid::timestamptz), "DateTime64(6, 'UTC')");
    EXPECT_EQ(target(oid::date), "Date32");
    EXPECT_EQ(target(oid::interval), "String");
}

TEST(TestPostgresqlTypeMap, ArraysNestAsDeclared) {
    SourceType source;
    source.type = 1007;
    source.element = oid::int4;
    EXPECT_EQ(target_of(source).type.to_string(), "Array(Nullable(Int32))");
    source.dimensions = 3;
    EXPECT_EQ(target_of(source).type.to_string(), "Array(Array(Array(Nullable(Int32))))");
}

TEST(TestPostgresqlTypeMap, EnumsAndTheRest) {
    SourceType source;
    source.type = 99999;
    EXPECT_EQ(target_of(source).type.to_string(), "String");
    source.kind = 'e';
    EXPECT_EQ(target_of(source).type.to_string(), "LowCardinality(String)");
    EXPECT_EQ(target_of(source).type.with_nullable(true).to_string(), "LowCardinality(Nullable(String))");
}

}  // namespace
}  // namespace tinybird_cdk::postgresql
