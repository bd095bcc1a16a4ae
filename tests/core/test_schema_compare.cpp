// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/schema_compare.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::schema {
namespace {

bool holds(const char* to, const char* from) {
    return !loss(Type::parse(from), Type::parse(to));
}

std::string lost(const char* from, const char* to) {
    return loss(Type::parse(from), Type::parse(to)).value_or("");
}

Column column(std::string name, const char* type) {
    Column result;
    result.name = std::move(name);
    result.type = Type::parse(type);
    return result;
}

Schema with(std::vector<Column> columns) {
    Schema result;
    result.table = "t";
    result.columns = std::move(columns);
    return result;
}

// A data source made from the .datasource file has other names where `tb` can't read them.
TEST(TestCompare, NamesOfTheDatafileAreTheSameColumn) {
    EXPECT_TRUE(
        compare(with({column("a b", "Int8"), column("x.y", "Bool")}), {column("a_b", "Int8"), column("x_y", "Bool")})
            .empty());
    EXPECT_TRUE(compare(with({column("a b", "Int8"), column("a_b", "Bool")}),
                        {column("a_b", "Bool"), column("a_b_10a3f9f2", "Int8")})
                    .empty());
    const auto changes = compare(with({column("a b", "Int8"), column("a_b", "Bool")}), {column("a_b", "Bool")});
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].kind, Change::Kind::added);
    EXPECT_EQ(changes[0].column, "a b");
}

TEST(TestLoss, ATypeHoldsItselfAndEveryTypeIsText) {
    for (const char* type :
         {"Int8", "UInt256", "Float32", "Decimal(38, 10)", "String", "FixedString(3)", "UUID", "IPv4", "Date",
          "DateTime64(9)", "Bool", "JSON", "Array(Nullable(Int8))", "Map(String, UInt8)", "Tuple(a Int8, b String)",
          "Enum8('a' = 1, 'b' = 2)", "Point", "Nullable(Date32)"}) {
        EXPECT_TRUE(holds(type, type)) << type;
        EXPECT_TRUE(holds("Nullable(String)", type)) << type;
    }
}

TEST(TestLoss, WiderTypesHoldNarrowerOnes) {
    EXPECT_TRUE(holds("Int64", "Int32"));
    EXPECT_TRUE(holds("Int64", "UInt32"));
    EXPECT_TRUE(holds("Float64", "Int32"));
    EXPECT_TRUE(holds("Float32", "Int16"));
    EXPECT_TRUE(holds("Decimal(20, 0)", "UInt64"));
    EXPECT_TRUE(holds("Decimal(12, 2)", "Decimal(10, 2)"));
    EXPECT_TRUE(holds("Int64", "Decimal(18, 0)"));
    EXPECT_TRUE(holds("Float64", "Float32"));
    EXPECT_TRUE(holds("DateTime64(3)", "DateTime"));
    EXPECT_TRUE(holds("DateTime64(6)", "Date32"));
    EXPECT_TRUE(holds("Date32", "Date"));
    EXPECT_TRUE(holds("DateTime64(9)", "DateTime"));
    EXPECT_TRUE(holds("UInt8", "Bool"));
    EXPECT_TRUE(holds("IPv6", "IPv4"));
    EXPECT_TRUE(holds("Nullable(Int8)", "Int8"));
    EXPECT_TRUE(holds("LowCardinality(String)", "String"));
    EXPECT_TRUE(holds("Array(Int64)", "Array(Int32)"));
}

TEST(TestLoss, WhatDoesNotFitIsNamed) {
    EXPECT_EQ(lost("Int64", "Int32"), "values beyond Int32 don't fit");
    EXPECT_EQ(lost("UInt64", "Int64"), "values beyond Int64 don't fit");
    EXPECT_EQ(lost("Int32", "UInt32"), "negative values don't fit");
    EXPECT_EQ(lost("Int32", "UInt8"), "values beyond UInt8 don't fit");
    EXPECT_EQ(lost("Int64", "Float64"), "integers beyond 2^53 may not be exact");
    EXPECT_EQ(lost("UInt64", "Decimal(19, 0)"), "values beyond Decimal(19, 0) don't fit");
    EXPECT_EQ(lost("Decimal(10, 2)", "Decimal(10, 0)"), "digits behind the point are lost");
    EXPECT_EQ(lost("Decimal(10, 2)", "Decimal(10, 4)"), "values beyond Decimal(10, 4) don't fit");
    EXPECT_EQ(lost("Decimal(19, 0)", "Int64"), "values beyond Int64 don't fit");
    EXPECT_EQ(lost("Decimal(9, 0)", "UInt64"), "negative values don't fit");
    EXPECT_EQ(lost("Decimal(9, 2)", "Float64"), "decimals are not exact as Float64");
    EXPECT_EQ(lost("Float64", "Float32"), "Float64 is not exact as Float32");
    EXPECT_EQ(lost("DateTime64(6)", "DateTime64(3)"), "digits of the second behind the first 3 don't fit");
    EXPECT_EQ(lost("DateTime64(6)", "DateTime64(9)"), "dates after 2262-04-11 don't fit");
    EXPECT_EQ(lost("DateTime64(6)", "Date32"), "the time of day is lost");
    EXPECT_EQ(lost("Date32", "Date"), "dates outside 1970 to 2149 don't fit");
    EXPECT_EQ(lost("Nullable(Int8)", "Int8"), "NULL doesn't fit");
    EXPECT_EQ(lost("Nullable(Int16)", "Int8"), "NULL doesn't fit, and values beyond Int8 don't fit");
    EXPECT_EQ(lost("String", "UUID"), "text that is no UUID doesn't fit");
    EXPECT_EQ(lost("Array(Int64)", "Array(Int8)"), "inside it, values beyond Int8 don't fit");
    EXPECT_EQ(lost("Enum8('a' = 1, 'b' = 2)", "Enum8('a' = 1)"), "values that Enum8('a' = 1) has not don't fit");
    EXPECT_NE(lost("UUID", "Int64"), "");
    EXPECT_NE(lost("Tuple(a Int8)", "Tuple(b Int8)"), "");
    EXPECT_NE(lost("Tuple(Int8, Int8)", "Tuple(Int8)"), "");
}

TEST(TestCompare, OnlyWhatMattersIsAChange) {
    const Schema table = with({column("id", "Int32"), column("name", "Nullable(String)")});
    EXPECT_TRUE(compare(table, {column("name", "LowCardinality(Nullable(String))"), column("id", "Int64")}).empty());

    const std::vector<Change> changes = compare(table, {column("id", "Int16"), column("old", "Int8")});
    ASSERT_EQ(changes.size(), 3U);
    EXPECT_EQ(changes[0].kind, Change::Kind::changed);
    EXPECT_FALSE(changes[0].safe);
    EXPECT_EQ(changes[1].kind, Change::Kind::added);
    EXPECT_TRUE(changes[1].safe);
    EXPECT_EQ(changes[2].kind, Change::Kind::removed);
    EXPECT_FALSE(changes[2].safe);
    EXPECT_TRUE(
        compare(table, {column("id", "Int64"), column("name", "String"), column("old", "Nullable(Int8)")}).back().safe);
}

TEST(TestCompare, ANullHasNoPolicy) {
    const auto text = [](const char* from, const char* to) {
        return compare(with({column("c", from)}), {column("c", to)}).at(0).text;
    };
    EXPECT_EQ(
        text("Nullable(Int8)", "Int8"),
        "NULL doesn't fit: make the column Nullable in a new data source, or replace NULL in the query (COALESCE)");
    EXPECT_EQ(
        text("Nullable(Int16)", "Int8"),
        "NULL doesn't fit, and values beyond Int8 don't fit: make a new data source, or replace NULL in the query "
        "(COALESCE) and choose a policy for the other values (--on)");
    EXPECT_EQ(text("Int16", "Int8"),
              "values beyond Int8 don't fit: make a new data source, or choose a policy for such values (--on)");
}

TEST(TestCompare, AdditionsAreNullableAndBehindTheOthers) {
    const Schema table = with({column("new", "Int32"), column("id", "Int64"), column("tags", "Array(String)")});
    const auto changed = with_additions(table, {column("id", "Int64"), column("gone", "Nullable(Int8)")});
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->to_parameter(false),
              "`id` Int64, `gone` Nullable(Int8), `new` Nullable(Int32), `tags` Array(String)");
    EXPECT_FALSE(with_additions(with({column("id", "Int64")}), {column("id", "Int64")}));
}

TEST(TestCompare, NothingIsAddedWhenSomethingWouldBeLost) {
    EXPECT_THROW(static_cast<void>(
                     with_additions(with({column("id", "Int64"), column("new", "Int8")}), {column("id", "Int32")})),
                 errors::SchemaMismatchError);
    EXPECT_THROW(static_cast<void>(with_additions(with({column("p", "Point")}), {column("id", "Nullable(Int32)")})),
                 errors::SchemaMismatchError);
}

}  // namespace
}  // namespace tinybird_cdk::schema
