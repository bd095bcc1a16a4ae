// SPDX-License-Identifier: Apache-2.0
//
// Every type of DuckDB with its edge values, through both formats into Tinybird and back, compared value by value.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/sql/duckdb/duckdb_file.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using testing::DuckdbFile;
using ::testing::HasSubstr;
using testing::Target;

/// A literal of the source, and what the data source then shows.
struct Case {
    std::string literal;
    std::optional<std::string> expected;
};

/// Text is compared as hexadecimal digits: no notation on the way back can hide a difference.
std::string hex(const std::string& bytes) {
    std::string digits;
    for (const char byte : bytes) {
        digits += fmt::format("{:02X}", static_cast<unsigned char>(byte));
    }
    return digits;
}

class TestDuckdbValues : public ::testing::TestWithParam<Format> {
protected:
    void store(const std::string& type, const std::vector<std::string>& literals) {
        std::string sql =
            fmt::format("CREATE OR REPLACE TABLE t AS SELECT * FROM (SELECT 0 AS id, CAST(NULL AS {}) AS v", type);
        int id = 1;
        for (const std::string& literal : literals) {
            sql += fmt::format(" UNION ALL SELECT {}, CAST({} AS {})", id++, literal, type);
        }
        file.execute(sql + ") WHERE id > 0");
    }
    LoadResult load(Target& target, const schema::Schema& schema) {
        const auto connector = file.connector();
        return connector->append(connector->ingest_query(schema), target.name(), options());
    }
    [[nodiscard]] LoadOptions options() const {
        LoadOptions options;
        options.format = GetParam();
        options.on_quarantine = tinybird::OnQuarantine::fail;
        return options;
    }
    [[nodiscard]] schema::Schema suggested() const {
        return file.connector()->suggest_schema({{"schema", "main"}, {"table", "t"}});
    }

    /// Stores the values in a column, suggests its schema, loads it, reads it back and compares.
    void expect_loaded(const std::string& type, const std::string& wanted_type, const std::vector<Case>& cases,
                       const std::string& expression = "toString(v)") {
        std::vector<std::string> literals;
        for (const Case& one : cases) {
            literals.push_back(one.literal);
        }
        store(type, literals);
        const schema::Schema schema = suggested();
        EXPECT_EQ(schema.columns.at(1).type.to_string(), wanted_type);
        Target target(schema);
        EXPECT_EQ(load(target, schema).rows, cases.size());
        const ResultSet loaded = target.query(expression + " AS w", "ORDER BY id");
        ASSERT_EQ(loaded.size(), cases.size());
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const Value& value = loaded[i].at(0).second;
            EXPECT_EQ(value.is_null(), !cases[i].expected) << type << ": " << cases[i].literal;
            EXPECT_EQ(value.is_null() ? "" : value.to_text(), cases[i].expected.value_or(""))
                << type << ": " << cases[i].literal;
        }
    }
    void expect_refused(const std::string& type, const std::string& literal) {
        store(type, {literal});
        const schema::Schema schema = suggested();
        Target target(schema);
        EXPECT_THROW(load(target, schema), errors::RefusedValueError) << type << ": " << literal;
        EXPECT_EQ(target.text("count()"), "0");
    }

    DuckdbFile file;
};

INSTANTIATE_TEST_SUITE_P(Formats, TestDuckdbValues, ::testing::Values(Format::csv, Format::ndjson, Format::parquet),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

TEST_P(TestDuckdbValues, Booleans) {
    expect_loaded("BOOLEAN", "Nullable(Bool)", {{"true", "true"}, {"false", "false"}, {"NULL", {}}});
}

TEST_P(TestDuckdbValues, Integers) {
    expect_loaded("TINYINT", "Nullable(Int8)", {{"-128", "-128"}, {"127", "127"}, {"NULL", {}}});
    expect_loaded("UTINYINT", "Nullable(UInt8)", {{"0", "0"}, {"255", "255"}, {"NULL", {}}});
    expect_loaded("SMALLINT", "Nullable(Int16)", {{"-32768", "-32768"}, {"32767", "32767"}});
    expect_loaded("USMALLINT", "Nullable(UInt16)", {{"65535", "65535"}});
    expect_loaded("INTEGER", "Nullable(Int32)", {{"-2147483648", "-2147483648"}, {"2147483647", "2147483647"}});
    expect_loaded("UINTEGER", "Nullable(UInt32)", {{"4294967295", "4294967295"}});
    expect_loaded("BIGINT", "Nullable(Int64)",
                  {{"'-9223372036854775808'", "-9223372036854775808"},
                   {"9223372036854775807", "9223372036854775807"},
                   {"9007199254740993", "9007199254740993"},
                   {"NULL", {}}});
    expect_loaded("UBIGINT", "Nullable(UInt64)", {{"18446744073709551615", "18446744073709551615"}, {"0", "0"}});
    expect_loaded("HUGEINT", "Nullable(Int128)",
                  {{"'-170141183460469231731687303715884105728'", "-170141183460469231731687303715884105728"},
                   {"'170141183460469231731687303715884105727'", "170141183460469231731687303715884105727"},
                   {"-1", "-1"},
                   {"0", "0"},
                   {"NULL", {}}});
    expect_loaded("UHUGEINT", "Nullable(UInt128)",
                  {{"'340282366920938463463374607431768211455'", "340282366920938463463374607431768211455"},
                   {"0", "0"},
                   {"NULL", {}}});
    const std::string large(200, '7');
    expect_loaded("BIGNUM", "Nullable(String)",
                  {{"'0'", "0"},
                   {"'-256'", "-256"},
                   {"'" + large + "'", large},
                   {"'-" + large + "'", "-" + large},
                   {"NULL", {}}});
}

TEST_P(TestDuckdbValues, Floats) {
    const std::string bits = "toString(reinterpretAsUInt32(v))";
    expect_loaded(
        "FLOAT", "Nullable(Float32)",
        {{"0.1", "1036831949"}, {"'-0.0'", "2147483648"}, {"3.4028235e38", "2139095039"}, {"1e-45", "1"}, {"NULL", {}}},
        bits);
    expect_loaded("DOUBLE", "Nullable(Float64)",
                  {{"0.1", "4591870180066957722"},
                   {"'-0.0'", "9223372036854775808"},
                   {"1.7976931348623157e308", "9218868437227405311"},
                   {"5e-324", "1"},
                   {"'infinity'", "9218868437227405312"},
                   {"'-infinity'", "18442240474082181120"},
                   {"NULL", {}}},
                  "toString(reinterpretAsUInt64(v))");
    expect_loaded("DOUBLE", "Nullable(Float64)", {{"'nan'", "nan"}});
}

TEST_P(TestDuckdbValues, Decimals) {
    expect_loaded("DECIMAL(4, 2)", "Nullable(Decimal(4, 2))", {{"-99.99", "-99.99"}, {"0.01", "0.01"}, {"NULL", {}}});
    expect_loaded("DECIMAL(9, 9)", "Nullable(Decimal(9, 9))", {{"0.999999999", "0.999999999"}});
    expect_loaded("DECIMAL(18, 6)", "Nullable(Decimal(18, 6))", {{"-123456789012.345678", "-123456789012.345678"}});
    expect_loaded("DECIMAL(38, 10)", "Nullable(Decimal(38, 10))",
                  {{"'9999999999999999999999999999.9999999999'", "9999999999999999999999999999.9999999999"},
                   {"'-0.0000000001'", "-0.0000000001"}});
}

TEST_P(TestDuckdbValues, Texts) {
    const auto hexed = [](std::string literal, const std::string& text) { return Case{std::move(literal), hex(text)}; };
    expect_loaded("VARCHAR", "Nullable(String)",
                  {hexed("''", ""),
                   {"NULL", {}},
                   hexed("'it''s \"quoted\", and; more'", "it's \"quoted\", and; more"),
                   hexed("'\\N'", "\\N"),
                   hexed("E'a\\nb\\r\\tc\\\\'", "a\nb\r\tc\\"),
                   hexed("chr(0) || 'x'", std::string("\0x", 2)),
                   hexed("'é𝄞'", "é𝄞"),
                   hexed("'NULL'", "NULL"),
                   hexed("'  '", "  ")},
                  "hex(v)");
    expect_loaded("VARCHAR", "Nullable(String)", {{"repeat('x', 1000000)", "1000000"}}, "toString(length(v))");
}

TEST_P(TestDuckdbValues, BytesAreBase64) {
    expect_loaded("BLOB", "Nullable(String)",
                  {{"''::BLOB", ""}, {"'\\xAA\\x00\\xFF'::BLOB", "qgD/"}, {"'abcd'::BLOB", "YWJjZA=="}, {"NULL", {}}});
}

TEST_P(TestDuckdbValues, BitStrings) {
    expect_loaded("BIT", "Nullable(String)",
                  {{"'1'", "1"}, {"'00000000'", "00000000"}, {"'0101010101'", "0101010101"}, {"NULL", {}}});
}

TEST_P(TestDuckdbValues, Dates) {
    expect_loaded("DATE", "Nullable(Date32)",
                  {{"'1900-01-01'", "1900-01-01"},
                   {"'1969-12-31'", "1969-12-31"},
                   {"'2024-02-29'", "2024-02-29"},
                   {"'2299-12-31'", "2299-12-31"},
                   {"NULL", {}}});
    for (const char* const beyond :
         {"'infinity'", "'-infinity'", "'0044-03-15 (BC)'", "'1899-12-31'", "'5877642-06-25 (BC)'"}) {
        expect_refused("DATE", beyond);
    }
}

TEST_P(TestDuckdbValues, Timestamps) {
    expect_loaded("TIMESTAMP", "Nullable(DateTime64(6))",
                  {{"'1900-01-01 00:00:00'", "1900-01-01 00:00:00.000000"},
                   {"'1969-12-31 23:59:59.999999'", "1969-12-31 23:59:59.999999"},
                   {"'2299-12-31 23:59:59.999999'", "2299-12-31 23:59:59.999999"},
                   {"NULL", {}}});
    expect_loaded("TIMESTAMP_S", "Nullable(DateTime64(0))", {{"'2024-02-29 10:20:30'", "2024-02-29 10:20:30"}});
    expect_loaded("TIMESTAMP_MS", "Nullable(DateTime64(3))",
                  {{"'1969-12-31 23:59:59.999'", "1969-12-31 23:59:59.999"}});
    expect_loaded("TIMESTAMP_NS", "Nullable(DateTime64(9))",
                  {{"'1969-12-31 23:59:59.999999999'", "1969-12-31 23:59:59.999999999"},
                   {"'2024-02-29 10:20:30.123456789'", "2024-02-29 10:20:30.123456789"}});
    expect_loaded("TIMESTAMPTZ", "Nullable(DateTime64(6, 'UTC'))",
                  {{"'2024-03-31 02:30:00+02'", "2024-03-31 00:30:00.000000"},
                   {"'1969-12-31 23:59:59.5-08'", "1970-01-01 07:59:59.500000"},
                   {"NULL", {}}});
    for (const char* const type : {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ"}) {
        expect_refused(type, "'infinity'");
        expect_refused(type, "'-infinity'");
    }
    expect_refused("TIMESTAMP", "'0044-03-15 (BC) 12:00:00'");
}

TEST_P(TestDuckdbValues, InfinityIsTextWhereThePolicySaysSo) {
    store("DATE", {"'infinity'", "'-infinity'"});
    schema::Schema schema = suggested();
    schema.columns.at(1).type = schema::Nullable(schema::String());
    Target target(schema);
    load(target, schema);
    EXPECT_EQ(target.text("groupArray(v)::String", ""), "['infinity','-infinity']");
}

TEST_P(TestDuckdbValues, TimesAndIntervals) {
    expect_loaded("TIME", "Nullable(String)",
                  {{"'00:00:00'", "00:00:00"},
                   {"'23:59:59.999999'", "23:59:59.999999"},
                   {"'24:00:00'", "24:00:00"},
                   {"NULL", {}}});
    expect_loaded("TIMETZ", "Nullable(String)",
                  {{"'10:00:00+02'", "10:00:00+02"},
                   {"'23:59:59.5-15:59:59'", "23:59:59.5-15:59:59"},
                   {"'00:00:00+15:59:59'", "00:00:00+15:59:59"},
                   {"NULL", {}}});
    expect_loaded("INTERVAL", "Nullable(String)",
                  {{"INTERVAL '14 months 3 days 4.5 seconds'", "1 year 2 mons 3 days 00:00:04.5"},
                   {"INTERVAL '-1 day'", "-1 days"},
                   {"INTERVAL '0 days'", "00:00:00"},
                   {"NULL", {}}});
}

TEST_P(TestDuckdbValues, UuidsEnumsAndJson) {
    expect_loaded("UUID", "Nullable(UUID)",
                  {{"'00000000-0000-0000-0000-000000000000'", "00000000-0000-0000-0000-000000000000"},
                   {"'ffffffff-ffff-ffff-ffff-ffffffffffff'", "ffffffff-ffff-ffff-ffff-ffffffffffff"},
                   {"'01234567-89ab-cdef-0123-456789abcdef'", "01234567-89ab-cdef-0123-456789abcdef"},
                   {"NULL", {}}});
    expect_loaded("ENUM('red', 'it''s \"blue\"', '')", "LowCardinality(Nullable(String))",
                  {{"'red'", "red"}, {"'it''s \"blue\"'", "it's \"blue\""}, {"''", ""}, {"NULL", {}}});
    expect_loaded(
        "JSON", "Nullable(String)",
        {{R"('{"a": 1.0, "a":  [1, null]}')", R"({"a": 1.0, "a":  [1, null]})"}, {"'null'", "null"}, {"NULL", {}}});
}

TEST_P(TestDuckdbValues, ListsAndArrays) {
    expect_loaded("INTEGER[]", "Array(Nullable(Int32))",
                  {{"[]", "[]"}, {"[1, NULL, -2147483648]", "[1,NULL,-2147483648]"}});
    expect_loaded("VARCHAR[][]", "Array(Array(Nullable(String)))",
                  {{"[['a', ''], [], ['it''s', NULL]]", R"([['a',''],[],['it\'s',NULL]])"}});
    expect_loaded("DECIMAL(20, 3)[2]", "Array(Nullable(Decimal(20, 3)))",
                  {{"[1.5, 99999999999999999.999]", "[1.5,99999999999999999.999]"}});
    expect_loaded(
        "HUGEINT[]", "Array(Nullable(Int128))",
        {{"['170141183460469231731687303715884105727'::HUGEINT]", "[170141183460469231731687303715884105727]"}});
    expect_refused("INTEGER[]", "NULL");
}

TEST_P(TestDuckdbValues, RecordsMapsAndUnions) {
    expect_loaded("STRUCT(a INTEGER, b VARCHAR[])", "Nullable(String)",
                  {{"{'a': 1, 'b': ['x', NULL]}", R"({"a":1,"b":["x",null]})"}, {"NULL", {}}});
    expect_loaded("MAP(VARCHAR, BIGINT)", "Map(String, Nullable(Int64))",
                  {{"MAP {'a': 1, 'it''s': NULL}", R"({'a':1,'it\'s':NULL})"}, {"MAP {}", "{}"}});
    expect_loaded("UNION(num BIGINT, str VARCHAR)", "Nullable(String)",
                  {{"union_value(num := 7)", "7"}, {"union_value(str := 'seven')", "seven"}, {"NULL", {}}});
}

TEST_P(TestDuckdbValues, AMillionRowsArriveOnce) {
    file.execute("CREATE TABLE t AS SELECT i AS id, i * 3 AS v FROM range(1000000) r(i)");
    const schema::Schema schema = suggested();
    Target target(schema);
    EXPECT_EQ(load(target, schema).rows, 1'000'000U);
    EXPECT_EQ(target.text("uniqExact(id)"), "1000000");
    EXPECT_EQ(target.text("sum(v)"), "1499998500000");
}

}  // namespace
}  // namespace tinybird_cdk
