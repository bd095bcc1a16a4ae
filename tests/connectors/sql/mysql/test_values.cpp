// SPDX-License-Identifier: Apache-2.0
//
// Every type of MariaDB with its edge values, through each format into Tinybird, read back and compared with what
// MariaDB itself says of the value.
#include <ostream>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/sql/mysql/server.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using testing::MysqlDatabase;
using testing::Target;

struct TypeCase {
    const char* name;
    const char* source_type;
    std::vector<const char*> literals;  ///< SQL
    const char* target_type;
    const char* source_text = "v";            ///< what MariaDB says of the value
    const char* target_text = "toString(v)";  ///< what Tinybird says of it
};

/// A literal that the suggested type can't hold, as its remark says.
bool is_beyond_suggestion(const TypeCase& type) {
    return std::string_view(type.name).ends_with("_as_text");
}

void PrintTo(const TypeCase& type, std::ostream* stream) {
    *stream << type.name;
}

const char* const base64 = "replace(to_base64(v), '\\n', '')";
const char* const integers = "cast(v as char)";
/// In both: the digits of a float as of the double that has the same value.
const char* const wide_float = "cast(v as double)";
const char* const wide_float_target = "toString(toFloat64(v))";
/// Without the zeros behind, as ClickHouse writes it.
const char* const short_decimal = "trim(trailing '.' from trim(trailing '0' from v))";

const std::vector<TypeCase> cases{
    {"tinyint", "tinyint", {"-128", "127", "0", "NULL"}, "Nullable(Int8)", integers},
    {"tinyint_unsigned", "tinyint unsigned", {"0", "255"}, "UInt8", integers},
    {"boolean", "boolean", {"true", "false", "NULL"}, "Nullable(Int8)", integers},
    {"boolean_as_bool", "boolean", {"true", "false", "NULL"}, "Nullable(Bool)", "if(v, 'true', 'false')"},
    {"smallint", "smallint", {"-32768", "32767"}, "Int16", integers},
    {"smallint_unsigned", "smallint unsigned", {"65535"}, "UInt16", integers},
    {"mediumint", "mediumint", {"-8388608", "8388607"}, "Int32", integers},
    {"mediumint_unsigned", "mediumint unsigned", {"16777215"}, "UInt32", integers},
    {"int", "int", {"-2147483648", "2147483647", "-1"}, "Int32", integers},
    {"int_unsigned", "int unsigned", {"4294967295"}, "UInt32", integers},
    {"int_zerofill", "int(5) zerofill", {"42"}, "UInt32", "v + 0"},
    {"bigint",
     "bigint",
     {"-9223372036854775808", "9223372036854775807", "9007199254740993", "NULL"},
     "Nullable(Int64)",
     integers},
    {"bigint_unsigned", "bigint unsigned", {"18446744073709551615", "9223372036854775808", "0"}, "UInt64", integers},
    {"bigint_unsigned_in_string", "bigint unsigned", {"18446744073709551615"}, "String", integers},
    {"bit_1", "bit(1)", {"b'0'", "b'1'", "NULL"}, "Nullable(UInt8)", "v + 0"},
    {"bit_1_as_bool", "bit(1)", {"b'0'", "b'1'"}, "Bool", "if(v, 'true', 'false')"},
    {"bit_9", "bit(9)", {"b'100000001'", "b'0'"}, "UInt16", "v + 0"},
    {"bit_64", "bit(64)", {"0xFFFFFFFFFFFFFFFF", "1", "0"}, "UInt64", "v + 0"},
    {"decimal_65_30",
     "decimal(65,30)",
     {"99999999999999999999999999999999999.999999999999999999999999999999",
      "-99999999999999999999999999999999999.999999999999999999999999999999", "0.000000000000000000000000000001", "0",
      "-0.5", "NULL"},
     "Nullable(Decimal(65, 30))",
     short_decimal},
    {"decimal_10_0", "decimal(10,0)", {"9999999999", "-9999999999", "0"}, "Decimal(10, 0)"},
    {"decimal_in_string", "decimal(20,5)", {"1.10", "-0.00001"}, "String"},
    {"decimal_zerofill", "decimal(10,2) unsigned zerofill", {"42.5"}, "Decimal(10, 2)", "'42.5'"},
    {"float",
     "float",
     {"0.1", "3.4028235e38", "-3.4028235e38", "1e-38", "1.1754944e-38", "1e-45", "16777217", "123456.789", "-0e0", "0",
      "NULL"},
     "Nullable(Float32)",
     wide_float,
     wide_float_target},
    {"double",
     "double",
     {"0.1", "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308", "123456789.123456789",
      "0.30000000000000004", "NULL"},
     "Nullable(Float64)"},
    {"char", "char(5)", {"'ab'", "''", "'éé'", "NULL"}, "Nullable(String)"},
    {"varchar",
     "varchar(200)",
     {"''", "NULL", "'\\\\N'", "'NULL'", "' x '", "'\"'", "'\"\"'", "'a,b'", "'line\\nbreak'", "'cr\\r\\nlf'",
      "'tab\\t\\\\'", "'é 漢 😀'", "'\\\\x'", "'\\Z\\b'", "''''", "'trailing  '"},
     "Nullable(String)"},
    {"text", "text", {"repeat('é', 30000)", "''"}, "String"},
    {"longtext", "longtext", {"repeat('0123456789', 200000)"}, "String"},
    {"latin1", "varchar(20) character set latin1", {"'é € ÿ'", "''"}, "String"},
    {"utf16", "varchar(20) character set utf16", {"'é 漢 😀'"}, "String"},
    {"sjis", "varchar(20) character set sjis", {"'日本語'"}, "String"},
    {"utf8mb3", "varchar(20) character set utf8mb3", {"'é 漢'"}, "String"},
    {"binary", "binary(5)", {"x'0102'", "x'0000000000'", "x''", "NULL"}, "Nullable(String)", base64},
    {"varbinary", "varbinary(20)", {"x'00ff10'", "x''", "x'610000'", "NULL"}, "Nullable(String)", base64},
    {"blob", "blob", {"x'00ff10'", "x''", "repeat(x'00', 50000)"}, "String", base64},
    {"longblob", "longblob", {"repeat(x'fe', 70000)"}, "String", base64},
    {"date", "date", {"'1900-01-01'", "'2299-12-31'", "'1970-01-01'", "'2024-02-29'", "NULL"}, "Nullable(Date32)"},
    {"date_as_text",
     "date",
     {"'0000-00-00'", "'2020-00-00'", "'2020-05-00'", "'0000-01-01'", "'2021-02-31'", "'1000-01-01'", "'9999-12-31'",
      "'0001-01-01'"},
     "String"},
    {"datetime",
     "datetime",
     {"'2024-02-29 12:34:56'", "'1900-01-01'", "'2299-12-31 23:59:59'", "NULL"},
     "Nullable(DateTime64(3))",
     "concat(v, '.000')"},
    {"datetime_6",
     "datetime(6)",
     {"'2024-02-29 00:00:00.000001'", "'1969-12-31 23:59:59.5'", "'2262-04-11 23:47:16.854776'", "NULL"},
     "Nullable(DateTime64(6))"},
    {"datetime_3", "datetime(3)", {"'2024-02-29 00:00:00.001'"}, "DateTime64(3)"},
    {"datetime_as_text",
     "datetime",
     {"'0000-00-00 00:00:00'", "'2020-00-00 01:02:03'", "'2021-02-31 00:00:00'", "'9999-12-31 23:59:59'",
      "'1000-01-01 00:00:00'"},
     "String"},
    {"datetime_6_as_text", "datetime(6)", {"'0000-00-00 00:00:00'", "'2020-01-00 00:00:00.120000'"}, "String"},
    {"timestamp",
     "timestamp null",
     {"'2024-02-29 12:34:56'", "'1970-01-01 00:00:01'", "NULL"},
     "Nullable(DateTime('UTC'))"},
    {"timestamp_6", "timestamp(6)", {"'2038-01-19 03:14:07.999999'"}, "DateTime64(6, 'UTC')"},
    {"timestamp_as_text", "timestamp null", {"'0000-00-00 00:00:00'"}, "String"},
    {"time",
     "time",
     {"'838:59:59'", "'-838:59:59'", "'00:00:00'", "'-00:00:01'", "'23:59:59'", "NULL"},
     "Nullable(String)"},
    {"time_6", "time(6)", {"'-838:59:59.999999'", "'25:00:00.000001'", "'-00:00:00.123456'"}, "String"},
    {"year", "year", {"1901", "2155", "0", "NULL"}, "Nullable(UInt16)", "v + 0"},
    {"enumeration",
     "enum('ok','it''s \"x\"','')",
     {"'ok'", "'it''s \"x\"'", "''", "'not a label'", "NULL"},
     "LowCardinality(Nullable(String))"},
    {"enumeration_utf8", "enum('é','漢')", {"'漢'"}, "LowCardinality(String)"},
    {"enumeration_binary", "enum('a','b') character set binary", {"'a'"}, "LowCardinality(String)"},
    {"set", "set('a','b','c d')", {"''", "'a'", "'a,c d'", "NULL"}, "Nullable(String)"},
    {"json", "json", {R"('{"a":1,"a":2, "b" : "x\\n\\u0041"}')", "'null'", "'[1,\\n 2]'", "NULL"}, "Nullable(String)"},
    {"point", "point", {"point(1, 2.5)", "point(-1234567.125, 0.1)", "NULL"}, "Nullable(String)", "st_astext(v)"},
    {"geometry",
     "geometry",
     {"st_geomfromtext('LINESTRING(0 0,1 1.5,2 -2)')",
      "st_geomfromtext('POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))')",
      "st_geomfromtext('MULTILINESTRING((0 0,1 1),(2 2,3 3))')",
      "st_geomfromtext('MULTIPOLYGON(((0 0,4 0,4 4,0 0)),((9 9,8 8,7 9,9 9)))')",
      "st_geomfromtext('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(2 2,3 3))')"},
     "String",
     "st_astext(v)"},
    {"geometry_with_srid",
     "point",
     {"st_geomfromtext('POINT(1 2)', 4326)"},
     "String",
     "concat('SRID=', st_srid(v), ';', st_astext(v))"},
    {"uuid",
     "uuid",
     {"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'00000000-0000-0000-0000-000000000000'", "NULL"},
     "Nullable(UUID)"},
    {"uuid_in_string", "uuid", {"'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"}, "String"},
    {"inet6", "inet6", {"'::1'", "'2001:db8::ff00:42:8329'", "'::ffff:1.2.3.4'", "'::'", "NULL"}, "Nullable(IPv6)"},
    {"inet4", "inet4", {"'1.2.3.4'", "'0.0.0.0'", "'255.255.255.255'"}, "IPv4"},
};

class TestMysqlValues : public ::testing::TestWithParam<std::tuple<TypeCase, Format>> {};

std::string case_name(const ::testing::TestParamInfo<std::tuple<TypeCase, Format>>& info) {
    return std::string(std::get<0>(info.param).name) + "_" + std::string(formats::name(std::get<1>(info.param)));
}

INSTANTIATE_TEST_SUITE_P(AllTypes, TestMysqlValues,
                         ::testing::Combine(::testing::ValuesIn(cases),
                                            ::testing::Values(Format::csv, Format::ndjson, Format::parquet)),
                         case_name);

/// A table `t` of one such type with a row per literal.
void make_table(MysqlDatabase& source, const TypeCase& type) {
    source.run(std::string("CREATE TABLE t (id int NOT NULL, v ") + type.source_type + ")");
    for (std::size_t i = 0; i < type.literals.size(); ++i) {
        source.run("INSERT INTO t VALUES (" + std::to_string(i) + ", " + type.literals[i] + ")");
    }
}

void compare(MysqlDatabase& source, Target& target, const TypeCase& type) {
    const auto expected =
        source.run(std::string("SELECT if(v IS NULL, NULL, ") + type.source_text + ") FROM t ORDER BY id");
    const ResultSet arrived =
        target.query(std::string("if(isNull(v), '<null>', ") + type.target_text + ") AS text", "ORDER BY id");
    ASSERT_EQ(arrived.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(arrived[i].at(0).second.to_text(), expected[i].at(0)) << type.literals[i];
    }
}

LoadOptions strict(Format format) {
    LoadOptions options;
    options.format = format;
    options.on_quarantine = tinybird::OnQuarantine::fail;
    return options;
}

TEST_P(TestMysqlValues, ArriveAsTheyLeft) {
    const auto& [type, format] = GetParam();
    MysqlDatabase source;
    make_table(source, type);
    schema::Schema columns;
    columns.columns = {{"id", "", schema::Int32(), "", "", ""},
                       {"v", "", schema::Type::parse(type.target_type), "", "", ""}};
    Target target(columns);
    const LoadResult result = source.connector()->append("SELECT id, v FROM t", target.name(), strict(format));
    EXPECT_EQ(result.rows, type.literals.size());
    compare(source, target, type);
}

TEST_P(TestMysqlValues, FitTheSuggestedSchema) {
    const auto& [type, format] = GetParam();
    MysqlDatabase source;
    make_table(source, type);
    const auto connector = source.connector();
    const schema::Schema suggested = connector->suggest_schema({{"database", source.name()}, {"table", "t"}});
    Target target(suggested);
    const std::string query = connector->ingest_query(suggested);
    if (is_beyond_suggestion(type)) {
        ASSERT_FALSE(suggested.columns.at(1).remark.empty());
        EXPECT_THROW(connector->append(query, target.name(), strict(format)), errors::RefusedValueError);
        EXPECT_EQ(target.text("count()"), "0");
        return;
    }
    connector->append(query, target.name(), strict(format));
    const schema::Type compared = schema::Type::parse(type.target_type);
    if (suggested.columns.at(1).type.with_nullable(true) == compared.with_nullable(true)) {
        compare(source, target, type);
    } else {
        // The same values in another type.
        EXPECT_EQ(target.text("count()"), std::to_string(type.literals.size()));
    }
}

/// What the suggested type can't hold is refused, naming row and column, and nothing stays; a policy says otherwise.
TEST(TestMysqlHazards, ZeroDatesAreRefusedWithRowAndColumn) {
    MysqlDatabase source;
    source.run("CREATE TABLE t (d date NOT NULL); INSERT INTO t VALUES ('2024-01-01'), ('2020-00-00')");
    schema::Schema columns;
    columns.columns = {{"d", "", schema::Nullable(schema::Date32()), "", "", ""}};
    Target target(columns);
    for (const Format format : {Format::csv, Format::ndjson, Format::parquet}) {
        LoadOptions options = strict(format);
        try {
            source.connector()->append("SELECT d FROM t", target.name(), options);
            FAIL() << "a zero date went into a Date32";
        } catch (const errors::RefusedValueError& error) {
            EXPECT_EQ(error.row(), 2U);
            EXPECT_EQ(error.column(), "d");
            EXPECT_THAT(error.what(), ::testing::HasSubstr("2020-00-00"));
        }
        EXPECT_EQ(target.text("count()"), "0");
    }
    LoadOptions options;
    options.hazards.set("zero_date=null");
    source.connector()->append("SELECT d FROM t", target.name(), options);
    EXPECT_EQ(target.text("countIf(isNull(d))"), "1");
}

/// The text protocol would give six digits.
TEST(TestMysqlHazards, FloatsOfExpressionsKeepTheirBits) {
    MysqlDatabase source;
    source.run("CREATE TABLE t (f float); INSERT INTO t VALUES (123456.789)");
    schema::Schema columns;
    columns.columns = {{"f", "", schema::Float32(), "", "", ""}, {"m", "", schema::Float32(), "", "", ""}};
    Target target(columns);
    source.connector()->append("SELECT f, max(f) AS m FROM t", target.name(), strict(Format::csv));
    EXPECT_EQ(target.text("toString(f)"), "123456.79");
    EXPECT_EQ(target.text("f = m"), "1");
}

}  // namespace
}  // namespace tinybird_cdk
