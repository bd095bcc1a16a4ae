// SPDX-License-Identifier: Apache-2.0
#include "transfer/row_body.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "helpers/fake_clock.hpp"

namespace tinybird_cdk::transfer {
namespace {

/// Rows 1 to n of one integer column; counts how often it was run.
class Numbers final : public Rows {
public:
    explicit Numbers(std::int64_t count) : count_(count) {}

    const std::vector<ResultColumn>& columns() const override { return columns_; }
    void write(RowWriter& writer, const std::stop_token& stop) override {
        ++runs;
        for (std::int64_t i = 1; i <= count_; ++i) {
            if (stop.stop_requested()) {
                throw errors::InterruptedError();
            }
            if (i == fail_at) {
                throw std::runtime_error("source gone");
            }
            writer.begin_row();
            writer.int64(i);
            writer.end_row();
        }
    }

    std::atomic<int> runs = 0;
    std::int64_t fail_at = 0;

private:
    std::vector<ResultColumn> columns_{{"n", "integer", true}};
    std::int64_t count_;
};

std::string expected(std::int64_t count) {
    std::string text;
    for (std::int64_t i = 1; i <= count; ++i) {
        text += std::to_string(i) + "\n";
    }
    return text;
}

std::string read_all(Body& body, std::size_t piece = 4096) {
    std::string text;
    std::vector<char> buffer(piece);
    while (const std::size_t count = body.read(buffer)) {
        text.append(buffer.data(), count);
    }
    return text;
}

RowWriterOptions csv_in_small_blocks() {
    RowWriterOptions options;
    options.format = Format::csv;
    options.block_bytes = 512;
    return options;
}

RowBody body_of(Rows& rows, std::size_t replay_bytes, std::stop_token stop = {}) {
    return RowBody(rows, {{"n", std::nullopt, true}}, csv_in_small_blocks(), std::move(stop),
                   {.queue_bytes = 2048, .replay_bytes = replay_bytes});
}

TEST(TestRowBody, GivesAllRowsInPiecesOfAnySize) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{512}, std::size_t{1} << 16}) {
        Numbers rows(3000);
        RowBody body = body_of(rows, 1 << 20);
        EXPECT_EQ(read_all(body, piece), expected(3000));
        ASSERT_TRUE(body.statistics().has_value());
        EXPECT_EQ(body.statistics()->rows, 3000U);
        EXPECT_EQ(body.statistics()->bytes, expected(3000).size());
        EXPECT_EQ(body.rows_read(), 3000U);
    }
}

TEST(TestRowBody, DoesNotStartBeforeItIsAsked) {
    Numbers rows(10);
    { RowBody body = body_of(rows, 1 << 20); }
    EXPECT_EQ(rows.runs, 0);
}

TEST(TestRowBody, ReplaysASmallExportFromMemory) {
    Numbers rows(3000);
    RowBody body = body_of(rows, 1 << 20);
    EXPECT_EQ(read_all(body), expected(3000));
    EXPECT_TRUE(body.rewind());
    EXPECT_EQ(read_all(body), expected(3000));
    EXPECT_EQ(rows.runs, 1);
}

TEST(TestRowBody, ReplaysWhatWasReadAndGoesOn) {
    Numbers rows(3000);
    RowBody body = body_of(rows, 1 << 20);
    std::array<char, 1000> piece{};
    EXPECT_GT(body.read(piece), 0U);
    EXPECT_TRUE(body.rewind());
    EXPECT_EQ(body.rows_read(), 0U);
    EXPECT_EQ(read_all(body), expected(3000));
    EXPECT_EQ(rows.runs, 1);
}

TEST(TestRowBody, RunsALargeExportAnew) {
    Numbers rows(3000);
    RowBody body = body_of(rows, 1024);
    EXPECT_EQ(read_all(body), expected(3000));
    EXPECT_TRUE(body.rewind());
    EXPECT_FALSE(body.statistics().has_value());
    EXPECT_EQ(read_all(body), expected(3000));
    EXPECT_EQ(rows.runs, 2);
    EXPECT_EQ(body.statistics()->rows, 3000U);
}

TEST(TestRowBody, RunsALargeExportAnewFromTheMiddle) {
    Numbers rows(3000);
    RowBody body = body_of(rows, 1024);
    std::array<char, 3000> piece{};
    for (int i = 0; i < 3; ++i) {
        EXPECT_GT(body.read(piece), 0U);
    }
    EXPECT_TRUE(body.rewind());
    EXPECT_EQ(read_all(body), expected(3000));
    EXPECT_EQ(rows.runs, 2);
}

TEST(TestRowBody, KnowsTheSizeOfASmallExportBeforehand) {
    Numbers rows(20);
    RowBody body = body_of(rows, 1 << 20);
    EXPECT_FALSE(body.size().has_value());
    body.prepare();
    EXPECT_EQ(body.size(), expected(20).size());
    EXPECT_FALSE(body.empty());
    EXPECT_EQ(read_all(body), expected(20));
}

TEST(TestRowBody, KnowsThatAnExportIsEmpty) {
    Numbers rows(0);
    RowBody body = body_of(rows, 1 << 20);
    body.prepare();
    EXPECT_TRUE(body.empty());
    EXPECT_EQ(body.size(), 0U);
    EXPECT_EQ(read_all(body), "");
}

TEST(TestRowBody, ALargeExportHasNoSizeBeforehand) {
    Numbers rows(100000);
    RowBody body = body_of(rows, 1 << 20);
    body.prepare();
    EXPECT_FALSE(body.size().has_value());
    EXPECT_FALSE(body.empty());
}

TEST(TestRowBody, AFailureOfTheSourceReachesTheReader) {
    Numbers rows(3000);
    rows.fail_at = 2000;
    RowBody body = body_of(rows, 1 << 20);
    EXPECT_THROW(read_all(body), std::runtime_error);
    EXPECT_FALSE(body.statistics().has_value());
}

TEST(TestRowBody, StopEndsTheReading) {
    Numbers rows(std::int64_t{1} << 60);
    std::stop_source stop;
    RowBody body = body_of(rows, 1024, stop.get_token());
    std::array<char, 100> piece{};
    EXPECT_GT(body.read(piece), 0U);
    stop.request_stop();
    EXPECT_THROW(read_all(body), errors::InterruptedError);
}

TEST(TestRowBody, DestructionInTheMiddleStopsTheSource) {
    Numbers rows(std::int64_t{1} << 60);
    {
        RowBody body = body_of(rows, 1024);
        std::array<char, 100> piece{};
        EXPECT_GT(body.read(piece), 0U);
    }
    EXPECT_EQ(rows.runs, 1);
}

RowBody parquet_of(Numbers& rows) {
    RowWriterOptions options;
    options.format = Format::parquet;
    return RowBody(rows, {{"n", schema::Int64(), true}}, options, {});
}

bool is_parquet(std::string_view bytes) {
    return bytes.size() > 12 && bytes.starts_with("PAR1") && bytes.ends_with("PAR1");
}

TEST(TestRowBody, PartsOfParquetAreWholeFiles) {
    constexpr std::int64_t count = 100'000;
    constexpr std::uint64_t limit = 50'000;
    Numbers rows(count);
    RowBody body = parquet_of(rows);
    body.prepare();
    body.limit(limit, RowBody::AtLimit::cut);
    std::vector<std::string> parts;
    do {
        parts.push_back(read_all(body));
        EXPECT_TRUE(is_parquet(parts.back()));
        EXPECT_LE(parts.back().size(), limit);
        // Each part of a load announces the limit again.
        body.limit(limit, RowBody::AtLimit::cut);
    } while (body.next_part());
    EXPECT_GT(parts.size(), 1U);
    EXPECT_EQ(body.rows_read(), static_cast<std::uint64_t>(count));
    ASSERT_TRUE(body.statistics());
    EXPECT_EQ(body.statistics()->rows, static_cast<std::uint64_t>(count));
    EXPECT_EQ(rows.runs, 2) << "once whole, and again when the limit was known";

    EXPECT_TRUE(body.rewind());
    EXPECT_EQ(read_all(body), parts.front());
    EXPECT_FALSE(body.size()) << "it is more than one file";
}

TEST(TestRowBody, ParquetThatFitsIsNotWrittenAnew) {
    Numbers rows(10);
    RowBody body = parquet_of(rows);
    body.prepare();
    body.limit(50'000, RowBody::AtLimit::cut);
    const std::string file = read_all(body);
    EXPECT_TRUE(is_parquet(file));
    EXPECT_EQ(body.size(), file.size());
    EXPECT_FALSE(body.next_part());
    EXPECT_EQ(rows.runs, 1);
}

TEST(TestRowBody, ParquetThatMayNotBeCutIsRefusedBeyondTheLimit) {
    Numbers rows(1'000'000);
    RowBody body = parquet_of(rows);
    body.prepare();
    body.limit(500'000, RowBody::AtLimit::refuse);
    EXPECT_THROW(read_all(body), errors::Error);
}

TEST(TestRowBody, RowsAreTakenNoFasterThanTheRate) {
    const auto clock = std::make_shared<testing::FakeClock>();
    Numbers rows(3000);
    RowBody body(rows, {{"n", std::nullopt, true}}, csv_in_small_blocks(), {},
                 {.queue_bytes = 2048, .replay_bytes = 1 << 20, .max_rate = 1000, .clock = clock});
    EXPECT_EQ(read_all(body), expected(3000));
    const auto sleeps = clock->sleeps();
    const auto slept = std::accumulate(sleeps.begin(), sleeps.end(), std::chrono::milliseconds(0));
    const std::chrono::milliseconds due(expected(3000).size());  // a byte each millisecond
    EXPECT_LE(slept, due);
    EXPECT_GE(slept, due - std::chrono::milliseconds(101));
    EXPECT_GT(sleeps.size(), expected(3000).size() / 512 / 2) << "block by block";
    // What is in memory costs the source nothing.
    ASSERT_TRUE(body.rewind());
    EXPECT_EQ(read_all(body), expected(3000));
    EXPECT_EQ(clock->sleeps().size(), sleeps.size());
}

// A body that nobody wants any more does not wait for its turn.
TEST(TestRowBody, TheEndOfABodyEndsTheWaitForTheRate) {
    Numbers rows(1'000'000);
    RowBody body(rows, {{"n", std::nullopt, true}}, csv_in_small_blocks(), {},
                 {.queue_bytes = 1 << 20, .replay_bytes = 1 << 20, .max_rate = 1});
    std::vector<char> buffer(16);
    EXPECT_GT(body.read(buffer), 0U);
}

}  // namespace
}  // namespace tinybird_cdk::transfer
