// SPDX-License-Identifier: Apache-2.0
// What decides whether, and in how many imports, objects that a warehouse writes go into a data source.
#include "transfer/unload_fit.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>

#include "http/gzip.hpp"
#include "transfer/import_parts.hpp"

namespace tinybird_cdk::transfer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ResultColumn column(const std::string& name, const std::string& type) {
    return {.name = name, .source_type = "T", .valid_utf8 = true, .type = schema::Type::parse(type)};
}

tinybird::DataSource target(const std::vector<std::pair<std::string, std::string>>& columns) {
    tinybird::DataSource source;
    source.name = "ds";
    for (const auto& [name, type] : columns) {
        schema::Column one{.name = name, .type = schema::Type::parse(type)};
        one.jsonpath = "$." + name;
        source.columns.push_back(one);
    }
    return source;
}

std::string refusal(const std::string& from, const std::string& to, bool refuses_nulls = false) {
    return fit_unload({column("c", from)}, target({{"c", to}}), Format::ndjson, refuses_nulls).refusal;
}

TEST(TestUnloadFit, TypesThatHoldEverythingFit) {
    for (const auto& [from, to] :
         std::vector<std::pair<std::string, std::string>>{{"Int64", "Int64"},
                                                          {"Int32", "Int64"},
                                                          {"Int64", "Decimal(38, 9)"},
                                                          {"Nullable(String)", "LowCardinality(Nullable(String))"},
                                                          {"Decimal(10, 2)", "Decimal(38, 9)"},
                                                          {"DateTime64(6, 'UTC')", "DateTime64(6)"},
                                                          {"Date32", "Nullable(Date32)"},
                                                          {"Array(Int64)", "Array(Int64)"},
                                                          {"Bool", "Bool"}}) {
        EXPECT_EQ(refusal(from, to), "") << from << " into " << to;
    }
}

TEST(TestUnloadFit, OthersAreNamed) {
    for (const auto& [from, to] :
         std::vector<std::pair<std::string, std::string>>{{"Int64", "UInt8"},
                                                          {"Int64", "UInt64"},
                                                          {"Int64", "Float64"},
                                                          {"Int64", "String"},
                                                          {"Decimal(10, 0)", "Int64"},
                                                          {"Decimal(38, 9)", "Decimal(38, 8)"},
                                                          {"Float64", "Float32"},
                                                          {"Bool", "UInt8"},
                                                          {"String", "UUID"},
                                                          {"String", "FixedString(3)"},
                                                          {"DateTime64(6, 'UTC')", "DateTime64(3)"},
                                                          {"DateTime64(6, 'UTC')", "DateTime64(9)"},
                                                          {"DateTime64(6, 'UTC')", "DateTime64(6, 'Asia/Tokyo')"},
                                                          {"DateTime64(6, 'UTC')", "String"},
                                                          {"Date32", "Date"},
                                                          {"Date32", "DateTime64(6)"},
                                                          {"Array(Int64)", "Array(Int32)"},
                                                          {"Array(Int64)", "Array(String)"},
                                                          {"Nullable(Int64)", "Int64"}}) {
        EXPECT_THAT(refusal(from, to), HasSubstr("column \"c\" (T) goes to " + to + " of \"ds\"")) << from;
    }
}

TEST(TestUnloadFit, TheTypeThatWouldDoIsNamed) {
    EXPECT_THAT(refusal("DateTime64(6, 'UTC')", "DateTime64(3)"),
                HasSubstr("don't fit; DateTime64(6, 'UTC') holds all of its values"));
    EXPECT_THAT(refusal("Nullable(Float64)", "Float32", true), HasSubstr("; Float64 holds all of its values"));
    EXPECT_THAT(refusal("Nullable(Float64)", "Float32"), HasSubstr("; Nullable(Float64) holds all of its values"));
}

TEST(TestUnloadFit, ASourceMayRefuseNullsItself) {
    EXPECT_EQ(refusal("Nullable(Int64)", "Int64", true), "");
    EXPECT_NE(refusal("Nullable(Int64)", "Int32", true), "");
}

TEST(TestUnloadFit, ASourceMayRefuseNumbersItself) {
    const auto refused = [](const std::string& from, const std::string& to, bool refuses_nulls = true) {
        return fit_unload({column("c", from)}, target({{"c", to}}), Format::ndjson, refuses_nulls, true).refusal;
    };
    for (const auto& [from, to] :
         std::vector<std::pair<std::string, std::string>>{{"Nullable(Decimal(38, 9))", "Decimal(10, 2)"},
                                                          {"Int64", "Nullable(UInt8)"},
                                                          {"Int64", "Decimal(5, 2)"},
                                                          {"Array(Decimal(38, 9))", "Array(Decimal(10, 2))"},
                                                          {"Array(Int64)", "Array(Int32)"}}) {
        EXPECT_EQ(refused(from, to), "") << from << " into " << to;
        EXPECT_NE(refusal(from, to, true), "") << from << " into " << to;
    }
    for (const auto& [from, to] :
         std::vector<std::pair<std::string, std::string>>{{"Int64", "Float64"},
                                                          {"Decimal(10, 0)", "Int64"},
                                                          {"Float64", "Float32"},
                                                          {"Int64", "Bool"},
                                                          {"Array(Int64)", "Int64"},
                                                          {"DateTime64(6)", "DateTime64(3)"}}) {
        EXPECT_NE(refused(from, to), "") << from << " into " << to;
    }
    EXPECT_THAT(refused("Nullable(Int64)", "Int8", false), HasSubstr("NULL doesn't fit"));
}

TEST(TestUnloadFit, NullIsNoDefault) {
    tinybird::DataSource source = target({{"c", "Nullable(Int64)"}});
    source.columns[0].default_expr = "7";
    const std::vector<ResultColumn> nulls{column("c", "Nullable(Int64)")};
    EXPECT_THAT(fit_unload(nulls, source, Format::ndjson, true).refusal, HasSubstr("NULL would become its default, 7"));
    EXPECT_NE(fit_unload(nulls, source, Format::csv, true).refusal, "");
    EXPECT_EQ(fit_unload(nulls, source, Format::parquet, true).refusal, "");
    EXPECT_EQ(fit_unload({column("c", "Int64")}, source, Format::ndjson, true).refusal, "");
}

TEST(TestUnloadFit, ColumnsAreWrittenUnderTheNamesOfTheirPlaces) {
    tinybird::DataSource source = target({{"a", "Int64"}, {"b", "Int64"}});
    source.columns[1].jsonpath = "$.odd";
    const std::vector<ResultColumn> swapped{column("odd", "Int64"), column("a", "Int64")};
    const UnloadFit by_path = fit_unload(swapped, source, Format::ndjson, true);
    ASSERT_EQ(by_path.columns.size(), 2U);
    EXPECT_EQ(by_path.columns[0].name, "odd");
    EXPECT_EQ(by_path.columns[0].target, schema::Int64());
    // By position, which a header line would undo if it had the names of the query.
    const UnloadFit by_position = fit_unload({column("x", "Int64"), column("y", "Int64")}, source, Format::csv, true);
    ASSERT_EQ(by_position.columns.size(), 2U);
    EXPECT_EQ(by_position.columns[0].name, "a");
    EXPECT_EQ(by_position.columns[1].name, "b");
    EXPECT_THROW(fit_unload({column("x", "Int64")}, source, Format::ndjson, true), errors::SchemaMismatchError);
}

std::vector<std::size_t> counts(const std::vector<std::uint64_t>& sizes, Format format,
                                std::optional<std::uint64_t> largest, double expansion = 1, std::uint64_t header = 0) {
    std::vector<cloud::Object> objects;
    for (const std::uint64_t size : sizes) {
        objects.push_back({.key = std::to_string(objects.size()), .size = size, .modified = {}, .etag = {}});
    }
    std::vector<std::size_t> result;
    std::size_t next = 0;
    for (const ImportPart& part : import_parts(objects, format, largest, header, expansion)) {
        result.push_back(part.size());
        for (const cloud::Object& object : part) {
            EXPECT_EQ(object.key, std::to_string(next++));
        }
    }
    EXPECT_EQ(next, sizes.size());
    return result;
}

TEST(TestImportParts, AreAsFewAsFit) {
    EXPECT_THAT(counts({4, 4, 4}, Format::csv, std::nullopt), ElementsAre(3));
    EXPECT_THAT(counts({4, 4, 4}, Format::csv, 12), ElementsAre(3));
    EXPECT_THAT(counts({4, 4, 4}, Format::csv, 11), ElementsAre(2, 1));
    EXPECT_THAT(counts({20, 4, 4}, Format::csv, 11), ElementsAre(1, 2));
    EXPECT_THAT(counts({4, 4, 4}, Format::ndjson, 12, 2), ElementsAre(1, 1, 1));
    EXPECT_THAT(counts({4, 4, 4}, Format::parquet, 12), ElementsAre(1, 1, 1));
    EXPECT_THAT(counts({}, Format::csv, 12), ElementsAre());
    // Each import has the header line.
    EXPECT_THAT(counts({4, 4, 4, 4}, Format::csv, 10, 1, 2), ElementsAre(2, 2));
    EXPECT_THAT(counts({4, 4, 4, 4}, Format::csv, 9, 1, 2), ElementsAre(1, 1, 1, 1));
}

TEST(TestExpandedSize, IsThatOfTheText) {
    const std::string text(100'000, 'x');
    const std::string file = http::gzip(text);
    EXPECT_EQ(http::expanded_size(file), text.size());
    EXPECT_EQ(http::expanded_size(file + file), 2 * text.size());
    EXPECT_GT(http::expanded_size(file.substr(0, file.size() / 2)), 0U);
    EXPECT_EQ(http::expanded_size("no gzip"), 0U);
    EXPECT_EQ(http::expanded_size(""), 0U);
}

}  // namespace
}  // namespace tinybird_cdk::transfer
