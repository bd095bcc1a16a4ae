// SPDX-License-Identifier: Apache-2.0
#include "connectors/bigquery/export_sql.hpp"

#include <gmock/gmock.h>

namespace tinybird_cdk::bigquery {
namespace {

using ::testing::HasSubstr;

std::string notation(const std::string& type, Format format, bool repeated = false) {
    return in_our_notation("Q", {{.name = "c", .type = type, .repeated = repeated}}, format);
}

TEST(TestBigQueryExportSql, WhatIsWrittenAsWeDoStaysAsItIs) {
    for (const char* const type : {"INT64", "FLOAT64", "BOOL", "STRING"}) {
        EXPECT_EQ(notation(type, Format::csv), "SELECT `c`\nFROM (\nQ\n)") << type;
        EXPECT_EQ(notation(type, Format::ndjson, true), "SELECT `c`\nFROM (\nQ\n)") << type;
    }
}

TEST(TestBigQueryExportSql, OtherTypesAreText) {
    EXPECT_THAT(notation("TIMESTAMP", Format::csv), HasSubstr("FORMAT_TIMESTAMP('%F %H:%M:%E6S', `c`, 'UTC') AS `c`"));
    EXPECT_THAT(notation("DATETIME", Format::csv), HasSubstr("FORMAT_DATETIME('%F %H:%M:%E6S', `c`) AS `c`"));
    EXPECT_THAT(notation("BYTES", Format::ndjson), HasSubstr("TO_BASE64(`c`) AS `c`"));
    EXPECT_THAT(notation("GEOGRAPHY", Format::ndjson), HasSubstr("ST_ASTEXT(`c`) AS `c`"));
    EXPECT_THAT(notation("NUMERIC", Format::ndjson), HasSubstr("CAST(`c` AS STRING) AS `c`"));
    EXPECT_THAT(notation("STRUCT", Format::ndjson), HasSubstr("IF(`c` IS NULL, NULL, TO_JSON_STRING(`c`)) AS `c`"));
}

TEST(TestBigQueryExportSql, ArraysKeepTheirOrder) {
    EXPECT_THAT(notation("DATE", Format::ndjson, true),
                HasSubstr("ARRAY(SELECT CAST(x AS STRING) FROM UNNEST(`c`) AS x WITH OFFSET AS o ORDER BY o) AS `c`"));
    EXPECT_THAT(notation("INT64", Format::csv, true),
                HasSubstr("ARRAY(SELECT CAST(x AS STRING) FROM UNNEST(`c`) AS x WITH OFFSET AS o ORDER BY o), ',')"));
    EXPECT_THAT(notation("STRING", Format::csv, true), HasSubstr(R"(REPLACE(REPLACE(x, "\\", "\\\\"), "'", "\\'"))"));
    EXPECT_THAT(notation("STRUCT", Format::csv, true), HasSubstr("IF(`c` IS NULL, '[]', TO_JSON_STRING(`c`)) AS `c`"));
}

TEST(TestBigQueryExportSql, AQueryMayEndInASemicolonOrAComment) {
    EXPECT_EQ(in_our_notation("SELECT 1 AS c ; \n", {{.name = "c", .type = "INT64"}}, Format::csv),
              "SELECT `c`\nFROM (\nSELECT 1 AS c\n)");
    EXPECT_EQ(in_our_notation("SELECT 1 AS c -- one", {{.name = "c", .type = "INT64"}}, Format::csv),
              "SELECT `c`\nFROM (\nSELECT 1 AS c -- one\n)");
}

TEST(TestBigQueryExportSql, TheStatementNamesFormatAndPlace) {
    EXPECT_EQ(export_statement("gs://b/d/", Format::csv, "Q"),
              "EXPORT DATA OPTIONS (uri = 'gs://b/d/part-*.csv', format = 'CSV', header = true) AS\nQ");
    EXPECT_EQ(export_statement("gs://b/d/", Format::ndjson, "Q"),
              "EXPORT DATA OPTIONS (uri = 'gs://b/d/part-*.ndjson.gz', format = 'JSON', compression = 'GZIP') AS\nQ");
    EXPECT_THAT(export_statement("gs://b/it's/", Format::csv, "Q"), HasSubstr(R"('gs://b/it\'s/part-*.csv')"));
}

TEST(TestBigQueryExportSql, WhatCantBeWrittenIsNamed) {
    EXPECT_EQ(not_exportable({{.name = "c", .type = "INT64"}}, Format::ndjson), "");
    EXPECT_THAT(not_exportable({{.name = "c", .type = "INTERVAL"}}, Format::csv), HasSubstr("\"c\""));
    EXPECT_THAT(not_exportable({{.name = "c", .type = "INT64"}}, Format::parquet), HasSubstr("Parquet"));
}

}  // namespace
}  // namespace tinybird_cdk::bigquery
