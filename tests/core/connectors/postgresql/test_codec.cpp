// SPDX-License-Identifier: Apache-2.0
// Bytes as PostgreSQL's *_send functions give them, each with the SQL that made it, as in
// SELECT numeric_send(1.10).
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/postgresql/wire.hpp"
#include "core/connectors/postgresql/written_value.hpp"

namespace tinybird_cdk::postgresql {
namespace {

using testing::array_decoder_of;
using testing::bytes_of;
using testing::decoder_of;
using testing::written;

std::string scalar(oid::Oid type, std::string_view hex, const char* target = "Nullable(String)") {
    return written(decoder_of(type), bytes_of(hex), target);
}

TEST(TestPostgresqlCodec, Integers) {
    EXPECT_EQ(scalar(oid::int2, "8000", "Int16"), "-32768");
    EXPECT_EQ(scalar(oid::int4, "7fffffff", "Int32"), "2147483647");
    EXPECT_EQ(scalar(oid::int8, "8000000000000000", "Int64"), "-9223372036854775808");
    EXPECT_EQ(scalar(oid::int8, "0020000000000001", "Int64"), "9007199254740993");
    EXPECT_EQ(scalar(oid::oid, "ffffffff", "UInt32"), "4294967295");
    EXPECT_EQ(scalar(oid::xid8, "ffffffffffffffff", "UInt64"), "18446744073709551615");
}

TEST(TestPostgresqlCodec, BooleansAndBytes) {
    EXPECT_EQ(scalar(oid::boolean, "01", "Bool"), "true");
    EXPECT_EQ(scalar(oid::boolean, "00", "Bool"), "false");
    EXPECT_EQ(scalar(oid::bytea, "00ff10"), "\"AP8Q\"");
    EXPECT_EQ(scalar(oid::bytea, ""), "\"\"");
    EXPECT_EQ(scalar(oid::character, "7a"), "\"z\"");
    EXPECT_EQ(scalar(oid::character, "00"), "\"\"");
}

TEST(TestPostgresqlCodec, Floats) {
    EXPECT_EQ(scalar(oid::float8, "3ff8000000000000", "Float64"), "1.5");
    EXPECT_EQ(scalar(oid::float8, "0000000000000001", "Float64"), "5e-324");
    EXPECT_EQ(scalar(oid::float4, "3dcccccd", "Float32"), "0.1");
    EXPECT_EQ(scalar(oid::float8, "7ff8000000000000", "Float64"), "\"nan\"");
    EXPECT_EQ(scalar(oid::float8, "fff0000000000000", "Float64"), "\"-inf\"");
}

TEST(TestPostgresqlCodec, Numerics) {
    // SELECT numeric_send(1.10)
    EXPECT_EQ(scalar(oid::numeric, "0002 0000 0000 0002 0001 03e8"), "\"1.10\"");
    // SELECT numeric_send(0)
    EXPECT_EQ(scalar(oid::numeric, "0000 0000 0000 0000"), "\"0\"");
    // SELECT numeric_send(0.00)
    EXPECT_EQ(scalar(oid::numeric, "0000 0000 0000 0002"), "\"0.00\"");
    // SELECT numeric_send(-0.0000000001)
    EXPECT_EQ(scalar(oid::numeric, "0001 fffd 4000 000a 0064"), "\"-0.0000000001\"");
    // SELECT numeric_send(100000000)
    EXPECT_EQ(scalar(oid::numeric, "0001 0002 0000 0000 0001"), "\"100000000\"");
    // SELECT numeric_send(12345678.9)
    EXPECT_EQ(scalar(oid::numeric, "0003 0001 0000 0001 04d2 162e 2328"), "\"12345678.9\"");
    EXPECT_EQ(scalar(oid::numeric, "0000 0000 c000 0000"), "\"NaN\"");
    EXPECT_EQ(scalar(oid::numeric, "0000 0000 d000 0000"), "\"Infinity\"");
    EXPECT_EQ(scalar(oid::numeric, "0000 0000 f000 0000"), "\"-Infinity\"");
}

TEST(TestPostgresqlCodec, DatesAndTimes) {
    EXPECT_EQ(scalar(oid::date, "00000000", "Date32"), "\"2000-01-01\"");
    EXPECT_EQ(scalar(oid::date, "7fffffff"), "\"infinity\"");
    EXPECT_EQ(scalar(oid::date, "80000000"), "\"-infinity\"");
    // SELECT date_send('0044-03-15 BC')
    EXPECT_EQ(scalar(oid::date, "fff49d7b"), "\"0044-03-15 BC\"");
    // One microsecond before 2000.
    EXPECT_EQ(scalar(oid::timestamp, "ffffffffffffffff", "DateTime64(6)"), "\"1999-12-31 23:59:59.999999\"");
    // SELECT timestamp_send('294276-12-31 23:59:59.999999'): beyond 64 bits of microseconds from 1970
    EXPECT_EQ(scalar(oid::timestamp, "7fffff5bb3b29fff"), "\"294276-12-31 23:59:59.999999\"");
    EXPECT_EQ(scalar(oid::timestamptz, "0000000000000000"), "\"2000-01-01 00:00:00+00\"");
    EXPECT_EQ(scalar(oid::timestamp, "7fffffffffffffff"), "\"infinity\"");
    EXPECT_EQ(scalar(oid::time, "0000 0014 1dd7 6000"), "\"24:00:00\"");
    // SELECT timetz_send('04:05:06-03:30')
    EXPECT_EQ(scalar(oid::timetz, "000000036c8bc080 00003138"), "\"04:05:06-03:30\"");
    // SELECT interval_send('1 year 2 mons -3 days 04:05:06')
    EXPECT_EQ(scalar(oid::interval, "000000036c8bc080 fffffffd 0000000e"), "\"1 year 2 mons -3 days +04:05:06\"");
}

/// What is infinite since PostgreSQL 17 was the largest interval before.
TEST(TestPostgresqlCodec, InfiniteIntervalsDependOnTheServer) {
    // SELECT interval_send('infinity')
    const std::string largest = bytes_of("7fffffffffffffff 7fffffff 7fffffff");
    const std::string smallest = bytes_of("8000000000000000 80000000 80000000");
    EXPECT_EQ(written(scalar_decoder(oid::interval, 170000), largest), "\"infinity\"");
    EXPECT_EQ(written(scalar_decoder(oid::interval, 170000), smallest), "\"-infinity\"");
    EXPECT_EQ(written(scalar_decoder(oid::interval, 160009), largest),
              "\"178956970 years 7 mons 2147483647 days 2562047788:00:54.775807\"");
}

TEST(TestPostgresqlCodec, TimesOutsideTheDayAreRefused) {
    // One microsecond beyond 24:00:00, and before midnight.
    EXPECT_THROW(scalar(oid::time, "0000 0014 1dd7 6001"), MalformedData);
    EXPECT_THROW(scalar(oid::time, "ffff ffff ffff ffff"), MalformedData);
    EXPECT_THROW(scalar(oid::timetz, "0000000000000000 7fffffff"), MalformedData);
}

TEST(TestPostgresqlCodec, TextOfNetworkAndOtherTypes) {
    EXPECT_EQ(scalar(oid::inet, "02 20 00 04 c0a80001"), "\"192.168.0.1\"");
    EXPECT_EQ(scalar(oid::cidr, "02 08 01 04 0a000000"), "\"10.0.0.0/8\"");
    EXPECT_EQ(scalar(oid::inet, "03 40 00 10 00000000000000000000000000000001"), "\"::1/64\"");
    EXPECT_EQ(scalar(oid::macaddr, "08002b010203"), "\"08:00:2b:01:02:03\"");
    EXPECT_EQ(scalar(oid::varbit, "00000005 b0"), "\"10110\"");
    EXPECT_EQ(scalar(oid::varbit, "00000000"), "\"\"");
    EXPECT_EQ(scalar(oid::pg_lsn, "00000016b374d848"), "\"16/B374D848\"");
    EXPECT_EQ(scalar(oid::tid, "0000002a 0001"), "\"(42,1)\"");
    EXPECT_EQ(scalar(oid::uuid, "a0eebc999c0b4ef8bb6d6bb9bd380a11", "UUID"),
              "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"");
}

TEST(TestPostgresqlCodec, JsonStaysByteForByte) {
    const std::string document = R"({"a":1,"a":2, "b" : "x\n"})";
    EXPECT_EQ(written(decoder_of(oid::json), document), R"("{\"a\":1,\"a\":2, \"b\" : \"x\\n\"}")");
    EXPECT_EQ(written(decoder_of(oid::jsonb), "\x01[1]"), "\"[1]\"");
    EXPECT_THROW(written(decoder_of(oid::jsonb), "\x02[1]"), MalformedData);
}

TEST(TestPostgresqlCodec, Arrays) {
    const Decoder integers = array_decoder_of(oid::int4);
    // SELECT array_send('{1,NULL,3}'::int[])
    EXPECT_EQ(
        written(integers,
                bytes_of("00000001 00000001 00000017 00000003 00000001 00000004 00000001 ffffffff 00000004 00000003"),
                "Array(Nullable(Int32))"),
        "[1,null,3]");
    EXPECT_EQ(written(integers, bytes_of("00000000 00000000 00000017"), "Array(Int32)"), "[]");
    // SELECT array_send('{{1,2},{3,4}}'::int[])
    EXPECT_EQ(written(integers,
                      bytes_of("00000002 00000000 00000017 00000002 00000001 00000002 00000001 00000004 00000001 "
                               "00000004 00000002 00000004 00000003 00000004 00000004"),
                      "Array(Array(Int32))"),
              "[[1,2],[3,4]]");
}

/// SELECT array_send(ARRAY['{1}'::jsonb, …]): elements go through the decoder of their own type.
TEST(TestPostgresqlCodec, ArraysOfOtherTypes) {
    // SELECT array_send('{1.10,NULL}'::numeric[])
    EXPECT_EQ(written(array_decoder_of(oid::numeric),
                      bytes_of("00000001 00000001 000006a4 00000002 00000001 0000000c 0002 0000 0000 0002 0001 03e8 "
                               "ffffffff"),
                      "Array(Nullable(Decimal(5, 2)))"),
              "[1.10,null]");
    // SELECT array_send(ARRAY['ok']::mood[]), mood an enum with the OID 0x4000
    EXPECT_EQ(written(array_decoder(0x4000, oid::text, testing::server_version),
                      bytes_of("00000001 00000000 00004000 00000001 00000001 00000002 6f6b"), "Array(String)"),
              "[\"ok\"]");
}

/// PostgreSQL has no dimension of no elements, and a few bytes must not ask for billions of lists.
TEST(TestPostgresqlCodec, DimensionsAreBoundedByTheBytesThereAre) {
    const auto refused = [](std::string_view hex) {
        EXPECT_THROW(written(array_decoder_of(oid::int4), bytes_of(hex)), MalformedData) << hex;
    };
    const std::string size = " 00000010 00000001";
    refused("00000006 00000000 00000017" + size + size + size + size + size + " 00000000 00000001");
    refused("00000003 00000000 00000017" + size + size + size + " ffffffff ffffffff ffffffff ffffffff");
    refused("00000001 00000000 00000017 80000000 00000001");
    refused("ffffffff 00000000 00000017");
    // Too few elements, too many bytes, an element of a negative length.
    refused("00000001 00000000 00000017 00000002 00000001 00000004 00000001 00000004");
    refused("00000001 00000000 00000017 00000001 00000001 00000004 00000001 00");
    refused("00000001 00000000 00000017 00000001 00000001 fffffffe");
}

TEST(TestPostgresqlCodec, MalformedNumericsAreRefused) {
    // A digit group of 10000, an unknown sign, a group too few, a group too many, a leading group of zero.
    for (const char* const hex :
         {"0001 0000 0000 0000 2710", "0001 0000 1000 0000 0001", "0002 0000 0000 0000 0001",
          "0001 0000 0000 0000 0001 0001", "0002 0001 0000 0000 0000 0001", "0001 0000 0000 ffff 0001"}) {
        EXPECT_THROW(scalar(oid::numeric, hex), MalformedData) << hex;
    }
}

TEST(TestPostgresqlCodec, UnknownTypesHaveNoDecoder) {
    EXPECT_EQ(decoder_of(600).decode, nullptr);
    EXPECT_EQ(array_decoder_of(600).decode, nullptr);
}

TEST(TestPostgresqlCodec, WrongLengthsAreRefused) {
    for (const oid::Oid type :
         {oid::boolean, oid::int2,     oid::int4,   oid::int8,      oid::float4,   oid::float8, oid::numeric,
          oid::date,    oid::time,     oid::timetz, oid::timestamp, oid::interval, oid::uuid,   oid::inet,
          oid::macaddr, oid::macaddr8, oid::varbit, oid::pg_lsn,    oid::tid,      oid::jsonb}) {
        EXPECT_THROW(written(decoder_of(type), ""), MalformedData) << type;
        EXPECT_ANY_THROW(written(decoder_of(type), std::string(37, '\x7f'))) << type;
    }
    EXPECT_THROW(written(array_decoder_of(oid::int4), bytes_of("00000001 00000000 00000017 7fffffff 00000001")),
                 MalformedData);
    EXPECT_THROW(written(array_decoder_of(oid::int4), bytes_of("00000007 00000000 00000017")), MalformedData);
    EXPECT_THROW(written(array_decoder_of(oid::int4), bytes_of("00000000 00000000 00000019")), MalformedData);
}

/// Every type that the codec knows, in one bag.
std::vector<Decoder> all_decoders() {
    std::vector<Decoder> decoders;
    for (oid::Oid type = 0; type < 6000; ++type) {
        for (const Decoder& decoder : {scalar_decoder(type, 170000), array_decoder_of(type)}) {
            if (decoder.decode != nullptr) {
                decoders.push_back(decoder);
            }
        }
    }
    return decoders;
}

/// @return whether a value came out; anything but the two exceptions of the interface fails the test
bool survives(const Decoder& decoder, const std::string& bytes) {
    try {
        written(decoder, bytes);
        return true;
    } catch (const MalformedData&) {
        return false;
    } catch (const errors::Error&) {
        return false;
    }
}

/// Whatever the bytes are, a value is written or an exception thrown; the sanitised build watches the memory.
TEST(TestPostgresqlCodec, RandomBytesDoNoHarm) {
    const std::vector<Decoder> decoders = all_decoders();
    ASSERT_GT(decoders.size(), 60U);
    std::mt19937 generator(20261124);
    std::size_t accepted = 0;
    for (int i = 0; i < 400; ++i) {
        std::string bytes(generator() % 40, '\0');
        for (char& byte : bytes) {
            // Small numbers are what lengths and counts are made of.
            byte = static_cast<char>(generator() % 2 == 0 ? generator() % 4 : generator());
        }
        for (const Decoder& decoder : decoders) {
            accepted += survives(decoder, bytes) ? 1 : 0;
        }
    }
    EXPECT_GT(accepted, 1000U);
}

TEST(TestPostgresqlCodec, DamagedValuesDoNoHarm) {
    const std::vector<std::pair<Decoder, std::string>> intact{
        {array_decoder_of(oid::int4),
         bytes_of("00000002 00000001 00000017 00000002 00000001 00000002 00000001 00000004 00000001 ffffffff 00000004 "
                  "00000003 00000004 00000004")},
        {array_decoder_of(oid::text),
         bytes_of("00000001 00000000 00000019 00000002 00000001 00000002 6162 00000003 636465")},
        {decoder_of(oid::numeric), bytes_of("0003 0001 0000 0001 04d2 162e 2328")},
        {decoder_of(oid::inet), bytes_of("03 40 00 10 00000000000000000000000000000001")},
        {decoder_of(oid::varbit), bytes_of("00000005 b0")},
        {decoder_of(oid::jsonb), bytes_of("01 5b 31 5d")}};
    std::mt19937 generator(20261124);
    for (const auto& [decoder, bytes] : intact) {
        ASSERT_TRUE(survives(decoder, bytes));
        std::size_t refused = 0;
        for (int i = 0; i < 5000; ++i) {
            std::string damaged = bytes.substr(0, bytes.size() - generator() % 3);
            for (int j = 0; j < 2 && !damaged.empty(); ++j) {
                damaged[generator() % damaged.size()] = static_cast<char>(generator());
            }
            refused += survives(decoder, damaged) ? 0 : 1;
        }
        EXPECT_GT(refused, 0U);
    }
}

}  // namespace
}  // namespace tinybird_cdk::postgresql
