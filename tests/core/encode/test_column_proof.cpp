// SPDX-License-Identifier: Apache-2.0
// One form for each value, however it is written; what ClickHouse makes of the forms is tested with the connectors.
#include "encode/column_proof.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <xxhash.h>

namespace tinybird_cdk::encode {
namespace {

ColumnStatistics of(const char* type, std::initializer_list<std::string_view> values) {
    ColumnProof proof(schema::Type::parse(type));
    for (const std::string_view value : values) {
        proof.add(value);
    }
    ColumnStatistics statistics;
    proof.report(statistics);
    return statistics;
}

std::uint64_t hash(std::string_view text) {
    return XXH64(text.data(), text.size(), 0);
}

struct Form {
    const char* type;
    std::string_view written;
    std::string_view form;
};

TEST(TestColumnProof, OneFormForEachValue) {
    using std::string_view_literals::operator""sv;
    for (const Form& form : std::initializer_list<Form>{
             {"Int32", "-5", "-5"},
             {"Int32", "-0", "0"},
             {"Int256", "007", "7"},
             {"Decimal(10, 2)", "1", "1.00"},
             {"Decimal(10, 2)", "-0.5", "-0.50"},
             {"Decimal(10, 2)", "-0.000", "0.00"},
             {"Decimal(10, 2)", "12.3400", "12.34"},
             {"Decimal(10, 0)", "12.0", "12"},
             {"Float64", "1", "4607182418800017408"},
             {"Float64", "1e0", "4607182418800017408"},
             {"Float32", "1", "1065353216"},
             {"Float64", "nan", "nan"},
             {"Bool", "1", "true"},
             {"FixedString(4)", "ab\0\0"sv, "ab"},
             {"UUID", "123E4567-E89B-12D3-A456-426614174000", "123e4567-e89b-12d3-a456-426614174000"},
             {"IPv6", "::1", "00000000000000000000000000000001"},
             {"IPv6", "1.2.3.4", "00000000000000000000FFFF01020304"},
             {"DateTime", "2026-01-02 03:04:05.000", "2026-01-02 03:04:05"},
             {"DateTime64(3)", "2026-01-02 03:04:05", "2026-01-02 03:04:05.000"},
             {"DateTime64(6)", "2026-01-02 03:04:05.12", "2026-01-02 03:04:05.120000"},
             {"String", " a ", " a "},
         }) {
        const ColumnStatistics statistics = of(form.type, {form.written});
        EXPECT_TRUE(statistics.comparable) << form.type << " " << form.written;
        EXPECT_EQ(statistics.checksum, hash(form.form)) << form.type << " " << form.written;
    }
}

TEST(TestColumnProof, WhatIsNotClearIsNotCompared) {
    for (const auto& [type, written] : std::initializer_list<std::pair<const char*, std::string_view>>{
             {"Int32", "1.0"},
             {"Int32", ""},
             {"Decimal(10, 2)", "1e3"},
             {"Decimal(10, 2)", "0.123"},
             {"Float64", "1,5"},
             {"Date", "2026-1-2"},
             {"DateTime", "2026-01-02T03:04:05Z"},
             {"DateTime64(3)", "2026-01-02 03:04:05.1234"},
             {"DateTime('Europe/Madrid')", "2026-01-02 03:04:05"},
             {"UUID", "123e4567"},
             {"IPv6", "::x"},
             {"Array(DateTime('Europe/Madrid'))", "[]"},
             {"Array(JSON)", "[]"},
             {"JSON", "{}"},
         }) {
        EXPECT_FALSE(of(type, {written}).comparable) << type << " " << written;
    }
}

TEST(TestColumnProof, BoundsAreThoseOfTheType) {
    const ColumnStatistics numbers = of("Int64", {"9", "-3", "10", "-20"});
    EXPECT_EQ(numbers.lowest, "-20");
    EXPECT_EQ(numbers.highest, "10");
    const ColumnStatistics decimals = of("Decimal(10, 2)", {"-0.5", "0.25", "-0.75"});
    EXPECT_EQ(decimals.lowest, "-0.75");
    EXPECT_EQ(decimals.highest, "0.25");
    const ColumnStatistics reals = of("Float64", {"2", "-1.5", "nan", "10"});
    EXPECT_EQ(reals.lowest, "13832806255468478464");  // the bits of -1.5
    EXPECT_EQ(reals.highest, "4621819117588971520");  // of 10
    const ColumnStatistics texts = of("String", {"b", std::string(100, 'z'), ""});
    EXPECT_EQ(texts.lowest, "");
    EXPECT_EQ(texts.highest, std::string(64, 'z'));
    EXPECT_FALSE(of("Int8", {}).lowest);
    EXPECT_FALSE(of("Float32", {"nan"}).highest);
}

TEST(TestColumnProof, TheOrderOfRowsDoesNotMatter) {
    EXPECT_EQ(of("Int8", {"1", "2", "2"}).checksum, of("Int8", {"2", "1", "2"}).checksum);
    EXPECT_NE(of("Int8", {"1", "2", "2"}).checksum, of("Int8", {"2", "1", "1"}).checksum);
}

}  // namespace
}  // namespace tinybird_cdk::encode
