// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/type_map.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tinybird_cdk::sqlite {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

ColumnProfile of_integers(std::initializer_list<std::int64_t> values) {
    ColumnProfile profile;
    for (const std::int64_t value : values) {
        profile.see_integer(value);
    }
    return profile;
}

ColumnProfile of_texts(std::initializer_list<std::string_view> values) {
    ColumnProfile profile;
    for (const std::string_view value : values) {
        profile.see_text(value);
    }
    return profile;
}

/// The suggestion for a column that is declared NOT NULL, so that only the type itself is compared.
Suggestion suggest(const std::string& declared, const ColumnProfile& profile) {
    return suggest_type({"c", declared, true, false}, profile);
}

std::string type(const std::string& declared, const ColumnProfile& profile) {
    return suggest(declared, profile).type.to_string();
}

// The examples of https://www.sqlite.org/datatype3.html, section 3.1.1.
TEST(TestTypeMap, Affinities) {
    for (const std::string_view declared : {"INT", "INTEGER", "TINYINT", "SMALLINT", "MEDIUMINT", "BIGINT",
                                            "UNSIGNED BIG INT", "INT2", "int8", "CHARINT", "FLOATING POINT"}) {
        EXPECT_EQ(affinity_of(declared), Affinity::integer) << declared;
    }
    for (const std::string_view declared : {"CHARACTER(20)", "VARCHAR(255)", "NCHAR(55)", "text", "CLOB"}) {
        EXPECT_EQ(affinity_of(declared), Affinity::text) << declared;
    }
    for (const std::string_view declared : {"BLOB", ""}) {
        EXPECT_EQ(affinity_of(declared), Affinity::blob) << declared;
    }
    for (const std::string_view declared : {"REAL", "DOUBLE", "DOUBLE PRECISION", "FLOAT"}) {
        EXPECT_EQ(affinity_of(declared), Affinity::real) << declared;
    }
    for (const std::string_view declared : {"NUMERIC", "DECIMAL(10,5)", "BOOLEAN", "DATE", "DATETIME", "STRING"}) {
        EXPECT_EQ(affinity_of(declared), Affinity::numeric) << declared;
    }
}

TEST(TestTypeMap, IntegersAreInt64WhateverIsDeclared) {
    for (const char* declared : {"INTEGER", "TINYINT", "TEXT", "", "NUMERIC", "DATE"}) {
        EXPECT_EQ(type(declared, of_integers({0, 1, INT64_MAX})), "Int64") << declared;
    }
}

TEST(TestTypeMap, OnlyDeclaredBooleansOfZeroAndOneAreBool) {
    EXPECT_EQ(type("BOOLEAN", of_integers({0, 1, 1})), "Bool");
    EXPECT_EQ(type("bool", of_integers({0})), "Bool");
    EXPECT_EQ(type("BOOLEAN", of_integers({0, 1, 2})), "Int64");
    EXPECT_EQ(type("BOOLEAN", of_integers({-1})), "Int64");
    EXPECT_EQ(type("INTEGER", of_integers({0, 1})), "Int64");
    EXPECT_EQ(type("BOOLEAN", of_texts({"true"})), "String");
}

TEST(TestTypeMap, DecimalsThatHappenToBeWholeStayOpenForFractions) {
    EXPECT_EQ(type("DECIMAL(10,2)", of_integers({5, 10})), "Float64");
    EXPECT_EQ(type("DECIMAL(20,2)", of_integers({9007199254740993})), "Int64");
    EXPECT_EQ(type("DECIMAL(10)", of_integers({5})), "Int64");
}

TEST(TestTypeMap, RealsAndExactIntegersAreFloat64) {
    ColumnProfile reals;
    reals.see_real();
    EXPECT_EQ(type("REAL", reals), "Float64");
    reals.see_integer(9007199254740992);
    const Suggestion mixed = suggest("NUMERIC", reals);
    EXPECT_EQ(mixed.type.to_string(), "Float64");
    EXPECT_THAT(mixed.remark, HasSubstr("1 integer, 1 real"));
    reals.see_integer(9007199254740993);
    const Suggestion lossy = suggest("NUMERIC", reals);
    EXPECT_EQ(lossy.type.to_string(), "String");
    EXPECT_THAT(lossy.remark, HasSubstr("2 integers, 1 real"));
}

TEST(TestTypeMap, MixedColumnsAreString) {
    ColumnProfile profile = of_integers({1, 2});
    profile.see_text("x");
    const Suggestion suggestion = suggest("INTEGER", profile);
    EXPECT_EQ(suggestion.type.to_string(), "String");
    EXPECT_THAT(suggestion.remark, HasSubstr("2 integers, 1 text"));
    EXPECT_THAT(suggestion.remark, ::testing::Not(HasSubstr("base64")));
    profile.see_blob();
    EXPECT_THAT(suggest("INTEGER", profile).remark, HasSubstr("base64"));
}

TEST(TestTypeMap, BlobsAreBase64) {
    ColumnProfile profile;
    profile.see_blob();
    const Suggestion suggestion = suggest("BLOB", profile);
    EXPECT_EQ(suggestion.type.to_string(), "String");
    EXPECT_THAT(suggestion.remark, HasSubstr("base64"));
}

TEST(TestTypeMap, TextIsStringUnlessADateIsDeclared) {
    EXPECT_EQ(type("TEXT", of_texts({"2024-01-01"})), "String");
    EXPECT_EQ(type("DATE", of_texts({"2024-01-01", "1900-01-01", "2299-12-31"})), "Date32");
    EXPECT_EQ(type("DATE", of_texts({"2024-01-01", "soon"})), "String");
    EXPECT_EQ(type("DATE", of_texts({"1899-12-31"})), "String");
    EXPECT_EQ(type("DATE", of_texts({"2300-01-01"})), "String");
    EXPECT_EQ(type("JSON", of_texts({"{}"})), "String");
    EXPECT_THAT(suggest("TEXT", of_texts({"x"})).remark, IsEmpty());
}

TEST(TestTypeMap, DatesWithATimeAreDateTime64) {
    EXPECT_EQ(type("DATETIME", of_texts({"2024-01-01 10:00:00"})), "DateTime64(3)");
    EXPECT_EQ(type("TIMESTAMP", of_texts({"2024-01-01T10:00:00.123456"})), "DateTime64(6)");
    EXPECT_EQ(type("timestamp", of_texts({"2024-01-01 10:00:00.1234567"})), "DateTime64(9)");
    EXPECT_EQ(type("TIMESTAMP", of_texts({"2262-01-01 10:00:00.1234567"})), "String");
    EXPECT_EQ(type("DATETIME", of_texts({"2024-01-01 10:00:00Z"})), "String");
    const Suggestion mixed = suggest("DATE", of_texts({"2024-01-01", "2024-01-01 10:00:00"}));
    EXPECT_EQ(mixed.type.to_string(), "DateTime64(3)");
    EXPECT_THAT(mixed.remark, HasSubstr("midnight"));
    EXPECT_EQ(type("DATETIME", of_texts({"2024-01-01"})), "DateTime64(3)");
}

TEST(TestTypeMap, AnEmptyColumnGoesByItsDeclaration) {
    const ColumnProfile nothing;
    EXPECT_EQ(type("INTEGER", nothing), "Int64");
    EXPECT_EQ(type("DOUBLE", nothing), "Float64");
    EXPECT_EQ(type("DECIMAL(10,2)", nothing), "Float64");
    EXPECT_EQ(type("VARCHAR(10)", nothing), "String");
    EXPECT_EQ(type("BLOB", nothing), "String");
    EXPECT_EQ(type("", nothing), "String");
    EXPECT_EQ(type("BOOLEAN", nothing), "Bool");
    EXPECT_EQ(type("DATE", nothing), "String");
    EXPECT_THAT(suggest("INTEGER", nothing).remark, HasSubstr("no value"));
}

TEST(TestTypeMap, NullableUnlessDeclaredOtherwise) {
    ColumnProfile profile = of_integers({1});
    EXPECT_TRUE(suggest_type({"c", "INTEGER", false, false}, profile).type.nullable());
    EXPECT_FALSE(suggest_type({"c", "INTEGER", true, false}, profile).type.nullable());
    profile.see_null();
    EXPECT_TRUE(suggest_type({"c", "INTEGER", true, false}, profile).type.nullable());
}

}  // namespace
}  // namespace tinybird_cdk::sqlite
