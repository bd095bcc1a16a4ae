// SPDX-License-Identifier: Apache-2.0
#include "connectors/bigquery/export_sql.hpp"

#include <optional>
#include <string>

#include <gmock/gmock.h>

namespace tinybird_cdk::bigquery {
namespace {

using ::testing::HasSubstr;

using ::testing::Not;

std::string notation(const std::string& type, Format format, bool repeated = false) {
    return in_our_notation("Q", {{.name = "c", .type = type, .repeated = repeated}}, {{"c", std::nullopt, true}},
                           format);
}

TEST(TestBigQueryExportSql, WhatIsWrittenAsWeDoStaysAsItIs) {
    for (const char* const type : {"INT64", "BOOL", "STRING"}) {
        EXPECT_EQ(notation(type, Format::csv), "SELECT `c`\nFROM (\nQ\n)") << type;
        EXPECT_EQ(notation(type, Format::ndjson), "SELECT `c`\nFROM (\nQ\n)") << type;
    }
}

TEST(TestBigQueryExportSql, OtherTypesAreText) {
    EXPECT_THAT(notation("TIMESTAMP", Format::csv), HasSubstr("FORMAT_TIMESTAMP('%F %H:%M:%E6S', IF(`c` < "));
    EXPECT_THAT(notation("DATETIME", Format::csv), HasSubstr("FORMAT_DATETIME('%F %H:%M:%E6S', IF(`c` < "));
    EXPECT_THAT(notation("BYTES", Format::ndjson), HasSubstr("TO_BASE64(`c`) AS `c`"));
    EXPECT_THAT(notation("GEOGRAPHY", Format::ndjson), HasSubstr("ST_ASTEXT(`c`) AS `c`"));
    EXPECT_THAT(notation("NUMERIC", Format::ndjson), HasSubstr("CAST(`c` AS STRING) AS `c`"));
    EXPECT_THAT(notation("JSON", Format::ndjson), HasSubstr("IF(`c` IS NULL, NULL, TO_JSON_STRING(`c`)) AS `c`"));
}

TEST(TestBigQueryExportSql, BoundsOfRangesHaveTheDigitsThatTheyNeed) {
    const auto range = [](const char* element) {
        return in_our_notation("Q", {{.name = "c", .type = "RANGE", .range_element = element}},
                               {{"c", std::nullopt, true}}, Format::ndjson);
    };
    EXPECT_THAT(range("DATE"), HasSubstr("IF(`c` IS NULL, NULL, CONCAT('[', IFNULL(CAST(RANGE_START(`c`) AS STRING), "
                                         "'UNBOUNDED'), ', ', "));
    EXPECT_THAT(range("DATETIME"),
                HasSubstr("IFNULL(RTRIM(RTRIM(FORMAT_DATETIME('%E4Y-%m-%d %H:%M:%E6S', RANGE_END(`c`)), '0'), '.')"));
    EXPECT_THAT(range("TIMESTAMP"), HasSubstr("RANGE_END(`c`), 'UTC'), '0'), '.'), '+00'), 'UNBOUNDED'), ')'))"));
}

TEST(TestBigQueryExportSql, NullInAnArrayFails) {
    EXPECT_THAT(notation("INT64", Format::ndjson, true),
                HasSubstr(R"(IF(x IS NULL, ERROR('data refused: column "c" has NULL in an array'), x))"));
}

TEST(TestBigQueryExportSql, ArraysKeepTheirOrder) {
    EXPECT_THAT(notation("DATE", Format::ndjson, true),
                HasSubstr("FROM UNNEST(`c`) AS x WITH OFFSET AS o ORDER BY o) AS `c`"));
    EXPECT_THAT(notation("INT64", Format::csv, true),
                HasSubstr("CAST(x AS STRING)) FROM UNNEST(`c`) AS x WITH OFFSET AS o ORDER BY o), ',')"));
    EXPECT_THAT(notation("STRING", Format::csv, true), HasSubstr(R"(REPLACE(REPLACE(x, "\\", "\\\\"), "'", "\\'"))"));
}

TEST(TestBigQueryExportSql, RecordsAreJsonThatIsPutTogether) {
    const Field record{
        .name = "c",
        .type = "STRUCT",
        .fields = {{.name = "it's", .type = "INT64"}, {.name = "w", .type = "STRING", .repeated = true}}};
    EXPECT_THAT(
        in_our_notation("Q", {record}, {{"c", std::nullopt, true}}, Format::ndjson),
        HasSubstr("IF(`c` IS NULL, NULL, CONCAT('{\"it\\'s\":', IF(`c`.`it's` IS NULL, 'null', CAST(`c`.`it's` AS "
                  "STRING)), ',\"w\":', CONCAT('[', IFNULL(ARRAY_TO_STRING(ARRAY(SELECT IF(x0 IS NULL, 'null', "
                  "TO_JSON_STRING(x0)) FROM UNNEST(`c`.`w`) AS x0 WITH OFFSET AS o0 ORDER BY o0), ','), ''), "
                  "']'), '}'))"));
}

TEST(TestBigQueryExportSql, AQueryMayEndInASemicolonOrAComment) {
    EXPECT_EQ(in_our_notation("SELECT 1 AS c ; \n", {{.name = "c", .type = "INT64"}}, {{"c", std::nullopt, true}},
                              Format::csv),
              "SELECT `c`\nFROM (\nSELECT 1 AS c\n)");
    EXPECT_EQ(in_our_notation("SELECT 1 AS c -- one", {{.name = "c", .type = "INT64"}}, {{"c", std::nullopt, true}},
                              Format::csv),
              "SELECT `c`\nFROM (\nSELECT 1 AS c\n)");
}

TEST(TestBigQueryExportSql, TheStatementNamesFormatAndPlace) {
    EXPECT_EQ(export_statement("gs://b/d/", Format::csv, "Q"),
              "EXPORT DATA OPTIONS (uri = 'gs://b/d/part-*.csv', format = 'CSV', header = false) AS\nQ");
    EXPECT_EQ(export_statement("gs://b/d/", Format::ndjson, "Q"),
              "EXPORT DATA OPTIONS (uri = 'gs://b/d/part-*.ndjson.gz', format = 'JSON', compression = 'GZIP') AS\nQ");
    EXPECT_THAT(export_statement("gs://b/it's/", Format::csv, "Q"), HasSubstr(R"('gs://b/it\'s/part-*.csv')"));
}

TEST(TestBigQueryExportSql, ParquetHasTypesOfItsOwn) {
    EXPECT_EQ(notation("NUMERIC", Format::parquet), "SELECT `c`\nFROM (\nQ\n)");
    EXPECT_THAT(notation("TIMESTAMP", Format::parquet), Not(HasSubstr("FORMAT_TIMESTAMP")));
    EXPECT_THAT(export_statement("gs://b/d/", Format::parquet, "Q"), HasSubstr("format = 'PARQUET'"));
}

TEST(TestBigQueryExportSql, WhatTheTargetCantHoldFails) {
    const auto into = [](const Field& field, const schema::Type& target, Format format) {
        return in_our_notation("Q", {field}, {{"t", target, true}}, format);
    };
    const std::string date = into({.name = "c", .type = "DATE"}, schema::Date32(), Format::ndjson);
    EXPECT_THAT(date, HasSubstr("IF(`c` IS NULL, ERROR('data refused: column \"c\" has NULL, and its place in the data "
                                "source takes none'), "));
    EXPECT_THAT(date, HasSubstr("IF(`c` < DATE '1900-01-01' OR `c` > DATE '2299-12-31', ERROR("));
    EXPECT_THAT(date, HasSubstr(" AS `t`"));
    EXPECT_THAT(into({.name = "c", .type = "INT64"}, schema::Nullable(schema::Int64()), Format::ndjson),
                Not(HasSubstr("ERROR")));
    // Whether a join or a wildcard table may keep that mode is not documented.
    EXPECT_THAT(into({.name = "c", .type = "INT64", .required = true}, schema::Int64(), Format::ndjson),
                HasSubstr("has NULL, and its place"));
    EXPECT_THAT(notation("FLOAT64", Format::ndjson), HasSubstr("IF(IS_NAN(`c`) OR IS_INF(`c`), ERROR("));
    EXPECT_EQ(notation("FLOAT64", Format::parquet), "SELECT `c`\nFROM (\nQ\n)");
    EXPECT_THAT(notation("BIGNUMERIC", Format::ndjson), HasSubstr("CAST(ABS(`c`) AS STRING), '.'), '.') > 39"));
}

TEST(TestBigQueryExportSql, NumbersAreComparedWithWhatANarrowerTypeHolds) {
    const auto into = [](const Field& field, const schema::Type& target) {
        const schema::Type type = field.repeated ? schema::Array(target) : target.with_nullable(true);
        return in_our_notation("Q", {field}, {{"t", type, true}}, Format::ndjson);
    };
    EXPECT_THAT(into({.name = "c", .type = "NUMERIC"}, schema::Decimal(10, 2)),
                HasSubstr("IF(`c` <= NUMERIC '-100000000' OR `c` >= NUMERIC '100000000' OR `c` != TRUNC(`c`, 2), "
                          "ERROR(CONCAT('data refused: column \"c\": the value ', CAST(`c` AS STRING), ' does not fit "
                          "into Decimal(10, 2) of the data source')), `c`)"));
    EXPECT_THAT(into({.name = "c", .type = "NUMERIC"}, schema::Decimal(38, 9)), Not(HasSubstr("ERROR")));
    EXPECT_THAT(into({.name = "c", .type = "NUMERIC", .precision = 10, .scale = 2}, schema::Decimal(10, 2)),
                Not(HasSubstr("ERROR")));
    EXPECT_THAT(into({.name = "c", .type = "NUMERIC", .precision = 10, .scale = 2}, schema::Decimal(10, 1)),
                HasSubstr("IF(`c` != TRUNC(`c`, 1), "));
    EXPECT_THAT(into({.name = "c", .type = "BIGNUMERIC"}, schema::Decimal(3, 0)),
                HasSubstr("IF(`c` <= BIGNUMERIC '-1000' OR `c` >= BIGNUMERIC '1000' OR `c` != TRUNC(`c`, 0), "));
    EXPECT_THAT(into({.name = "c", .type = "INT64"}, schema::UInt8()), HasSubstr("IF(`c` < 0 OR `c` > 255, "));
    EXPECT_THAT(into({.name = "c", .type = "INT64"}, schema::Int8()), HasSubstr("IF(`c` < -128 OR `c` > 127, "));
    EXPECT_THAT(into({.name = "c", .type = "INT64"}, schema::UInt64()), HasSubstr("IF(`c` < 0, "));
    EXPECT_THAT(into({.name = "c", .type = "INT64"}, schema::Int128()), Not(HasSubstr("ERROR")));
    EXPECT_THAT(into({.name = "c", .type = "INT64"}, schema::Decimal(5, 2)),
                HasSubstr("IF(`c` <= -1000 OR `c` >= 1000, "));
    EXPECT_THAT(into({.name = "c", .type = "INT64", .repeated = true}, schema::UInt8()),
                HasSubstr("IF(x < 0 OR x > 255, "));
}

TEST(TestBigQueryExportSql, WhatCantBeWrittenIsNamed) {
    EXPECT_EQ(not_exportable({{.name = "c", .type = "INT64"}}, Format::csv), "");
    EXPECT_EQ(not_exportable({{.name = "c", .type = "STRING"}}, Format::ndjson), "");
    EXPECT_EQ(not_exportable({{.name = "c", .type = "STRING"}}, Format::parquet), "");
    EXPECT_EQ(not_exportable({{.name = "c", .type = "STRING", .repeated = true}}, Format::csv), "");
    EXPECT_THAT(not_exportable({{.name = "c", .type = "STRING"}}, Format::csv), HasSubstr("\"c\""));
    EXPECT_THAT(not_exportable({{.name = "c", .type = "INTERVAL"}}, Format::ndjson), HasSubstr("\"c\""));
    EXPECT_THAT(not_exportable({{.name = "c", .type = "STRUCT", .fields = {{.name = "v", .type = "INTERVAL"}}}},
                               Format::ndjson),
                HasSubstr("\"c\""));
    EXPECT_THAT(not_exportable({{.name = "c", .type = "TIMESTAMP", .timestamp_precision = 12}}, Format::ndjson),
                HasSubstr("six digits"));
    EXPECT_THAT(not_exportable({{.name = "c", .type = "BIGNUMERIC"}}, Format::parquet), HasSubstr("Parquet"));
    EXPECT_THAT(not_exportable({{.name = "c", .type = "HYPERCUBE"}}, Format::ndjson), HasSubstr("HYPERCUBE"));
    EXPECT_THAT(not_exportable({{.name = "f0_", .type = "INT64"}}, Format::ndjson), HasSubstr("no name"));
}

}  // namespace
}  // namespace tinybird_cdk::bigquery
