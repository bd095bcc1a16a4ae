// SPDX-License-Identifier: Apache-2.0
/// Lists, maps and tuples of every type: the checksum that the writer computes is the one that ClickHouse computes of
/// what it read, and no two values that differ in one part have the same.
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <ostream>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "core/encode/written.hpp"
#include "helpers/target.hpp"
#include "transfer/proof_sql.hpp"

namespace tinybird_cdk {
namespace {

using testing::Target;
using Call = std::function<void(RowWriter&)>;

/// Values of one type, each of which differs from the others in one part.
struct Case {
    const char* name;
    const char* type;
    std::vector<Call> values;
};

void PrintTo(const Case& one, std::ostream* stream) {
    *stream << one.name << " " << one.type;
}

Call list(std::vector<Call> elements) {
    return [elements = std::move(elements)](RowWriter& writer) {
        writer.begin_list();
        for (const Call& element : elements) {
            element(writer);
        }
        writer.end_list();
    };
}
Call map(std::vector<std::pair<Call, Call>> entries) {
    return [entries = std::move(entries)](RowWriter& writer) {
        writer.begin_map();
        for (const auto& [key, value] : entries) {
            key(writer);
            value(writer);
        }
        writer.end_map();
    };
}
Call record(std::vector<std::pair<std::string, Call>> members) {
    return [members = std::move(members)](RowWriter& writer) {
        writer.begin_struct();
        for (const auto& [name, value] : members) {
            writer.field(name);
            value(writer);
        }
        writer.end_struct();
    };
}
Call integer(std::int64_t value) {
    return [value](RowWriter& writer) { writer.int64(value); };
}
Call natural(std::uint64_t value) {
    return [value](RowWriter& writer) { writer.uint64(value); };
}
Call digits(std::string value) {
    return [value = std::move(value)](RowWriter& writer) { writer.integer(value); };
}
Call decimal(std::string value) {
    return [value = std::move(value)](RowWriter& writer) { writer.decimal(value); };
}
Call real(double value) {
    return [value](RowWriter& writer) { writer.float64(value); };
}
Call real32(float value) {
    return [value](RowWriter& writer) { writer.float32(value); };
}
Call text(std::string value) {
    return [value = std::move(value)](RowWriter& writer) { writer.text(value); };
}
Call truth(bool value) {
    return [value](RowWriter& writer) { writer.boolean(value); };
}
Call date(std::int64_t days) {
    return [days](RowWriter& writer) { writer.date(days); };
}
Call moment(std::int64_t seconds, std::uint32_t nanoseconds = 0, RowWriter::Zone zone = RowWriter::Zone::none) {
    return [=](RowWriter& writer) { writer.timestamp(seconds, nanoseconds, zone); };
}
Call bytes(std::string value) {
    return [value = std::move(value)](RowWriter& writer) {
        writer.binary(std::as_bytes(std::span(value.data(), value.size())));
    };
}
Call uuid(char fill) {
    return [fill](RowWriter& writer) {
        const std::string sixteen(16, fill);
        writer.uuid(std::as_bytes(std::span<const char, 16>(sixteen.data(), 16)));
    };
}
const Call null = [](RowWriter& writer) { writer.null(); };

const std::vector<Case> cases{
    {"int8",
     "Array(Int8)",
     {list({}), list({integer(1)}), list({integer(1), integer(2)}), list({integer(12)}), list({integer(2), integer(1)}),
      list({integer(-128), integer(127)})}},
    {"uint64",
     "Array(UInt64)",
     {list({natural(18446744073709551615U)}), list({natural(0)}), list({natural(18446744073709551614U)})}},
    {"int64",
     "Array(Nullable(Int64))",
     {list({integer(std::numeric_limits<std::int64_t>::min())}), list({null}), list({null, null}), list({}),
      list({integer(9007199254740993), null}), list({null, integer(9007199254740993)})}},
    {"int256",
     "Array(Int256)",
     {list({digits("-57896044618658097711785492504343953926634992332820282019728792003956564819968")}),
      list({digits("7")})}},
    {"float64",
     "Array(Float64)",
     {list({real(0.1)}), list({real(-0.0)}), list({real(0.0)}), list({real(std::nan(""))}),
      list({real(std::numeric_limits<double>::infinity())}), list({real(0.1), real(5e-324)})}},
    {"float32", "Array(Nullable(Float32))", {list({real32(0.1F)}), list({real32(0.1F), null}), list({real32(1.5F)})}},
    {"decimal",
     "Array(Decimal(38, 10))",
     {list({decimal("1.5")}), list({decimal("1.50"), decimal("0")}), list({decimal("-0.0000000001")})}},
    {"boolean", "Array(Nullable(Bool))", {list({truth(true)}), list({truth(false)}), list({null})}},
    {"string",
     "Array(String)",
     {list({}), list({text("")}), list({text(""), text("")}), list({text("a"), text("b")}), list({text("ab")}),
      list({text("a,b")}), list({text("1:a")}), list({text("'quoted' \"x\" \\ \n")}), list({text("é 漢 😀")})}},
    {"nullable_string",
     "Array(Nullable(String))",
     {list({text("~")}), list({null}), list({text("NULL")}), list({text("\\N")}), list({text("")})}},
    {"low_cardinality", "Array(LowCardinality(Nullable(String)))", {list({text("a")}), list({null}), list({text("")})}},
    {"bytes", "Array(String)", {list({bytes("\xFF")}), list({bytes("\xFE")}), list({bytes("")})}},
    {"fixed_string", "Array(FixedString(3))", {list({text("ab")}), list({text("abc")}), list({text("")})}},
    {"uuid", "Array(UUID)", {list({uuid('a')}), list({uuid('b')}), list({uuid('a'), uuid('b')})}},
    {"ipv6",
     "Array(IPv6)",
     {list({text("::1")}), list({text("2001:db8::ff00:42:8329")}), list({text("::ffff:1.2.3.4")})}},
    {"ipv4", "Array(IPv4)", {list({text("1.2.3.4")}), list({text("255.255.255.255")})}},
    {"enumeration",
     "Array(Enum8('a' = 1, 'b' = 2))",
     {list({text("a")}), list({text("b")}), list({text("a"), text("b")})}},
    {"date", "Array(Date)", {list({date(0)}), list({date(19782)})}},
    {"date32", "Array(Nullable(Date32))", {list({date(-25567)}), list({date(19782)}), list({null})}},
    {"datetime", "Array(DateTime('UTC'))", {list({moment(0)}), list({moment(1709210096, 0, RowWriter::Zone::utc)})}},
    {"datetime64",
     "Array(DateTime64(6))",
     {list({moment(1709210096, 789'000'000)}), list({moment(1709210096)}), list({moment(-1, 1000)})}},
    {"datetime64_as_text", "Array(String)", {list({moment(1709210096, 0, RowWriter::Zone::utc)}), list({date(0)})}},
    {"depth_2",
     "Array(Array(Nullable(Int32)))",
     {list({}), list({list({})}), list({list({}), list({})}), list({list({integer(1), integer(2)})}),
      list({list({integer(1)}), list({integer(2)})}), list({list({null}), list({integer(2)})})}},
    {"depth_3",
     "Array(Array(Array(String)))",
     {list({list({list({text("a"), text("b")})})}), list({list({list({text("a")}), list({text("b")})})}),
      list({list({list({text("a")})}), list({list({text("b")})})}), list({list({list({text("ab")})})})}},
    {"map",
     "Map(String, Nullable(Int32))",
     {map({}), map({{text("a"), integer(1)}}), map({{text("a"), null}}), map({{text("b"), integer(1)}}),
      map({{text("b"), integer(2)}, {text("a"), integer(1)}}),
      map({{text("b"), integer(1)}, {text("a"), integer(2)}})}},
    {"map_of_integers",
     "Map(Int64, Array(String))",
     {map({{integer(-1), list({text("x")})}}), map({{integer(1), list({text("x")})}}),
      map({{integer(1), list({text("x"), text("")})}, {integer(10), list({})}})}},
    {"map_of_maps",
     "Map(String, Map(String, Float64))",
     {map({{text("a"), map({{text("b"), real(0.1)}})}}), map({{text("a"), map({{text("b"), real(0.2)}})}}),
      map({{text("a"), map({})}})}},
    {"tuple",
     "Tuple(Int32, Nullable(String))",
     {record({{"", integer(1)}, {"", text("x")}}), record({{"", integer(1)}, {"", null}}),
      record({{"", integer(2)}, {"", text("x")}})}},
    {"named_tuple",
     "Tuple(a Int32, b Array(Decimal(10, 2)), c Tuple(d Date, e Bool))",
     {record({{"a", integer(1)}, {"b", list({decimal("1.5")})}, {"c", record({{"d", date(1)}, {"e", truth(true)}})}}),
      record({{"c", record({{"e", truth(false)}, {"d", date(1)}})}, {"b", list({decimal("1.5")})}, {"a", integer(1)}}),
      record({{"a", integer(1)}, {"b", list({})}, {"c", record({{"d", date(1)}, {"e", truth(true)}})}})}},
    {"list_of_tuples",
     "Array(Tuple(k String, v Nullable(Float64)))",
     {list({record({{"k", text("a")}, {"v", real(1.5)}})}), list({record({{"k", text("a")}, {"v", null}})}),
      list({record({{"k", text("a")}, {"v", real(1.5)}}), record({{"k", text("a")}, {"v", real(1.5)}})})}},
    {"lists_as_texts",
     "Array(Nullable(String))",
     {list({list({integer(1), text("x")})}), list({record({{"a", integer(1)}})}),
      list({record({{"a", integer(2)}}), null})}},
};

constexpr Format every_format[]{Format::csv, Format::ndjson, Format::parquet};

class TestNestedProof : public ::testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(AllTypes, TestNestedProof, ::testing::ValuesIn(cases),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

struct Written {
    std::string text;
    ColumnStatistics proof;
};

Written write(const Case& one, Format format, std::span<const Call> values) {
    testing::CollectingSink sink;
    RowWriterOptions options;
    options.format = format;
    options.checksums = true;
    RowWriter writer({{"id", schema::Int32()}, {"v", schema::Type::parse(one.type)}}, options, sink);
    int id = 0;
    for (const Call& value : values) {
        writer.begin_row();
        writer.int64(id++);
        value(writer);
        writer.end_row();
    }
    writer.finish();
    return {sink.text, writer.statistics().columns.at(1)};
}

TEST_P(TestNestedProof, IsWhatClickHouseComputes) {
    const Case& one = GetParam();
    const schema::Type type = schema::Type::parse(one.type);
    schema::Schema columns;
    columns.columns = {{.name = "id", .type = schema::Int32()}, {.name = "v", .type = type}};
    Target target(columns);
    tinybird::Client client(config::tinybird(testing::tinybird_environment()));
    for (const Format format : every_format) {
        SCOPED_TRACE(formats::name(format));
        tinybird::ImportOptions options;
        options.format = format;
        const Written written = write(one, format, one.values);
        EXPECT_EQ(client.replace_data(written.text, target.name(), options).rows, one.values.size());
        ASSERT_TRUE(written.proof.comparable);
        const ResultSet answer = client.query(transfer::proof_query(target.name(), {{.name = "v", .type = type}}, ""));
        EXPECT_EQ(Value(answer.at(0)).at("tb_cdk_s0").to_text(), std::to_string(written.proof.checksum));
    }
}

TEST_P(TestNestedProof, DiffersWhereOnePartDoes) {
    for (const Format format : every_format) {
        std::unordered_set<std::uint64_t> seen;
        for (const Call& value : GetParam().values) {
            EXPECT_TRUE(seen.insert(write(GetParam(), format, std::span(&value, 1)).proof.checksum).second);
        }
    }
}

// The entries of a map have no order, neither here nor there.
TEST(TestNestedProofOfMaps, TheOrderOfEntriesDoesNotMatter) {
    const Case one{"", "Map(String, Int32)", {}};
    const std::vector<Call> some{map({{text("a"), integer(1)}, {text("b"), integer(2)}})};
    const std::vector<Call> others{map({{text("b"), integer(2)}, {text("a"), integer(1)}})};
    EXPECT_EQ(write(one, Format::csv, some).proof.checksum, write(one, Format::csv, others).proof.checksum);
}

}  // namespace
}  // namespace tinybird_cdk
