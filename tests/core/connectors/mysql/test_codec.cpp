// SPDX-License-Identifier: Apache-2.0
// Bytes of the binary protocol (https://mariadb.com/kb/en/resultset-row/#binary-resultset-row).
#include <optional>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/mysql/codec.hpp"
#include "core/connectors/mysql/bytes.hpp"

namespace tinybird_cdk::mysql {
namespace {

using testing::bytes_of;

class TextSink final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        text += full.view();
        return Buffer(wanted);
    }
    std::string text;
};

/// The JSON of one value, bound for a column of this type. All of the bytes must be taken.
std::string written(const Field& field, const std::string& bytes, const char* target = "Nullable(String)") {
    TextSink sink;
    RowWriterOptions options;
    options.format = Format::ndjson;
    RowWriter writer({{"v", schema::Type::parse(target), false}}, options, sink);
    std::string scratch;
    Wire wire(bytes);
    writer.begin_row();
    decoder_for(field)(wire, writer, scratch);
    writer.end_row();
    writer.finish();
    EXPECT_EQ(wire.left(), 0U);
    constexpr std::size_t key = 5;  // {"v":
    return sink.text.substr(key, sink.text.size() - key - 2);
}

Field of(enum_field_types type) {
    Field field;
    field.type = type;
    return field;
}
Field unsigned_of(enum_field_types type) {
    Field field = of(type);
    field.is_unsigned = true;
    return field;
}
Field binary_of(enum_field_types type) {
    Field field = of(type);
    field.is_binary = true;
    return field;
}
Field extended(const char* name, bool is_binary = false) {
    Field field = of(MYSQL_TYPE_STRING);
    field.extended_type = name;
    field.is_binary = is_binary;
    return field;
}

TEST(TestMysqlCodec, Integers) {
    EXPECT_EQ(written(of(MYSQL_TYPE_TINY), bytes_of("80"), "Int8"), "-128");
    EXPECT_EQ(written(unsigned_of(MYSQL_TYPE_TINY), bytes_of("ff"), "UInt8"), "255");
    EXPECT_EQ(written(of(MYSQL_TYPE_SHORT), bytes_of("0080"), "Int16"), "-32768");
    EXPECT_EQ(written(unsigned_of(MYSQL_TYPE_SHORT), bytes_of("ffff"), "UInt16"), "65535");
    EXPECT_EQ(written(of(MYSQL_TYPE_INT24), bytes_of("ffffffff"), "Int32"), "-1");
    EXPECT_EQ(written(of(MYSQL_TYPE_LONG), bytes_of("ffffff7f"), "Int32"), "2147483647");
    EXPECT_EQ(written(unsigned_of(MYSQL_TYPE_LONG), bytes_of("ffffffff"), "UInt32"), "4294967295");
    EXPECT_EQ(written(of(MYSQL_TYPE_LONGLONG), bytes_of("0000000000000080"), "Int64"), "-9223372036854775808");
    EXPECT_EQ(written(unsigned_of(MYSQL_TYPE_LONGLONG), bytes_of("ffffffffffffffff"), "UInt64"),
              "18446744073709551615");
    EXPECT_EQ(written(of(MYSQL_TYPE_YEAR), bytes_of("6b08"), "UInt16"), "2155");
}

TEST(TestMysqlCodec, FloatsAndDecimals) {
    EXPECT_EQ(written(of(MYSQL_TYPE_FLOAT), bytes_of("cdcccc3d"), "Float32"), "0.1");
    EXPECT_EQ(written(of(MYSQL_TYPE_DOUBLE), bytes_of("0100000000000000"), "Float64"), "5e-324");
    EXPECT_EQ(written(of(MYSQL_TYPE_NEWDECIMAL), "\x05-1.10", "Decimal(10, 2)"), "-1.10");
    EXPECT_EQ(written(of(MYSQL_TYPE_NEWDECIMAL),
                      "\x05"
                      "01.10",
                      "Decimal(10, 2)"),
              "1.10");
}

TEST(TestMysqlCodec, Bits) {
    EXPECT_EQ(written(of(MYSQL_TYPE_BIT), bytes_of("01 01"), "UInt8"), "1");
    EXPECT_EQ(written(of(MYSQL_TYPE_BIT), bytes_of("01 01"), "Bool"), "true");
    EXPECT_EQ(written(of(MYSQL_TYPE_BIT), bytes_of("02 0102"), "UInt16"), "258");
    EXPECT_EQ(written(of(MYSQL_TYPE_BIT), bytes_of("08 ffffffffffffffff"), "UInt64"), "18446744073709551615");
    EXPECT_THROW(written(of(MYSQL_TYPE_BIT), bytes_of("09 000000000000000000")), MalformedData);
}

TEST(TestMysqlCodec, DatesAndTimes) {
    EXPECT_EQ(written(of(MYSQL_TYPE_DATE), bytes_of("04 e807 02 1d"), "Date32"), "\"2024-02-29\"");
    EXPECT_EQ(written(of(MYSQL_TYPE_DATETIME), bytes_of("04 e807 02 1d"), "DateTime64(3)"), "\"2024-02-29 00:00:00\"");
    EXPECT_EQ(written(of(MYSQL_TYPE_DATETIME), bytes_of("07 e807 02 1d 17 3b 3b"), "DateTime64(3)"),
              "\"2024-02-29 23:59:59\"");
    EXPECT_EQ(written(of(MYSQL_TYPE_DATETIME), bytes_of("0b e807 02 1d 17 3b 3b 40e20100"), "DateTime64(6)"),
              "\"2024-02-29 23:59:59.123456\"");
    EXPECT_EQ(written(of(MYSQL_TYPE_TIMESTAMP), bytes_of("04 e807 02 1d")), "\"2024-02-29 00:00:00+00\"");
    EXPECT_EQ(written(of(MYSQL_TYPE_TIME), bytes_of("00")), "\"00:00:00\"");
    EXPECT_EQ(written(of(MYSQL_TYPE_TIME), bytes_of("0c 01 22000000 16 3b 3b 3f420f00")), "\"-838:59:59.999999\"");
}

TEST(TestMysqlCodec, DatesThatAreNone) {
    EXPECT_EQ(written(of(MYSQL_TYPE_DATE), bytes_of("00")), "\"0000-00-00\"");
    EXPECT_EQ(written(of(MYSQL_TYPE_DATE), bytes_of("04 e407 00 00")), "\"2020-00-00\"");
    EXPECT_EQ(written(of(MYSQL_TYPE_DATE), bytes_of("04 e507 02 1f")), "\"2021-02-31\"");
    EXPECT_EQ(written(of(MYSQL_TYPE_DATE), bytes_of("04 0000 01 01")), "\"0000-01-01\"");
    Field precise = of(MYSQL_TYPE_DATETIME);
    precise.decimals = 3;
    EXPECT_EQ(written(precise, bytes_of("00")), "\"0000-00-00 00:00:00.000\"");
    EXPECT_THROW(written(of(MYSQL_TYPE_DATE), bytes_of("00"), "Date32"), errors::RefusedValueError);
    EXPECT_THROW(written(of(MYSQL_TYPE_TIMESTAMP), bytes_of("00"), "DateTime('UTC')"), errors::RefusedValueError);
}

TEST(TestMysqlCodec, TextAndBytes) {
    EXPECT_EQ(written(of(MYSQL_TYPE_VAR_STRING), bytes_of("00")), "\"\"");
    EXPECT_EQ(written(of(MYSQL_TYPE_VAR_STRING), bytes_of("02 c3a9")), "\"é\"");
    EXPECT_EQ(written(of(MYSQL_TYPE_BLOB), bytes_of("fc 0300 616263")), "\"abc\"");
    EXPECT_EQ(written(of(MYSQL_TYPE_BLOB), bytes_of("fd 030000 616263")), "\"abc\"");
    EXPECT_EQ(written(of(MYSQL_TYPE_BLOB), bytes_of("fe 0300000000000000 616263")), "\"abc\"");
    EXPECT_EQ(written(binary_of(MYSQL_TYPE_STRING), bytes_of("03 00ff00")), "\"AP8A\"");
    EXPECT_THROW(written(of(MYSQL_TYPE_VAR_STRING), bytes_of("02 ff61")), errors::RefusedValueError);
    Field label = binary_of(MYSQL_TYPE_STRING);
    label.is_enum = true;
    EXPECT_EQ(written(label, bytes_of("01 61")), "\"a\"") << "a label, not bytes";
    EXPECT_EQ(written(extended("inet6", true), "\x03::1", "IPv6"), "\"::1\"");
}

TEST(TestMysqlCodec, JsonAndUuids) {
    EXPECT_EQ(written(extended("json"), "\x08{\"a\": 1}", "JSON"), "{\"a\": 1}");
    EXPECT_EQ(written(of(MYSQL_TYPE_JSON), "\x02[]"), "\"[]\"");
    EXPECT_EQ(written(extended("uuid", true),
                      "\x24"
                      "A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11",
                      "UUID"),
              "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"");
    EXPECT_THROW(written(extended("uuid"),
                         "\x03"
                         "a0e"),
                 MalformedData);
    EXPECT_THROW(written(extended("uuid"),
                         "\x01"
                         "x"),
                 MalformedData);
}

TEST(TestMysqlCodec, WhatIsTooShortIsRefused) {
    for (const enum_field_types type :
         {MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG, MYSQL_TYPE_FLOAT, MYSQL_TYPE_DOUBLE,
          MYSQL_TYPE_NEWDECIMAL, MYSQL_TYPE_DATE, MYSQL_TYPE_TIME, MYSQL_TYPE_VAR_STRING, MYSQL_TYPE_GEOMETRY}) {
        EXPECT_THROW(written(of(type), ""), MalformedData) << type;
    }
    for (const char* const bytes : {"01", "fb", "ff", "fc 01", "fd 0100", "fe 01000000", "fe ffffffffffffffff 00"}) {
        EXPECT_THROW(written(of(MYSQL_TYPE_VAR_STRING), bytes_of(bytes)), MalformedData) << bytes;
    }
}

/// Whatever the bytes are: a value, or a refusal.
TEST(TestMysqlCodec, RandomBytesDoNoHarm) {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> byte(0, 255);
    std::uniform_int_distribution<std::size_t> length(0, 40);
    int refused = 0;
    for (int i = 0; i < 20000; ++i) {
        std::string bytes(length(random), '\0');
        for (char& one : bytes) {
            one = static_cast<char>(byte(random));
        }
        if (!bytes.empty() && i % 2 == 0) {
            bytes[0] = static_cast<char>(bytes.size() - 1);
        }
        for (const enum_field_types type :
             {MYSQL_TYPE_DATETIME, MYSQL_TYPE_TIME, MYSQL_TYPE_GEOMETRY, MYSQL_TYPE_BIT}) {
            TextSink sink;
            RowWriter writer({{"v", schema::Nullable(schema::String()), false}}, {}, sink);
            std::string scratch;
            Wire wire(bytes);
            writer.begin_row();
            try {
                decoder_for(of(type))(wire, writer, scratch);
            } catch (const MalformedData&) {
                ++refused;
            }
        }
    }
    EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace tinybird_cdk::mysql
