// SPDX-License-Identifier: Apache-2.0
#include "connectors/bigquery/type_map.hpp"

#include <string>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::bigquery {
namespace {

Field field(const std::string& json) {
    return fields_of(Value::from_json(R"({"fields":[)" + json + "]}")).at(0);
}

struct Case {
    std::string json;  ///< without its name
    std::string source;
    std::string target;
};

class TestBigQueryTypes : public ::testing::TestWithParam<Case> {};

TEST_P(TestBigQueryTypes, AreReadAndMapped) {
    const Field read = field(R"({"name":"c",)" + GetParam().json + "}");
    EXPECT_EQ(type_text(read), GetParam().source);
    EXPECT_EQ(suggest_type(read).type.to_string(), GetParam().target);
}

INSTANTIATE_TEST_SUITE_P(
    All, TestBigQueryTypes,
    ::testing::Values(
        Case{R"("type":"INTEGER","mode":"REQUIRED")", "INT64", "Int64"},
        Case{R"("type":"INT64")", "INT64", "Nullable(Int64)"},
        Case{R"("type":"FLOAT","mode":"NULLABLE")", "FLOAT64", "Nullable(Float64)"},
        Case{R"("type":"BOOLEAN","mode":"REQUIRED")", "BOOL", "Bool"},
        Case{R"("type":"STRING","maxLength":"10","mode":"REQUIRED")", "STRING(10)", "String"},
        Case{R"("type":"BYTES","mode":"REQUIRED")", "BYTES", "String"},
        Case{R"("type":"NUMERIC","mode":"REQUIRED")", "NUMERIC", "Decimal(38, 9)"},
        Case{R"("type":"NUMERIC","precision":"10","scale":"2","mode":"REQUIRED")", "NUMERIC(10, 2)", "Decimal(10, 2)"},
        Case{R"("type":"NUMERIC","precision":"29","mode":"REQUIRED")", "NUMERIC(29)", "Decimal(29, 0)"},
        Case{R"("type":"BIGNUMERIC","mode":"REQUIRED")", "BIGNUMERIC", "Decimal(76, 38)"},
        Case{R"("type":"BIGNUMERIC","precision":"76","scale":"38","mode":"REQUIRED")", "BIGNUMERIC(76, 38)",
             "Decimal(76, 38)"},
        Case{R"("type":"DATE","mode":"REQUIRED")", "DATE", "Date32"},
        Case{R"("type":"TIME","mode":"REQUIRED")", "TIME", "String"},
        Case{R"("type":"DATETIME","mode":"REQUIRED")", "DATETIME", "DateTime64(6)"},
        Case{R"("type":"TIMESTAMP","mode":"REQUIRED")", "TIMESTAMP", "DateTime64(6, 'UTC')"},
        Case{R"("type":"TIMESTAMP","timestampPrecision":"12","mode":"REQUIRED")", "TIMESTAMP(12)", "String"},
        Case{R"("type":"GEOGRAPHY","mode":"REQUIRED")", "GEOGRAPHY", "String"},
        Case{R"("type":"JSON","mode":"REQUIRED")", "JSON", "String"},
        Case{R"("type":"INTERVAL")", "INTERVAL", "Nullable(String)"},
        Case{R"("type":"RANGE","rangeElementType":{"type":"DATE"},"mode":"REQUIRED")", "RANGE<DATE>", "String"},
        Case{
            R"("type":"RECORD","fields":[{"name":"a","type":"INTEGER"},{"name":"b","type":"STRING","mode":"REPEATED"}])",
            "STRUCT<a INT64, b ARRAY<STRING>>", "Nullable(String)"},
        Case{R"("type":"INTEGER","mode":"REPEATED")", "ARRAY<INT64>", "Array(Int64)"},
        Case{R"("type":"NUMERIC","precision":"5","scale":"1","mode":"REPEATED")", "ARRAY<NUMERIC(5, 1)>",
             "Array(Decimal(5, 1))"},
        Case{R"("type":"TIMESTAMP","mode":"REPEATED")", "ARRAY<TIMESTAMP>", "Array(DateTime64(6, 'UTC'))"},
        Case{R"("type":"RECORD","mode":"REPEATED","fields":[{"name":"a","type":"BOOLEAN"}])", "ARRAY<STRUCT<a BOOL>>",
             "String"},
        Case{R"("type":"NEW_KIND")", "NEW_KIND", "Nullable(String)"}));

TEST(TestBigQueryFields, WhatIsNoSchemaIsRefused) {
    EXPECT_THROW(fields_of(Value::from_json("{}")), errors::ExternalDatasourceError);
    EXPECT_THROW(fields_of(Value::from_json(R"({"fields":[{"name":"c"}]})")), errors::ExternalDatasourceError);
    EXPECT_THROW(fields_of(Value::from_json(R"({"fields":[{"name":"c","type":"RECORD"}]})")),
                 errors::ExternalDatasourceError);
}

TEST(TestBigQueryTypesRemarks, SayWhatDoesNotFit) {
    EXPECT_EQ(suggest_type(field(R"({"name":"c","type":"BIGNUMERIC"})")).remark,
              "values of 10^38 and beyond don't fit");
    EXPECT_EQ(suggest_type(field(R"({"name":"c","type":"DATE"})")).remark, "years 1900 to 2299");
    EXPECT_EQ(suggest_type(field(R"({"name":"c","type":"INTEGER"})")).remark, "");
}

}  // namespace
}  // namespace tinybird_cdk::bigquery
