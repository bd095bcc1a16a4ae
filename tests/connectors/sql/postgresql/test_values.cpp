// SPDX-License-Identifier: Apache-2.0
//
// Every type of PostgreSQL with its edge values, through each format into Tinybird, read back and compared with what
// PostgreSQL itself says of the value.
#include <ostream>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/sql/postgresql/server.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using testing::PostgresqlSchema;
using testing::Target;

struct TypeCase {
    const char* name;
    const char* source_type;
    std::vector<const char*> literals;  ///< SQL; each is cast to the type
    const char* target_type;
    const char* source_text = "v::text";      ///< what PostgreSQL says of the value
    const char* target_text = "toString(v)";  ///< what Tinybird says of it
    const char* set_up = "";
};

/// A literal that the suggested type can't hold, as its remark says.
bool is_beyond_suggestion(const TypeCase& type) {
    return std::string_view(type.name).ends_with("_as_text");
}

void PrintTo(const TypeCase& type, std::ostream* stream) {
    *stream << type.name;
}

const char* const float_bits = "leftPad(lower(hex(reinterpretAsUInt64(assumeNotNull(v)))), 16, '0')";
const char* const float4_bits = "leftPad(lower(hex(reinterpretAsUInt32(assumeNotNull(v)))), 8, '0')";

const std::vector<TypeCase> cases{
    {"boolean", "boolean", {"true", "false", "NULL"}, "Nullable(Bool)"},
    {"smallint", "smallint", {"-32768", "32767", "0", "NULL"}, "Nullable(Int16)"},
    {"integer", "integer", {"-2147483648", "2147483647"}, "Int32"},
    {"bigint",
     "bigint",
     {"'-9223372036854775808'", "9223372036854775807", "9007199254740993", "NULL"},
     "Nullable(Int64)"},
    {"bigint_as_text", "bigint", {"'-9223372036854775808'", "9007199254740993"}, "String"},
    {"oid", "oid", {"0", "4294967295"}, "UInt32"},
    {"xid8", "xid8", {"'18446744073709551615'", "'0'"}, "UInt64"},
    {"real",
     "real",
     {"'NaN'", "'Infinity'", "'-Infinity'", "0.1", "3.4028235e38", "1e-45", "'-0'"},
     "Float32",
     "encode(float4send(v), 'hex')",
     float4_bits},
    {"double",
     "double precision",
     {"'NaN'", "'Infinity'", "'-Infinity'", "0.1", "1.7976931348623157e308", "5e-324", "'-0'", "123456789.123456789"},
     "Float64",
     "encode(float8send(v), 'hex')",
     float_bits},
    {"numeric",
     "numeric",
     {"'NaN'", "'Infinity'", "'-Infinity'", "0", "1.10", "0.000000000000000000000000000001",
      "123456789012345678901234567890.123456789000", "-1e100", "NULL"},
     "Nullable(String)"},
    {"numeric_38_10",
     "numeric(38,10)",
     {"9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999", "0.0000000001", "NULL"},
     "Nullable(Decimal(38, 10))",
     "trim_scale(v)::text"},
    {"money", "money", {"-1234.56", "'92233720368547758.07'", "0"}, "Decimal(19, 2)", "trim_scale(v::numeric)::text"},
    {"text",
     "text",
     {"''", "NULL", "E'\\\\N'", "'NULL'", "' x '", "'\"'", "'\"\"'", "'a,b'", "E'line\\nbreak'", "E'cr\\r\\nlf'",
      "E'tab\\t\\\\'", "'é 漢 😀'", "'\\x'", "E'\\x01\\x1f\\x7f'", "''''", "repeat('é', 50000)"},
     "Nullable(String)"},
    {"varchar", "varchar(10)", {"''", "repeat('x', 10)"}, "String"},
    {"char", "char(5)", {"'ab'", "''"}, "String", "format('%s', v)"},
    {"name", "name", {"'n'"}, "String"},
    {"one_char", "\"char\"", {"'z'", "''"}, "String"},
    {"bytea", "bytea", {"'\\x00ff10'", "'\\x'", "NULL"}, "Nullable(String)", "encode(v, 'base64')"},
    {"date", "date", {"'1900-01-01'", "'2299-12-31'", "'1970-01-01'", "'2024-02-29'", "NULL"}, "Nullable(Date32)"},
    {"date_as_text",
     "date",
     {"'infinity'", "'-infinity'", "'0044-03-15 BC'", "'4713-01-01 BC'", "'5874897-12-31'", "'0001-01-01'"},
     "String"},
    {"timestamp",
     "timestamp",
     {"'1900-01-01'", "'2299-12-31 23:59:59.999999'", "'1969-12-31 23:59:59.5'", "'2024-02-29 00:00:00.000001'",
      "NULL"},
     "Nullable(DateTime64(6))",
     "to_char(v, 'YYYY-MM-DD HH24:MI:SS.US')"},
    {"timestamp_as_text",
     "timestamp",
     {"'infinity'", "'-infinity'", "'294276-12-31 23:59:59.999999'", "'4713-01-01 BC'", "'2024-01-01 10:00:00.5'"},
     "String"},
    {"timestamptz",
     "timestamptz",
     {"'2020-02-29 12:00:00+05:30'", "'1969-12-31 23:59:59.5+00'"},
     "DateTime64(6, 'UTC')",
     "to_char(v AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"},
    {"timestamptz_as_text",
     "timestamptz",
     {"'2020-02-29 12:00:00+05:30'", "'infinity'", "'0044-03-15 12:00:00+00 BC'"},
     "String"},
    {"time", "time", {"'24:00:00'", "'00:00:00.000001'", "'04:05:06.789'"}, "String"},
    {"timetz", "timetz", {"'04:05:06.789-03:30'", "'23:59:59+14'", "'00:00:00+01:02:03'"}, "String"},
    {"interval",
     "interval",
     {"'1 year 2 mons -3 days 04:05:06.789'", "'-1 mons +2 days -00:00:01'", "'0'", "'178000000 years'",
      "'-1 year -1 day'", "'1 day -1 hour'", "'2562047788:00:54.775807'"},
     "String"},
    {"uuid",
     "uuid",
     {"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'00000000-0000-0000-0000-000000000000'", "NULL"},
     "Nullable(UUID)"},
    {"json",
     "json",
     {"'{\"a\":1,\"a\":2, \"b\" : \"x\\n\\u0041\"}'", "'null'", "E'[1,\\n 2]'", "NULL"},
     "Nullable(String)"},
    {"jsonb", "jsonb", {"'{\"b\":1.50,\"a\":[]}'", "'\"\"'"}, "String"},
    {"xml", "xml", {"'<a>&amp;</a>'", "''"}, "String"},
    {"inet",
     "inet",
     {"'192.168.0.1'", "'10.0.0.0/8'", "'::1'", "'2001:db8::/32'", "'::ffff:1.2.3.4'"},
     "String",
     "format('%s', v)"},
    {"cidr", "cidr", {"'10.0.0.0/8'", "'::/0'", "'1.2.3.4/32'"}, "String"},
    {"macaddr", "macaddr", {"'08:00:2b:01:02:03'"}, "String"},
    {"macaddr8", "macaddr8", {"'08:00:2b:01:02:03:04:05'"}, "String"},
    {"bit", "bit(5)", {"B'10110'", "B'00000'"}, "String"},
    {"varbit", "bit varying", {"B'101'", "B''", "B'111111111'"}, "String"},
    {"pg_lsn", "pg_lsn", {"'16/B374D848'", "'0/0'"}, "String"},
    {"tid", "tid", {"'(42,1)'"}, "String"},
    {"point", "point", {"'(1,2.5)'"}, "String"},
    {"polygon", "polygon", {"'((0,0),(1,1),(1,0))'"}, "String"},
    {"tsvector", "tsvector", {"'a:1 b'", "''"}, "String"},
    {"range", "int4range", {"'[1,5)'", "'empty'"}, "String"},
    {"multirange", "int4multirange", {"'{[1,3),[5,7)}'", "'{}'"}, "String"},
    {"enumeration",
     "mood",
     {"'ok'", "'it''s \"x\"'", "NULL"},
     "LowCardinality(Nullable(String))",
     "v::text",
     "toString(v)",
     "CREATE TYPE mood AS ENUM ('ok', 'it''s \"x\"')"},
    {"composite",
     "pair",
     {"ROW(1, 'a,b')", "ROW(NULL, '')"},
     "String",
     "v::text",
     "toString(v)",
     "CREATE TYPE pair AS (a int, b text)"},
    {"domain", "positive", {"5"}, "Int32", "v::text", "toString(v)", "CREATE DOMAIN positive AS int CHECK (VALUE > 0)"},
    {"int_array",
     "int[]",
     {"'{1,NULL,3}'", "'{}'", "'[5:6]={1,2}'"},
     "Array(Nullable(Int32))",
     "array_to_json(v)::text",
     "toJSONString(v)"},
    {"int_array_2d",
     "int[][]",
     {"'{{1,2},{3,NULL}}'", "'{{1},{2},{3}}'"},
     "Array(Array(Nullable(Int32)))",
     "array_to_json(v)::text",
     "toJSONString(v)"},
    {"text_array",
     "text[]",
     {"ARRAY['NULL', NULL, 'a\"b\\c', '', '{x}', E'n\\nl', '''']"},
     "Array(Nullable(String))",
     "array_to_json(v)::text",
     "toJSONString(v)"},
    {"numeric_array",
     "numeric[]",
     {"'{1.10,NULL,NaN}'"},
     "Array(Nullable(String))",
     "array_to_json(v::text[])::text",
     "toJSONString(v)"},
    {"bigint_array",
     "bigint[]",
     {"'{9223372036854775807,9007199254740993}'"},
     "Array(Int64)",
     "array_to_json(v)::text",
     "replaceAll(toString(v), ' ', '')"},
    {"enum_array",
     "mood[]",
     {"'{ok,NULL}'"},
     "Array(Nullable(String))",
     "array_to_json(v)::text",
     "toJSONString(v)",
     "CREATE TYPE mood AS ENUM ('ok')"},
    {"composite_array",
     "pair[]",
     {"ARRAY[ROW(1, 'a,b')::pair, NULL]"},
     "Array(Nullable(String))",
     "array_to_json(v::text[])::text",
     "toJSONString(v)",
     "CREATE TYPE pair AS (a int, b text)"},
    {"int_array_3d",
     "int[][][]",
     {"'{{{1,2},{3,4}},{{5,6},{7,NULL}}}'"},
     "Array(Array(Array(Nullable(Int32))))",
     "array_to_json(v)::text",
     "toJSONString(v)"},
    {"bool_array", "bool[]", {"'{t,f,NULL}'"}, "Array(Nullable(Bool))", "array_to_json(v)::text", "toJSONString(v)"},
    {"double_array",
     "float8[]",
     {"'{0.1,-5e-324,NULL}'"},
     "Array(Nullable(Float64))",
     "array_to_json(v)::text",
     "toJSONString(v)"},
    {"uuid_array",
     "uuid[]",
     {"'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,NULL}'"},
     "Array(Nullable(UUID))",
     "array_to_json(v)::text",
     "toJSONString(v)"},
    {"jsonb_array",
     "jsonb[]",
     {R"(ARRAY['{"a": "x\"y''z"}'::jsonb, NULL, '[1, null]'])"},
     "Array(Nullable(String))",
     "array_to_json(v::text[])::text",
     "toJSONString(v)"},
    {"inet_array",
     "inet[]",
     {"'{10.0.0.1,::1}'"},
     "Array(Nullable(String))",
     "array_to_json(v)::text",
     "toJSONString(v)"},
    {"interval_array",
     "interval[]",
     {"ARRAY['1 day -01:00'::interval, NULL]"},
     "Array(Nullable(String))",
     "array_to_json(v::text[])::text",
     "toJSONString(v)"},
    {"range_array",
     "int4range[]",
     {"ARRAY['[1,5)'::int4range, NULL, 'empty']"},
     "Array(Nullable(String))",
     "array_to_json(v::text[])::text",
     "toJSONString(v)"},
    {"money_array",
     "money[]",
     {"'{-1.50,NULL}'"},
     "Array(Nullable(Decimal(19, 2)))",
     "array_to_json((v::numeric[])::float8[])::text",
     "toJSONString(v)"},
    {"bytea_array",
     "bytea[]",
     {"ARRAY['\\x00ff'::bytea, NULL, '']"},
     "Array(Nullable(String))",
     "array_to_json((SELECT array_agg(encode(b, 'base64')) FROM unnest(v) b))::text",
     "toJSONString(v)"},
    {"domain_array",
     "cents[]",
     {"'{1.50,NULL}'"},
     "Array(Nullable(Decimal(10, 2)))",
     "array_to_json((v::numeric[])::float8[])::text",
     "toJSONString(v)",
     "CREATE DOMAIN cents AS numeric(10,2) CHECK (VALUE > 0)"},
    {"int_vector", "int2vector", {"'1 2 3'"}, "Array(Nullable(Int16))", "array_to_json(v)::text", "toJSONString(v)"},
    {"regclass", "regclass", {"'pg_class'"}, "String"},
    {"date_range", "daterange", {"'[2024-01-01,infinity)'", "'(,)'"}, "String"},
    {"own_range",
     "span",
     {"'[1.5,2.5)'"},
     "String",
     "v::text",
     "toString(v)",
     "CREATE TYPE span AS RANGE (subtype = float8)"},
    {"box", "box", {"'(1,2),(0,0)'"}, "String"},
    {"tsquery", "tsquery", {"'a & b'"}, "String"},
    {"xid", "xid", {"'4294967295'"}, "UInt32"},
    {"date_array",
     "date[]",
     {"'{2024-01-01,NULL}'"},
     "Array(Nullable(Date32))",
     "array_to_json(v)::text",
     "toJSONString(v)"},
};

class TestPostgresqlValues : public ::testing::TestWithParam<std::tuple<TypeCase, Format>> {};

std::string case_name(const ::testing::TestParamInfo<std::tuple<TypeCase, Format>>& info) {
    return std::string(std::get<0>(info.param).name) + "_" + std::string(formats::name(std::get<1>(info.param)));
}

INSTANTIATE_TEST_SUITE_P(AllTypes, TestPostgresqlValues,
                         ::testing::Combine(::testing::ValuesIn(cases),
                                            ::testing::Values(Format::csv, Format::ndjson, Format::parquet)),
                         case_name);

/// A table `t` of one such type with a row per literal.
void make_table(PostgresqlSchema& source, const TypeCase& type) {
    if (*type.set_up != '\0') {
        source.run(type.set_up);
    }
    source.run(std::string("CREATE TABLE t (id int NOT NULL, v ") + type.source_type + ")");
    for (std::size_t i = 0; i < type.literals.size(); ++i) {
        source.run("INSERT INTO t VALUES (" + std::to_string(i) + ", (" + type.literals[i] + ")::" + type.source_type +
                   ")");
    }
}

void compare(PostgresqlSchema& source, Target& target, const TypeCase& type) {
    const auto expected = source.run(std::string("SELECT ") + type.source_text + " FROM t ORDER BY id");
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
    options.verify = true;
    return options;
}

TEST_P(TestPostgresqlValues, ArriveAsTheyLeft) {
    const auto& [type, format] = GetParam();
    PostgresqlSchema source;
    make_table(source, type);
    schema::Schema columns;
    columns.columns = {{"id", "", schema::Int32(), "", "", ""},
                       {"v", "", schema::Type::parse(type.target_type), "", "", ""}};
    Target target(columns);
    const LoadResult result = PostgresqlSchema::connector()->append("SELECT id, v FROM " + source.name() + ".t",
                                                                    target.name(), strict(format));
    EXPECT_EQ(result.rows, type.literals.size());
    compare(source, target, type);
}

TEST_P(TestPostgresqlValues, FitTheSuggestedSchema) {
    const auto& [type, format] = GetParam();
    PostgresqlSchema source;
    make_table(source, type);
    const auto connector = PostgresqlSchema::connector();
    const schema::Schema suggested = connector->suggest_schema({{"schema", source.name()}, {"table", "t"}});
    Target target(suggested);
    const std::string query = connector->ingest_query(suggested);
    if (is_beyond_suggestion(type) && !suggested.columns.at(1).remark.empty()) {
        EXPECT_THROW(connector->append(query, target.name(), strict(format)), errors::RefusedValueError);
        EXPECT_EQ(target.text("count()"), "0");
        return;
    }
    connector->append(query, target.name(), strict(format));
    compare(source, target, type);
}

/// What the suggested type can't hold is refused, naming row and column, and nothing stays.
TEST(TestPostgresqlHazards, AreRefusedWithRowAndColumn) {
    PostgresqlSchema source;
    source.run("CREATE TABLE t (d date NOT NULL); INSERT INTO t VALUES ('2024-01-01'), ('0044-03-15 BC')");
    schema::Schema columns;
    columns.columns = {{"d", "", schema::Date32(), "", "", ""}};
    Target target(columns);
    for (const Format format : {Format::csv, Format::ndjson, Format::parquet}) {
        LoadOptions options;
        options.format = format;
        try {
            PostgresqlSchema::connector()->append("SELECT d FROM " + source.name() + ".t", target.name(), options);
            FAIL() << "a BC date went into a Date32";
        } catch (const errors::RefusedValueError& error) {
            EXPECT_EQ(error.row(), 2U);
            EXPECT_EQ(error.column(), "d");
        }
        EXPECT_EQ(target.text("count()"), "0");
    }
}

}  // namespace
}  // namespace tinybird_cdk
