// SPDX-License-Identifier: Apache-2.0
#include "transfer/column_match.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::transfer {
namespace {

using ::testing::HasSubstr;

std::vector<ResultColumn> query(const std::vector<std::string>& names) {
    std::vector<ResultColumn> columns;
    for (const std::string& name : names) {
        columns.push_back({name, "text", true});
    }
    return columns;
}

schema::Column column(const std::string& name, const char* type, const std::string& jsonpath = {}) {
    schema::Column result;
    result.name = name;
    result.type = schema::Type::parse(type);
    result.jsonpath = jsonpath;
    return result;
}

tinybird::DataSource target(std::vector<schema::Column> columns) {
    tinybird::DataSource source;
    source.name = "events";
    source.columns = std::move(columns);
    return source;
}

std::string message_of(const std::vector<ResultColumn>& source, const tinybird::DataSource& to, Format format) {
    try {
        match_columns(source, to, format);
    } catch (const errors::SchemaMismatchError& error) {
        return std::string(error.what()) + " | " + error.hint();
    }
    return "no error";
}

TEST(TestColumnMatch, SameNamesInTheSameOrderNeedNoHeader) {
    const auto match =
        match_columns(query({"a", "b"}), target({column("a", "Int32"), column("b", "String")}), Format::csv);
    EXPECT_FALSE(match.header);
    EXPECT_EQ(match.columns[0].target, schema::Int32());
    EXPECT_EQ(match.columns[1].target, schema::String());
    EXPECT_TRUE(match.columns[1].valid_utf8);
}

// A .datasource file can't have the name "a b"; the name with a hash is there because of the other column.
TEST(TestColumnMatch, NamesThatTbCantReadAreFoundUnderThoseOfTheDatafile) {
    const auto columns = target({column("a_b_10a3f9f2", "Int32", "$.a_b_10a3f9f2"), column("a_b", "String", "$.a_b"),
                                 column("x_y", "Bool", "$.x_y")});
    for (const Format format : {Format::csv, Format::ndjson, Format::parquet}) {
        const auto match = match_columns(query({"a_b", "a b", "x.y"}), columns, format);
        EXPECT_EQ(match.places, (std::vector<std::string>{"a_b", "a_b_10a3f9f2", "x_y"}));
        EXPECT_EQ(match.columns[1].name, "a_b_10a3f9f2");
        EXPECT_EQ(match.columns[1].target, schema::Int32());
        EXPECT_EQ(match.header, format == Format::csv);
    }
    // Its own name comes first, whoever is asked first.
    const auto new_one =
        match_columns(query({"a b", "a_b"}), target({column("a_b", "Int8"), column("c", "Int8")}), Format::csv);
    EXPECT_EQ(new_one.places, (std::vector<std::string>{"a_b", "c"})) << "by position";
    const auto own =
        match_columns(query({"x.y"}), target({column("x.y", "Bool"), column("x_y", "Nullable(Bool)")}), Format::csv);
    EXPECT_EQ(own.places[0], "x.y");
}

TEST(TestColumnMatch, AnotherOrderIsMatchedByName) {
    const auto match =
        match_columns(query({"b", "a"}), target({column("a", "Int32"), column("b", "String")}), Format::csv);
    EXPECT_TRUE(match.header);
    EXPECT_EQ(match.columns[0].target, schema::String());
    EXPECT_EQ(match.columns[1].target, schema::Int32());
}

TEST(TestColumnMatch, FewerColumnsAreMatchedByName) {
    const auto match =
        match_columns(query({"a"}), target({column("a", "Int32"), column("b", "Nullable(String)")}), Format::csv);
    EXPECT_TRUE(match.header);
}

TEST(TestColumnMatch, OtherNamesGoByPositionInCsv) {
    const auto match =
        match_columns(query({"x", "y"}), target({column("a", "Int32"), column("b", "String")}), Format::csv);
    EXPECT_FALSE(match.header);
    EXPECT_EQ(match.columns[0].target, schema::Int32());
}

TEST(TestColumnMatch, OtherNamesAndAnotherCountAreRefused) {
    const auto to = target({column("a", "Int32"), column("b", "String")});
    EXPECT_THAT(message_of(query({"a", "b", "c"}), to, Format::csv), HasSubstr("\"c\""));
    EXPECT_THAT(message_of(query({"a", "b", "c"}), to, Format::csv), HasSubstr("a, b"));
    EXPECT_THAT(message_of(query({"z"}), to, Format::csv), HasSubstr("1 column(s)"));
}

TEST(TestColumnMatch, NdjsonNeedsEachName) {
    const auto to = target({column("a", "Int32"), column("b", "String")});
    EXPECT_THAT(message_of(query({"a", "c"}), to, Format::ndjson), HasSubstr("\"c\""));
}

TEST(TestColumnMatch, NdjsonGoesByJsonpath) {
    const auto to = target({column("id", "Int32", "$.identifier"), column("tags", "Array(String)", "$.tags[:]"),
                            column("odd", "String", "$.['an odd name']")});
    const auto match = match_columns(query({"identifier", "tags", "an odd name"}), to, Format::ndjson);
    EXPECT_EQ(match.columns[0].target, schema::Int32());
    EXPECT_EQ(match.columns[1].target, schema::Array(schema::String()));
    EXPECT_EQ(match.columns[2].target, schema::String());
    EXPECT_THAT(message_of(query({"id", "tags"}), to, Format::ndjson), HasSubstr("\"id\""));
    EXPECT_THAT(message_of(query({"id", "tags"}), to, Format::ndjson),
                HasSubstr("Columns of \"events\": identifier (for column id), tags, an odd name (for column odd). "));
    EXPECT_THAT(message_of(query({"id", "x"}), to, Format::csv), HasSubstr("Columns of \"events\": id, tags, odd. "));
}

TEST(TestColumnMatch, AColumnThatReadsDeeperMayTakeAnyField) {
    const auto to = target({column("city", "String", "$.address.city")});
    const auto match = match_columns(query({"address"}), to, Format::ndjson);
    EXPECT_FALSE(match.columns[0].target.has_value());
}

TEST(TestColumnMatch, AColumnWithoutAValueMustHaveADefault) {
    EXPECT_THAT(message_of(query({"a"}), target({column("a", "Int32"), column("b", "UInt8")}), Format::ndjson),
                HasSubstr("\"b\" (UInt8)"));
    auto with_default = column("b", "UInt8");
    with_default.default_expr = "1";
    EXPECT_NO_THROW(match_columns(query({"a"}), target({column("a", "Int32"), with_default}), Format::ndjson));
}

TEST(TestColumnMatch, RepeatedNamesAreFineInCsvByPositionOnly) {
    const auto to = target({column("a", "Int32"), column("b", "String")});
    EXPECT_THAT(message_of(query({"a", "a"}), to, Format::ndjson), HasSubstr("two columns named \"a\""));
    EXPECT_FALSE(match_columns(query({"a", "a"}), to, Format::csv).header);
}

TEST(TestColumnMatch, AnUnknownTargetChecksNothing) {
    const auto match = match_columns(query({"a"}), std::nullopt, Format::csv);
    EXPECT_FALSE(match.columns[0].target.has_value());
    EXPECT_FALSE(match.header);
}

TEST(TestColumnMatch, NoColumnsAreRefused) {
    EXPECT_THROW(match_columns({}, std::nullopt, Format::csv), errors::SchemaMismatchError);
}

}  // namespace
}  // namespace tinybird_cdk::transfer
