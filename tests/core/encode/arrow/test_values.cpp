// SPDX-License-Identifier: Apache-2.0
/// Every Arrow type, as NDJSON writes it.
#include "encode/arrow/values.hpp"

#include <cstring>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "core/encode/arrow/arrow_column.hpp"

namespace tinybird_cdk {
namespace {

using testing::ArrowColumn;
using testing::check;
using ::testing::HasSubstr;
using testing::integers;

std::string json_of(ArrowType type, std::vector<std::int64_t> values) {
    return ArrowColumn(type).batch(integers(std::move(values))).json();
}

ArrowColumn::Fill texts(std::vector<std::string> values) {
    return [values = std::move(values)](ArrowArray& array) {
        for (const std::string& value : values) {
            check(ArrowArrayAppendBytes(&array, {{value.data()}, static_cast<std::int64_t>(value.size())}));
        }
        check(ArrowArrayAppendNull(&array, 1));
    };
}

ArrowColumn::Describe timed(ArrowType type, ArrowTimeUnit unit, const char* zone = nullptr) {
    return [=](ArrowSchema& schema) { check(ArrowSchemaSetTypeDateTime(&schema, type, unit, zone)); };
}

ArrowColumn::Describe extension(ArrowType type, const char* name, const char* metadata = "", std::int32_t size = 0) {
    return [=](ArrowSchema& schema) {
        check(size > 0 ? ArrowSchemaSetTypeFixedSize(&schema, type, size) : ArrowSchemaSetType(&schema, type));
        ArrowBuffer buffer;
        check(ArrowMetadataBuilderInit(&buffer, nullptr));
        check(ArrowMetadataBuilderAppend(&buffer, ArrowCharView("ARROW:extension:name"), ArrowCharView(name)));
        check(ArrowMetadataBuilderAppend(&buffer, ArrowCharView("ARROW:extension:metadata"), ArrowCharView(metadata)));
        check(ArrowSchemaSetMetadata(&schema, reinterpret_cast<const char*>(buffer.data)));
        ArrowBufferReset(&buffer);
    };
}

TEST(TestArrowValues, Integers) {
    EXPECT_EQ(json_of(NANOARROW_TYPE_INT8, {INT8_MIN, 0, INT8_MAX}), "-128\n0\n127\nnull\n");
    EXPECT_EQ(json_of(NANOARROW_TYPE_UINT8, {0, UINT8_MAX}), "0\n255\nnull\n");
    EXPECT_EQ(json_of(NANOARROW_TYPE_INT16, {INT16_MIN, INT16_MAX}), "-32768\n32767\nnull\n");
    EXPECT_EQ(json_of(NANOARROW_TYPE_UINT16, {0, UINT16_MAX}), "0\n65535\nnull\n");
    EXPECT_EQ(json_of(NANOARROW_TYPE_INT32, {INT32_MIN, INT32_MAX}), "-2147483648\n2147483647\nnull\n");
    EXPECT_EQ(json_of(NANOARROW_TYPE_UINT32, {0, UINT32_MAX}), "0\n4294967295\nnull\n");
    EXPECT_EQ(json_of(NANOARROW_TYPE_INT64, {INT64_MIN, INT64_MAX}),
              "-9223372036854775808\n9223372036854775807\nnull\n");
    EXPECT_EQ(ArrowColumn(NANOARROW_TYPE_UINT64)
                  .batch([](ArrowArray& array) { check(ArrowArrayAppendUInt(&array, UINT64_MAX)); })
                  .json(),
              "18446744073709551615\n");
    EXPECT_EQ(json_of(NANOARROW_TYPE_BOOL, {1, 0}), "true\nfalse\nnull\n");
    EXPECT_EQ(
        ArrowColumn(NANOARROW_TYPE_NA).batch([](ArrowArray& array) { check(ArrowArrayAppendNull(&array, 2)); }).json(),
        "null\nnull\n");
}

TEST(TestArrowValues, Floats) {
    const auto fill = [](ArrowArray& array) {
        for (const double value : {0.5, -0.0, 65504.0}) {
            check(ArrowArrayAppendDouble(&array, value));
        }
    };
    EXPECT_EQ(ArrowColumn(NANOARROW_TYPE_HALF_FLOAT).batch(fill).json(), "0.5\n-0\n65504\n");
    EXPECT_EQ(ArrowColumn(NANOARROW_TYPE_FLOAT).batch(fill).json(), "0.5\n-0\n65504\n");
    const auto tenth = [](ArrowArray& array) { check(ArrowArrayAppendDouble(&array, 0.1)); };
    EXPECT_EQ(ArrowColumn(NANOARROW_TYPE_FLOAT).batch(tenth).json(), "0.1\n") << "of a float, not of its double";
    EXPECT_EQ(ArrowColumn(NANOARROW_TYPE_DOUBLE).batch(tenth).json(), "0.1\n");
    const auto nan = [](ArrowArray& array) {
        check(ArrowArrayAppendDouble(&array, std::numeric_limits<double>::quiet_NaN()));
    };
    EXPECT_THROW(ArrowColumn(NANOARROW_TYPE_DOUBLE).batch(nan).json("Decimal(9, 2)"), errors::RefusedValueError);
    EXPECT_EQ(ArrowColumn(NANOARROW_TYPE_DOUBLE).batch(nan).json("Float64"), "\"nan\"\n");
}

std::string decimal(ArrowType type, int bits, int precision, int scale, const char* digits) {
    ArrowColumn column([&](ArrowSchema& schema) { check(ArrowSchemaSetTypeDecimal(&schema, type, precision, scale)); });
    column.batch([&](ArrowArray& array) {
        ArrowDecimal value;
        ArrowDecimalInit(&value, bits, precision, scale);
        check(ArrowDecimalSetDigits(&value, ArrowCharView(digits)));
        check(ArrowArrayAppendDecimal(&array, &value));
    });
    return column.json("String");
}

TEST(TestArrowValues, DecimalsKeepTheirDigits) {
    EXPECT_EQ(decimal(NANOARROW_TYPE_DECIMAL32, 32, 9, 2, "-123456789"), "\"-1234567.89\"\n");
    EXPECT_EQ(decimal(NANOARROW_TYPE_DECIMAL64, 64, 18, 18, "1"), "\"0.000000000000000001\"\n");
    EXPECT_EQ(decimal(NANOARROW_TYPE_DECIMAL128, 128, 38, 10, "-99999999999999999999999999999999999999"),
              "\"-9999999999999999999999999999.9999999999\"\n");
    EXPECT_EQ(decimal(NANOARROW_TYPE_DECIMAL256, 256, 76, 0,
                      "9999999999999999999999999999999999999999999999999999999999999999999999999999"),
              "\"9999999999999999999999999999999999999999999999999999999999999999999999999999\"\n");
    EXPECT_EQ(decimal(NANOARROW_TYPE_DECIMAL128, 128, 10, -2, "123"), "\"12300\"\n");
    EXPECT_EQ(decimal(NANOARROW_TYPE_DECIMAL128, 128, 10, -2, "0"), "\"0\"\n");
    EXPECT_EQ(decimal(NANOARROW_TYPE_DECIMAL128, 128, 10, 2, "0"), "\"0.00\"\n");
}

TEST(TestArrowValues, TextsInEveryLayout) {
    const std::string longer = "longer than the twelve bytes that a view holds by itself";
    for (const ArrowType type : {NANOARROW_TYPE_STRING, NANOARROW_TYPE_LARGE_STRING, NANOARROW_TYPE_STRING_VIEW}) {
        EXPECT_EQ(ArrowColumn(type).batch(texts({"", "é\"\n", longer})).json(),
                  "\"\"\n\"é\\\"\\n\"\n\"" + longer + "\"\nnull\n");
        EXPECT_THROW(ArrowColumn(type).batch(texts({"\xFF"})).json(), errors::RefusedValueError);
    }
    for (const ArrowType type : {NANOARROW_TYPE_BINARY, NANOARROW_TYPE_LARGE_BINARY, NANOARROW_TYPE_BINARY_VIEW}) {
        EXPECT_EQ(ArrowColumn(type).batch(texts({"", "\xFF\x01", "0123456789abcdef"})).json(),
                  "\"\"\n\"/wE=\"\n\"MDEyMzQ1Njc4OWFiY2RlZg==\"\nnull\n");
    }
    ArrowColumn fixed(
        [](ArrowSchema& schema) { check(ArrowSchemaSetTypeFixedSize(&schema, NANOARROW_TYPE_FIXED_SIZE_BINARY, 3)); });
    EXPECT_EQ(fixed.batch(texts({"abc"})).json(), "\"YWJj\"\nnull\n");
}

TEST(TestArrowValues, Dates) {
    EXPECT_EQ(json_of(NANOARROW_TYPE_DATE32, {-1, 0, 19782}), "\"1969-12-31\"\n\"1970-01-01\"\n\"2024-02-29\"\nnull\n");
    EXPECT_EQ(json_of(NANOARROW_TYPE_DATE64, {-86'400'000, 1'709'164'800'000}),
              "\"1969-12-31\"\n\"2024-02-29\"\nnull\n");
    EXPECT_EQ(ArrowColumn(NANOARROW_TYPE_DATE64).batch(integers({1'709'164'800'500})).json(),
              "\"2024-02-29 00:00:00.5\"\nnull\n");
    EXPECT_THROW(ArrowColumn(NANOARROW_TYPE_DATE64).batch(integers({1'709'164'800'500})).json("Nullable(Date32)"),
                 errors::RefusedValueError);
    EXPECT_THROW(json_of(NANOARROW_TYPE_DATE32, {INT32_MIN}), errors::RefusedValueError);
}

TEST(TestArrowValues, TimestampsOfEveryUnit) {
    const auto text = [](ArrowTimeUnit unit, const char* zone, std::int64_t count) {
        return ArrowColumn(timed(NANOARROW_TYPE_TIMESTAMP, unit, zone))
            .batch(integers({count}))
            .json("Nullable(String)");
    };
    EXPECT_EQ(text(NANOARROW_TIME_UNIT_SECOND, nullptr, -1), "\"1969-12-31 23:59:59\"\nnull\n");
    EXPECT_EQ(text(NANOARROW_TIME_UNIT_MILLI, nullptr, -1), "\"1969-12-31 23:59:59.999\"\nnull\n");
    EXPECT_EQ(text(NANOARROW_TIME_UNIT_MICRO, "", 1'500'000), "\"1970-01-01 00:00:01.5\"\nnull\n");
    EXPECT_EQ(text(NANOARROW_TIME_UNIT_NANO, nullptr, 1), "\"1970-01-01 00:00:00.000000001\"\nnull\n");
    EXPECT_EQ(text(NANOARROW_TIME_UNIT_NANO, nullptr, INT64_MIN), "\"1677-09-21 00:12:43.145224192\"\nnull\n");
    // Whatever the zone is called: the count is that of an instant, and it is written in UTC.
    EXPECT_EQ(text(NANOARROW_TIME_UNIT_MICRO, "Europe/Madrid", 0), "\"1970-01-01 00:00:00+00\"\nnull\n");
    EXPECT_EQ(text(NANOARROW_TIME_UNIT_SECOND, "UTC", 0), "\"1970-01-01 00:00:00+00\"\nnull\n");
    EXPECT_THROW(ArrowColumn(timed(NANOARROW_TYPE_TIMESTAMP, NANOARROW_TIME_UNIT_NANO))
                     .batch(integers({1}))
                     .json("Nullable(DateTime64(6))"),
                 errors::RefusedValueError);
}

TEST(TestArrowValues, TimesAndDurations) {
    const auto text = [](ArrowType type, ArrowTimeUnit unit, std::int64_t count) {
        return ArrowColumn(timed(type, unit)).batch(integers({count})).json();
    };
    EXPECT_EQ(text(NANOARROW_TYPE_TIME32, NANOARROW_TIME_UNIT_SECOND, 86'399), "\"23:59:59\"\nnull\n");
    EXPECT_EQ(text(NANOARROW_TYPE_TIME32, NANOARROW_TIME_UNIT_MILLI, 1), "\"00:00:00.001\"\nnull\n");
    EXPECT_EQ(text(NANOARROW_TYPE_TIME64, NANOARROW_TIME_UNIT_MICRO, 86'400'000'000), "\"24:00:00\"\nnull\n");
    EXPECT_EQ(text(NANOARROW_TYPE_TIME64, NANOARROW_TIME_UNIT_NANO, 1), "\"00:00:00.000000001\"\nnull\n");
    EXPECT_EQ(text(NANOARROW_TYPE_DURATION, NANOARROW_TIME_UNIT_MILLI, -90'061'001), "\"-25:01:01.001\"\nnull\n");
    // 292 years of nanoseconds are not enough.
    EXPECT_EQ(text(NANOARROW_TYPE_DURATION, NANOARROW_TIME_UNIT_SECOND, INT64_MIN),
              "\"-2562047788015215:30:08\"\nnull\n");
    EXPECT_EQ(text(NANOARROW_TYPE_DURATION, NANOARROW_TIME_UNIT_MICRO, INT64_MAX),
              "\"2562047788:00:54.775807\"\nnull\n");
}

TEST(TestArrowValues, Intervals) {
    const auto text = [](ArrowType type, std::int32_t months, std::int32_t days, std::int32_t ms, std::int64_t ns) {
        ArrowColumn column(type);
        column.batch([&](ArrowArray& array) {
            ArrowInterval value;
            ArrowIntervalInit(&value, type);
            value.months = months;
            value.days = days;
            value.ms = ms;
            value.ns = ns;
            check(ArrowArrayAppendInterval(&array, &value));
        });
        return column.json();
    };
    EXPECT_EQ(text(NANOARROW_TYPE_INTERVAL_MONTHS, 14, 0, 0, 0), "\"1 year 2 mons\"\n");
    EXPECT_EQ(text(NANOARROW_TYPE_INTERVAL_MONTHS, -1, 0, 0, 0), "\"-1 mons\"\n");
    EXPECT_EQ(text(NANOARROW_TYPE_INTERVAL_DAY_TIME, 0, -3, 1500, 0), "\"-3 days +00:00:01.5\"\n");
    EXPECT_EQ(text(NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO, 12, 1, 0, 1'000), "\"1 year 1 day 00:00:00.000001\"\n");
    EXPECT_EQ(text(NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO, 12, 1, 0, 1), "\"1 year 1 day 00:00:00.000000001\"\n");
    EXPECT_EQ(text(NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO, -1, 0, 0, 1), "\"-1 mons +00:00:00.000000001\"\n");
    EXPECT_EQ(text(NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO, 1, 0, 0, -1), "\"1 mon -00:00:00.000000001\"\n");
    EXPECT_EQ(text(NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO, 0, 0, 0, -1), "\"-00:00:00.000000001\"\n");
}

TEST(TestArrowValues, ExtensionTypes) {
    const std::string sixteen = "0123456789abcdef";
    EXPECT_EQ(
        ArrowColumn(extension(NANOARROW_TYPE_FIXED_SIZE_BINARY, "arrow.uuid", "", 16)).batch(texts({sixteen})).json(),
        "\"30313233-3435-3637-3839-616263646566\"\nnull\n");
    EXPECT_EQ(ArrowColumn(extension(NANOARROW_TYPE_STRING, "arrow.json"))
                  .batch(texts({R"({"a": 1})"}))
                  .json("Nullable(JSON)"),
              "{\"a\": 1}\nnull\n");
    EXPECT_EQ(ArrowColumn(extension(NANOARROW_TYPE_INT8, "arrow.bool8")).batch(integers({0, 1, -5})).json(),
              "false\ntrue\ntrue\nnull\n");
    const char* const numeric = R"({"type_name": "numeric", "vendor_name": "PostgreSQL"})";
    EXPECT_EQ(ArrowColumn(extension(NANOARROW_TYPE_STRING, "arrow.opaque", numeric))
                  .batch(texts({"12345678901234567890.10"}))
                  .json("Nullable(Decimal(38, 2))"),
              "\"12345678901234567890.10\"\nnull\n");
    EXPECT_THROW(ArrowColumn(extension(NANOARROW_TYPE_STRING, "arrow.opaque", numeric))
                     .batch(texts({"NaN"}))
                     .json("Nullable(Decimal(38, 2))"),
                 errors::RefusedValueError);
    // What nobody knows is what it is stored as.
    EXPECT_EQ(ArrowColumn(extension(NANOARROW_TYPE_STRING, "arrow.opaque", "no json")).batch(texts({"x"})).json(),
              "\"x\"\nnull\n");
    EXPECT_EQ(ArrowColumn(extension(NANOARROW_TYPE_INT32, "acme.thing", "{}")).batch(integers({7})).json(),
              "7\nnull\n");
}

TEST(TestArrowValues, HugeIntegersOfDuckdb) {
    const auto text = [](const char* type, std::uint64_t low, std::uint64_t high) {
        const std::string metadata = std::string(R"({"vendor_name":"DuckDB","type_name":")") + type + "\"}";
        std::string bytes(16, '\0');
        std::memcpy(bytes.data(), &low, 8);
        std::memcpy(bytes.data() + 8, &high, 8);
        return ArrowColumn(extension(NANOARROW_TYPE_FIXED_SIZE_BINARY, "arrow.opaque", metadata.c_str(), 16))
            .batch(texts({bytes}))
            .json("Nullable(String)");
    };
    EXPECT_EQ(text("hugeint", 0, 0), "\"0\"\nnull\n");
    EXPECT_EQ(text("hugeint", UINT64_MAX, INT64_MAX), "\"170141183460469231731687303715884105727\"\nnull\n");
    EXPECT_EQ(text("hugeint", 0, std::uint64_t{1} << 63U), "\"-170141183460469231731687303715884105728\"\nnull\n");
    EXPECT_EQ(text("hugeint", UINT64_MAX, UINT64_MAX), "\"-1\"\nnull\n");
    EXPECT_EQ(text("uhugeint", UINT64_MAX, UINT64_MAX), "\"340282366920938463463374607431768211455\"\nnull\n");
}

TEST(TestArrowValues, AColumnThatCantBeReadIsNamed) {
    ArrowColumn column([](ArrowSchema& schema) { check(ArrowSchemaSetFormat(&schema, "i")); });
    check(ArrowSchemaSetFormat(column.schema()->children[0], "nonsense"));
    try {
        encode::make_arrow_values(*column.schema()->children[0]);
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("the Arrow type \"nonsense\" of \"c\" can't be read"));
    }
}

}  // namespace
}  // namespace tinybird_cdk
