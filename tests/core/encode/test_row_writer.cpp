// SPDX-License-Identifier: Apache-2.0
// The order of calls, blocks, statistics and checksums: what does not depend on the kind of value.
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <xxhash.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/encode/written.hpp"

namespace tinybird_cdk::testing {
namespace {

using ::testing::HasSubstr;

const std::vector<OutputColumn> two_columns{{"a", std::nullopt}, {"b", std::nullopt}};

RowWriterOptions in(Format format) {
    RowWriterOptions options;
    options.format = format;
    return options;
}

/// The message of an error::Error that is no refusal of a value.
std::string misuse(const Rows& calls) {
    CollectingSink sink;
    RowWriter writer(two_columns, {}, sink);
    try {
        calls(writer);
    } catch (const errors::RefusedValueError& error) {
        ADD_FAILURE() << error.what();
    } catch (const errors::Error& error) {
        return error.what();
    }
    return "";
}

TEST(RowWriter, NeedsColumns) {
    CollectingSink sink;
    EXPECT_THROW(RowWriter({}, in(Format::csv), sink), errors::InvalidArgument);
}

TEST(RowWriter, RefusesEqualNamesInNdjson) {
    CollectingSink sink;
    const std::vector<OutputColumn> columns{{"a", std::nullopt}, {"a", std::nullopt}};
    EXPECT_THROW(RowWriter(columns, in(Format::ndjson), sink), errors::InvalidArgument);
    EXPECT_NO_THROW(RowWriter(columns, in(Format::csv), sink));
}

TEST(CallsOutOfOrder, AreNamed) {
    EXPECT_THAT(misuse([](RowWriter& w) { w.int64(1); }), HasSubstr("a value came out of order: no row is open"));
    EXPECT_THAT(misuse([](RowWriter& w) { w.end_row(); }), HasSubstr("end_row()"));
    EXPECT_THAT(misuse([](RowWriter& w) {
                    w.begin_row();
                    w.begin_row();
                }),
                HasSubstr("begin_row()"));
    EXPECT_THAT(misuse([](RowWriter& w) {
                    w.begin_row();
                    w.int64(1);
                    w.end_row();
                }),
                HasSubstr("end_row() came out of order: column \"b\" is next"));
    EXPECT_THAT(misuse([](RowWriter& w) {
                    w.begin_row();
                    w.int64(1);
                    w.int64(1);
                    w.int64(1);
                }),
                HasSubstr("all 2 columns have their values"));
    EXPECT_THAT(misuse([](RowWriter& w) {
                    w.begin_row();
                    w.finish();
                }),
                HasSubstr("finish()"));
    EXPECT_THAT(misuse([](RowWriter& w) {
                    w.finish();
                    w.begin_row();
                }),
                HasSubstr("begin_row()"));
}

TEST(CallsOutOfOrder, InsideNestedValuesAreNamed) {
    const auto in_row = [](const Rows& calls) {
        return misuse([&](RowWriter& w) {
            w.begin_row();
            calls(w);
        });
    };
    EXPECT_THAT(in_row([](RowWriter& w) { w.end_list(); }), HasSubstr("column \"a\" is next"));
    EXPECT_NE(in_row([](RowWriter& w) { w.field("x"); }), "");
    EXPECT_THAT(in_row([](RowWriter& w) {
                    w.begin_list();
                    w.end_map();
                }),
                HasSubstr("has a list, record or map open"));
    EXPECT_THAT(in_row([](RowWriter& w) {
                    w.begin_struct();
                    w.int64(1);
                }),
                HasSubstr("a value without field()"));
    EXPECT_NE(in_row([](RowWriter& w) {
                  w.begin_struct();
                  w.field("a");
                  w.field("b");
              }),
              "");
    EXPECT_NE(in_row([](RowWriter& w) {
                  w.begin_struct();
                  w.field("a");
                  w.end_struct();
              }),
              "");
    EXPECT_NE(in_row([](RowWriter& w) {
                  w.begin_map();
                  w.text("key");
                  w.end_map();
              }),
              "");
    EXPECT_NE(in_row([](RowWriter& w) {
                  w.begin_list();
                  w.field("a");
              }),
              "");
    EXPECT_NE(in_row([](RowWriter& w) {
                  w.begin_list();
                  w.end_row();
              }),
              "");
}

TEST(Statistics, CountRowsBytesAndNulls) {
    for (const Format format : {Format::csv, Format::ndjson}) {
        CollectingSink sink;
        RowWriter writer(two_columns, in(format), sink);
        for (int i = 0; i < 10; ++i) {
            writer.begin_row();
            writer.int64(i);
            i % 3 == 0 ? writer.null() : writer.text("x");
            writer.end_row();
        }
        writer.finish();
        const RowStatistics statistics = writer.statistics();
        EXPECT_EQ(statistics.rows, 10U);
        EXPECT_EQ(statistics.bytes, sink.text.size());
        ASSERT_EQ(statistics.columns.size(), 2U);
        EXPECT_EQ(statistics.columns[0].nulls, 0U);
        EXPECT_EQ(statistics.columns[1].nulls, 4U);
        EXPECT_EQ(statistics.columns[1].checksum, 0U);
    }
}

TEST(Statistics, DoNotCountNullsInsideLists) {
    CollectingSink sink;
    RowWriter writer({{"a", std::nullopt}}, {}, sink);
    writer.begin_row();
    writer.begin_list();
    writer.null();
    writer.end_list();
    writer.end_row();
    EXPECT_EQ(writer.statistics().columns[0].nulls, 0U);
}

TEST(Checksums, AreTheSumOfTheHashesOfTheTexts) {
    const auto hash = [](std::string_view text) { return XXH64(text.data(), text.size(), 0); };
    for (const Format format : {Format::csv, Format::ndjson}) {
        RowWriterOptions options = in(format);
        options.checksums = true;
        CollectingSink sink;
        RowWriter writer(two_columns, options, sink);
        writer.begin_row();
        writer.int64(-5);
        writer.text("say \"hi\"\n");
        writer.end_row();
        writer.begin_row();
        writer.float64(0.1);
        writer.null();
        writer.end_row();
        writer.begin_row();
        writer.date(0);
        writer.binary(std::vector<std::byte>(3));
        writer.end_row();
        writer.finish();
        if (format == Format::csv) {
            EXPECT_TRUE(sink.text.ends_with("1970-01-01,\"AAAA\"\n")) << sink.text;
        }
        const RowStatistics statistics = writer.statistics();
        EXPECT_EQ(statistics.columns[0].checksum, hash("-5") + hash("0.1") + hash("1970-01-01"));
        EXPECT_EQ(statistics.columns[1].checksum, hash("say \"hi\"\n") + hash("AAAA"));
    }
}

TEST(Blocks, EndAtRowEnds) {
    RowWriterOptions options;
    options.block_bytes = 100;
    CollectingSink sink;
    RowWriter writer(two_columns, options, sink);
    for (int i = 0; i < 1000; ++i) {
        writer.begin_row();
        writer.int64(i);
        writer.text("ten bytes.");
        writer.end_row();
    }
    writer.finish();
    std::uint64_t rows = 0;
    std::size_t begin = 0;
    for (const CollectingSink::Block& block : sink.blocks) {
        EXPECT_LT(block.size, 100U + 20U);
        EXPECT_EQ(sink.text[begin + block.size - 1], '\n');
        begin += block.size;
        rows += block.rows;
    }
    EXPECT_EQ(rows, 1000U);
    EXPECT_EQ(begin, sink.text.size());
    EXPECT_GT(sink.blocks.size(), 100U);
}

TEST(Blocks, GrowForALongRowAndBecomeSmallAgain) {
    for (const Format format : {Format::csv, Format::ndjson}) {
        CollectingSink sink;
        RowWriter writer(two_columns, in(format), sink);
        const std::string text(std::size_t{64} << 20U, 'x');
        const std::vector<std::size_t> lengths{1, text.size(), 1};
        for (const std::size_t length : lengths) {
            writer.begin_row();
            writer.text(std::string_view(text).substr(0, length));
            writer.int64(1);
            writer.end_row();
        }
        writer.finish();
        ASSERT_EQ(sink.blocks.size(), 2U);
        EXPECT_GT(sink.blocks[0].size, text.size());
        EXPECT_LT(sink.blocks[0].capacity, text.size() + text.size() / 8);
        EXPECT_LT(sink.blocks[1].capacity, 2U * RowWriterOptions().block_bytes);
        EXPECT_EQ(writer.statistics().rows, 3U);
    }
}

TEST(Blocks, HoldLongTextOfTheWorstCharacters) {
    for (const std::size_t length : {1000U, 3071U, 3072U, 3073U, 8191U, 8192U, 8193U, 100'000U, 1'000'000U}) {
        for (const char odd : {'"', '\x01', 'x'}) {
            const std::string text(length, odd);
            const Rows value = [&](RowWriter& w) { w.text(text); };
            const std::string field = csv("", value);
            ASSERT_EQ(field.size(), 2 + (odd == '"' ? 2 : 1) * length);
            const std::string string = json("", value);
            ASSERT_EQ(string.size(), 2 + (odd == '"' ? 2 : odd == 'x' ? 1 : 6) * length);
        }
    }
}

TEST(Blocks, OfNoRowsAreNotSent) {
    CollectingSink sink;
    RowWriter writer(two_columns, {}, sink);
    writer.finish();
    EXPECT_TRUE(sink.blocks.empty());
    EXPECT_EQ(writer.statistics().rows, 0U);
}

TEST(Sinks, ThatThrowEndTheWriteAndLeaveTheCountsRight) {
    class Failing final : public BufferSink {
    public:
        Buffer exchange(Buffer /*full*/, std::size_t /*wanted*/) override { throw std::runtime_error("full"); }
    };
    Failing sink;
    RowWriter writer({{"a", std::nullopt}}, {}, sink);
    writer.begin_row();
    writer.int64(12);
    writer.end_row();
    EXPECT_THROW(writer.finish(), std::runtime_error);
    EXPECT_EQ(writer.statistics().rows, 1U);
    EXPECT_EQ(writer.statistics().bytes, 3U);
}

TEST(Refusals, NameTheRow) {
    CollectingSink sink;
    RowWriter writer({{"price", type_of("UInt8")}}, {}, sink);
    for (std::int64_t i = 0; i < 16; ++i) {
        writer.begin_row();
        writer.int64(i);
        writer.end_row();
    }
    writer.begin_row();
    try {
        writer.int64(300);
        FAIL();
    } catch (const errors::RefusedValueError& error) {
        EXPECT_EQ(error.row(), 17U);
        EXPECT_STREQ(error.what(), "row 17, column \"price\": 300 can't be held by UInt8");
    }
}

}  // namespace
}  // namespace tinybird_cdk::testing
