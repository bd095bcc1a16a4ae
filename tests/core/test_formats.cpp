// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/formats.hpp>

#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk {
namespace {

using ::testing::HasSubstr;

TEST(TestFormats, HaveTheNamesOfTinybirdsParameter) {
    EXPECT_EQ(formats::name(formats::CSV), "csv");
    EXPECT_EQ(formats::name(formats::NDJSON), "ndjson");
    EXPECT_EQ(formats::name(formats::PARQUET), "parquet");
}

TEST(TestFormats, HaveTheContentTypesOfTheImportApi) {
    EXPECT_EQ(formats::content_type(Format::csv), "text/csv");
    EXPECT_EQ(formats::content_type(Format::ndjson), "application/x-ndjson");
    EXPECT_EQ(formats::content_type(Format::parquet), "application/vnd.apache.parquet");
}

TEST(TestFormats, AreReadInAnyCase) {
    for (const Format format : {Format::csv, Format::ndjson, Format::parquet}) {
        EXPECT_EQ(formats::parse(formats::name(format)), format);
    }
    EXPECT_EQ(formats::parse("CSV"), Format::csv);
    EXPECT_EQ(formats::parse("NdJson"), Format::ndjson);
    EXPECT_EQ(formats::parse("jsonl"), Format::ndjson);
    EXPECT_EQ(formats::parse("JSON"), Format::ndjson);
    EXPECT_EQ(formats::parse("Parquet"), Format::parquet);
}

TEST(TestFormats, OthersAreRefusedByName) {
    for (const std::string_view name : {"", "xml", "csv ", "csv.gz", "parq"}) {
        try {
            formats::parse(name);
            ADD_FAILURE() << name << " was taken";
        } catch (const errors::UnsupportedFormatError& error) {
            EXPECT_THAT(error.what(), HasSubstr("\"" + std::string(name) + "\""));
            EXPECT_THAT(error.hint(), HasSubstr("csv, ndjson and parquet"));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::bad_input);
        }
    }
}

struct NameCase {
    std::string key;
    std::optional<Format> format;
    std::string compression = {};
};

class TestFileName : public testing::TestWithParam<NameCase> {};

TEST_P(TestFileName, SaysWhatIsInIt) {
    const formats::FileName name = formats::of_file_name(GetParam().key);
    EXPECT_EQ(name.format, GetParam().format);
    EXPECT_EQ(name.compression, GetParam().compression);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, TestFileName,
    testing::Values(NameCase{"a.csv", Format::csv}, NameCase{"d.x/A.CSV.GZ", Format::csv, "gzip"},
                    NameCase{"a.ndjson.gz", Format::ndjson, "gzip"}, NameCase{"a.jsonl", Format::ndjson},
                    NameCase{"a.json", Format::ndjson}, NameCase{"a.parquet", Format::parquet},
                    NameCase{"a.snappy.parquet", Format::parquet}, NameCase{"a.csv.zst", Format::csv, "zst"},
                    NameCase{"a.gz", std::nullopt, "gzip"}, NameCase{"data_0_0_0", std::nullopt},
                    NameCase{".csv", std::nullopt}, NameCase{"d.csv/part", std::nullopt}, NameCase{"", std::nullopt}));

}  // namespace
}  // namespace tinybird_cdk
