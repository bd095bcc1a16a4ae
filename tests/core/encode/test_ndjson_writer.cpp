// SPDX-License-Identifier: Apache-2.0
// The notation of NDJSON, value by value.
#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/encode/written.hpp"

namespace tinybird_cdk::testing {
namespace {

using std::string_view_literals::operator""sv;
using Zone = RowWriter::Zone;
using Json = nlohmann::ordered_json;

RowWriterOptions ndjson() {
    RowWriterOptions options;
    options.format = Format::ndjson;
    return options;
}

TEST(NdjsonWriter, WritesOneObjectALine) {
    const std::string text =
        written({{"a", std::nullopt}, {"b \"x\"\n", std::nullopt}}, ndjson(), [](RowWriter& writer) {
            for (std::int64_t i = 0; i < 2; ++i) {
                writer.begin_row();
                writer.int64(i);
                writer.null();
                writer.end_row();
            }
        });
    EXPECT_EQ(text, "{\"a\":0,\"b \\\"x\\\"\\n\":null}\n{\"a\":1,\"b \\\"x\\\"\\n\":null}\n");
}

TEST(NdjsonWriter, TakesNamesOfAnyLength) {
    for (std::size_t length = 0; length < 80; ++length) {
        const std::string name(length, 'n');
        const std::string text =
            written({{name, std::nullopt}, {name + "2", std::nullopt}}, ndjson(), [](RowWriter& writer) {
                writer.begin_row();
                writer.int64(1);
                writer.text("x");
                writer.end_row();
            });
        const Json expected{{name, 1}, {name + "2", "x"}};
        ASSERT_EQ(text, expected.dump() + "\n");
    }
}

TEST(NdjsonWriter, WritesNumbersSoThatNoneIsLost) {
    EXPECT_EQ(json("", [](RowWriter& w) { w.int64(std::numeric_limits<std::int64_t>::min()); }),
              "-9223372036854775808");
    EXPECT_EQ(json("", [](RowWriter& w) { w.uint64(std::numeric_limits<std::uint64_t>::max()); }),
              "18446744073709551615");
    EXPECT_EQ(json("", [](RowWriter& w) { w.integer("18446744073709551615"); }), "18446744073709551615");
    EXPECT_EQ(json("", [](RowWriter& w) { w.integer("18446744073709551616"); }), "\"18446744073709551616\"");
    EXPECT_EQ(json("Int128", [](RowWriter& w) { w.int64(5); }), "5");
    EXPECT_EQ(json("", [](RowWriter& w) { w.decimal("12345678901.234"); }), "12345678901.234");
    EXPECT_EQ(json("", [](RowWriter& w) { w.decimal("12345678901.2345"); }), "\"12345678901.2345\"");
    EXPECT_EQ(json("", [](RowWriter& w) { w.float64(0.1); }), "0.1");
    EXPECT_EQ(json("", [](RowWriter& w) { w.float64(1e22); }), "1e+22");
    EXPECT_EQ(json("", [](RowWriter& w) { w.boolean(false); }), "false");
}

TEST(NdjsonWriter, WritesEverythingForATextColumnAsAString) {
    EXPECT_EQ(json("String", [](RowWriter& w) { w.int64(-5); }), "\"-5\"");
    EXPECT_EQ(json("String", [](RowWriter& w) { w.uint64(5); }), "\"5\"");
    EXPECT_EQ(json("String", [](RowWriter& w) { w.decimal("1.50"); }), "\"1.50\"");
    EXPECT_EQ(json("String", [](RowWriter& w) { w.float64(0.1); }), "\"0.1\"");
    EXPECT_EQ(json("String", [](RowWriter& w) { w.float32(0.1F); }), "\"0.1\"");
    EXPECT_EQ(json("String", [](RowWriter& w) { w.boolean(true); }), "\"true\"");
    EXPECT_EQ(json("String", [](RowWriter& w) { w.integer("123456789012345678901234567890"); }),
              "\"123456789012345678901234567890\"");
}

TEST(NdjsonWriter, NamesWhatJsonHasNoNumberFor) {
    EXPECT_EQ(json("Float64", [](RowWriter& w) { w.float64(std::numeric_limits<double>::quiet_NaN()); }), "\"nan\"");
    EXPECT_EQ(json("Float64", [](RowWriter& w) { w.decimal("Infinity"); }), "\"inf\"");
    EXPECT_EQ(json("Float32", [](RowWriter& w) { w.float32(-std::numeric_limits<float>::infinity()); }), "\"-inf\"");
}

TEST(NdjsonWriter, QuotesDatesTimesUuidsAndBytes) {
    EXPECT_EQ(json("Date", [](RowWriter& w) { w.date(0); }), "\"1970-01-01\"");
    EXPECT_EQ(json("", [](RowWriter& w) { w.timestamp(0, 1000, Zone::utc); }), "\"1970-01-01 00:00:00.000001\"");
    EXPECT_EQ(json("DateTime('Asia/Tokyo')", [](RowWriter& w) { w.timestamp(0, 0, Zone::utc); }),
              "\"1970-01-01 00:00:00Z\"");
    EXPECT_EQ(json("", [](RowWriter& w) { w.time(0); }), "\"00:00:00\"");
    EXPECT_EQ(json("", [](RowWriter& w) { w.interval(0, 0, 0); }), "\"00:00:00\"");
    EXPECT_EQ(json("UUID", [](RowWriter& w) { w.uuid(std::array<std::byte, 16>{}); }),
              "\"00000000-0000-0000-0000-000000000000\"");
    EXPECT_EQ(json("", [](RowWriter& w) { w.binary(std::array{std::byte{255}}); }), "\"/w==\"");
}

TEST(NdjsonWriter, KeepsAJsonDocumentAsTextUnlessTheColumnIsJson) {
    const auto document = [](RowWriter& w) { w.json("{\"a\": \"\\n\",\r\n \"b\": 1.50}"); };
    const std::string as_text = R"("{\"a\": \"\\n\",\r\n \"b\": 1.50}")";
    EXPECT_EQ(json("String", document), as_text);
    EXPECT_EQ(json("", document), as_text);
    EXPECT_EQ(json("JSON", document), R"({"a": "\n",   "b": 1.50})");
}

TEST(NdjsonWriter, EscapesText) {
    EXPECT_EQ(json("", [](RowWriter& w) { w.text("a\"\\\n\r\t\b\f\0\x1f/é"sv); }),
              R"("a\"\\\n\r\t\b\f\u0000\u001f/é")");
    EXPECT_EQ(json("", [](RowWriter& w) { w.text(""); }), "\"\"");
}

TEST(NdjsonWriter, IsReadBackByAnotherParser) {
    std::mt19937_64 random(6);
    const std::vector<std::string> pieces{
        "\"", "\\", "\n", "\x01", "é", "😀", "text", std::string(1, '\0'), std::string(40, 'x')};
    std::vector<Json> expected;
    const std::string text =
        written({{"t", std::nullopt}, {"i", std::nullopt}, {"f", std::nullopt}}, ndjson(), [&](RowWriter& writer) {
            for (int i = 0; i < 5000; ++i) {
                std::string one;
                for (std::size_t n = random() % 12; n > 0; --n) {
                    one += pieces[random() % pieces.size()];
                }
                const auto number = static_cast<std::int64_t>(random());
                const double real =
                    std::ldexp(static_cast<double>(random() >> 11U), static_cast<int>(random() % 200) - 150);
                const bool null = random() % 4 == 0;
                writer.begin_row();
                null ? writer.null() : writer.text(one);
                writer.int64(number);
                writer.float64(real);
                writer.end_row();
                expected.push_back({{"t", null ? Json(nullptr) : Json(one)}, {"i", number}, {"f", real}});
            }
        });
    std::istringstream lines(text);
    std::string line;
    for (const Json& row : expected) {
        ASSERT_TRUE(std::getline(lines, line));
        ASSERT_EQ(Json::parse(line), row) << line;
    }
    EXPECT_FALSE(std::getline(lines, line));
}

}  // namespace
}  // namespace tinybird_cdk::testing
