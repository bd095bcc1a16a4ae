// SPDX-License-Identifier: Apache-2.0
// The notation of CSV, value by value; each was also read by ClickHouse (docs/types has what came out).
#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/encode/strict_csv.hpp"
#include "core/encode/written.hpp"

namespace tinybird_cdk::testing {
namespace {

using Zone = RowWriter::Zone;

TEST(CsvWriter, KeepsNullAndEmptyTextApart) {
    EXPECT_EQ(csv("", [](RowWriter& w) { w.null(); }), "");
    EXPECT_EQ(csv("Nullable(String)", [](RowWriter& w) { w.null(); }), "");
    EXPECT_EQ(csv("Nullable(String)", [](RowWriter& w) { w.text(""); }), R"("")");
}

TEST(CsvWriter, WritesTheNullOfALoneColumnSoThatNoLineIsEmpty) {
    const std::string text = written({{"c", std::nullopt}}, {}, [](RowWriter& writer) {
        for (int i = 0; i < 2; ++i) {
            writer.begin_row();
            i == 0 ? writer.null() : writer.text("");
            writer.end_row();
        }
    });
    EXPECT_EQ(text, "\\N\n\"\"\n");
}

TEST(CsvWriter, QuotesAllTextAndDoublesItsQuotes) {
    struct Case {
        std::string text;
        std::string field;
    };
    for (const Case& c : {Case{"a", R"("a")"}, Case{R"(say "hi")", R"("say ""hi""")"}, Case{"\\N", R"("\N")"},
                          Case{"NULL", R"("NULL")"}, Case{" x ", R"(" x ")"}, Case{"a,b", R"("a,b")"},
                          Case{"two\nlines", "\"two\nlines\""}, Case{"\r\n", "\"\r\n\""}, Case{"\"", R"("""")"},
                          Case{std::string("\0", 1), std::string("\"\0\"", 3)}, Case{"back\\slash", R"("back\slash")"},
                          Case{"東京 😀", "\"東京 😀\""}}) {
        EXPECT_EQ(csv("String", [&](RowWriter& w) { w.text(c.text); }), c.field);
        EXPECT_EQ(csv("", [&](RowWriter& w) { w.text(c.text); }), c.field);
    }
}

TEST(CsvWriter, WritesNumbersBare) {
    EXPECT_EQ(csv("", [](RowWriter& w) { w.int64(std::numeric_limits<std::int64_t>::min()); }), "-9223372036854775808");
    EXPECT_EQ(csv("", [](RowWriter& w) { w.uint64(std::numeric_limits<std::uint64_t>::max()); }),
              "18446744073709551615");
    EXPECT_EQ(csv("Int256", [](RowWriter& w) { w.integer("-123456789012345678901234567890"); }),
              "-123456789012345678901234567890");
    EXPECT_EQ(csv("Decimal(38, 10)", [](RowWriter& w) { w.decimal("1234567890123456789012345678.0123456789"); }),
              "1234567890123456789012345678.0123456789");
    EXPECT_EQ(csv("", [](RowWriter& w) { w.decimal("-0.10"); }), "-0.10");
    EXPECT_EQ(csv("", [](RowWriter& w) { w.float64(0.1); }), "0.1");
    EXPECT_EQ(csv("Float32", [](RowWriter& w) { w.float32(0.1F); }), "0.1");
    EXPECT_EQ(csv("String", [](RowWriter& w) { w.int64(5); }), "5");
    EXPECT_EQ(csv("Bool", [](RowWriter& w) { w.boolean(true); }), "true");
    EXPECT_EQ(csv("UInt8", [](RowWriter& w) { w.boolean(false); }), "0");
}

TEST(CsvWriter, WritesWhatAFloatColumnHoldsBeyondNumbers) {
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(csv("Float64", [](RowWriter& w) { w.float64(std::numeric_limits<double>::quiet_NaN()); }), "nan");
    EXPECT_EQ(csv("Float64", [&](RowWriter& w) { w.float64(infinity); }), "inf");
    EXPECT_EQ(csv("Float32", [&](RowWriter& w) { w.float64(-infinity); }), "-inf");
    EXPECT_EQ(csv("Float64", [](RowWriter& w) { w.decimal("NaN"); }), "nan");
}

TEST(CsvWriter, WritesDatesAndTimesBare) {
    EXPECT_EQ(csv("", [](RowWriter& w) { w.date(0); }), "1970-01-01");
    EXPECT_EQ(csv("DateTime", [](RowWriter& w) { w.date(1); }), "1970-01-02 00:00:00");
    EXPECT_EQ(csv("", [](RowWriter& w) { w.timestamp(0, 500'000'000, Zone::utc); }), "1970-01-01 00:00:00.5");
    EXPECT_EQ(csv("String", [](RowWriter& w) { w.timestamp(0, 0, Zone::utc); }), "1970-01-01 00:00:00+00");
    EXPECT_EQ(csv("String", [](RowWriter& w) { w.timestamp(0, 0, Zone::none); }), "1970-01-01 00:00:00");
    EXPECT_EQ(csv("", [](RowWriter& w) { w.time(14'706'789'000'000); }), "04:05:06.789");
    EXPECT_EQ(csv("", [](RowWriter& w) { w.time(14'706'000'000'000, 7200); }), "04:05:06+02");
    EXPECT_EQ(csv("", [](RowWriter& w) { w.interval(14, 3, 0); }), "1 year 2 mons 3 days");
}

TEST(CsvWriter, MarksInstantsForColumnsOfAnotherZone) {
    const auto instant = [](RowWriter& w) { w.timestamp(0, 0, Zone::utc); };
    EXPECT_EQ(csv("DateTime('Europe/Madrid')", instant), "1970-01-01 00:00:00Z");
    EXPECT_EQ(csv("DateTime64(3, 'UTC')", instant), "1970-01-01 00:00:00");
    EXPECT_EQ(csv("DateTime64(3, 'Asia/Tokyo')", [](RowWriter& w) { w.timestamp(0, 0, Zone::none); }),
              "1970-01-01 00:00:00");
}

TEST(CsvWriter, WritesUuidsBytesAndJson) {
    std::array<std::byte, 16> uuid{};
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        uuid.at(i) = static_cast<std::byte>(i * 17);
    }
    EXPECT_EQ(csv("UUID", [&](RowWriter& w) { w.uuid(uuid); }), "00112233-4455-6677-8899-aabbccddeeff");
    EXPECT_EQ(csv("String", [&](RowWriter& w) { w.binary(std::span(uuid).first(4)); }), R"("ABEiMw==")");
    EXPECT_EQ(csv("String", [&](RowWriter& w) { w.binary({}); }), R"("")");
    EXPECT_EQ(csv("String", [](RowWriter& w) { w.json("{\"a\": \"\\n\",\n \"a\": 1}"); }),
              "\"{\"\"a\"\": \"\"\\n\"\",\n \"\"a\"\": 1}\"");
    EXPECT_EQ(csv("JSON", [](RowWriter& w) { w.json(R"({"a":1})"); }), R"("{""a"":1}")");
}

TEST(CsvWriter, BeginsWithTheNamesWhenAsked) {
    RowWriterOptions options;
    options.header = true;
    const auto no_rows = [](RowWriter&) {};
    EXPECT_EQ(written({{"a", std::nullopt}, {"odd \"name\"", std::nullopt}}, options, no_rows),
              "\"a\",\"odd \"\"name\"\"\"\n");
}

TEST(CsvWriter, IsReadBackByAStrictReader) {
    std::mt19937_64 random(5);
    const std::vector<std::string> pieces{"\"",
                                          ",",
                                          "\n",
                                          "\r",
                                          "\\",
                                          "'",
                                          "NULL",
                                          "\\N",
                                          "é",
                                          "😀",
                                          " ",
                                          "text",
                                          std::string(1, '\0'),
                                          std::string(40, 'x')};
    std::vector<std::vector<CsvField>> expected;
    const std::string text = written(
        {{"t", std::nullopt}, {"n", std::nullopt}, {"u", type_of("Nullable(String)")}}, {}, [&](RowWriter& writer) {
            for (int i = 0; i < 5000; ++i) {
                std::array<std::string, 2> texts;
                for (std::string& one : texts) {
                    for (std::size_t n = random() % 12; n > 0; --n) {
                        one += pieces[random() % pieces.size()];
                    }
                }
                const auto number = static_cast<std::int64_t>(random());
                const bool null = random() % 4 == 0;
                writer.begin_row();
                writer.text(texts[0]);
                writer.int64(number);
                null ? writer.null() : writer.text(texts[1]);
                writer.end_row();
                expected.push_back({{true, texts[0]},
                                    {false, std::to_string(number)},
                                    null ? CsvField{false, ""} : CsvField{true, texts[1]}});
            }
        });
    EXPECT_EQ(read_csv(text), expected);
}

}  // namespace
}  // namespace tinybird_cdk::testing
