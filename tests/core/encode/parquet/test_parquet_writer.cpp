// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/row_writer.hpp>

#include "core/encode/written.hpp"

namespace tinybird_cdk {
namespace {

using testing::CollectingSink;
using ::testing::HasSubstr;

const std::vector<OutputColumn> columns{{"n", schema::Int64()}, {"t", schema::Nullable(schema::String())}};

RowWriterOptions in_parquet() {
    RowWriterOptions options;
    options.format = Format::parquet;
    return options;
}

void write_rows(RowWriter& writer, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
        writer.begin_row();
        writer.int64(i);
        // Nothing that compresses: sizes are what is tested.
        writer.text(std::to_string(static_cast<std::uint64_t>(i) * 11400714819323198485U));
        writer.end_row();
    }
}

/// Files begin and end with the same four bytes (https://parquet.apache.org/docs/file-format/).
bool is_file(std::string_view bytes) {
    return bytes.size() > 12 && bytes.starts_with("PAR1") && bytes.ends_with("PAR1");
}

/// Blocks as files: cut where a block says so.
class FileSink final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        if (ended_) {
            files.emplace_back();
            rows.push_back(0);
        }
        files.back() += full.view();
        rows.back() += full.rows();
        ended_ = full.ends_file();
        return Buffer(wanted);
    }
    std::vector<std::string> files;
    std::vector<std::uint64_t> rows;

private:
    bool ended_ = true;
};

TEST(ParquetWriter, NoRowsAreAFileWithoutAny) {
    EXPECT_TRUE(is_file(testing::written(columns, in_parquet(), [](RowWriter&) {})));
}

TEST(ParquetWriter, GroupsGoAsTheyFill) {
    CollectingSink sink;
    RowWriter writer(columns, in_parquet(), sink);
    write_rows(writer, 1'200'000);
    EXPECT_GT(sink.blocks.size(), 1U) << "a group is written before the end is known";
    writer.finish();
    EXPECT_TRUE(is_file(sink.text));
    EXPECT_EQ(writer.statistics().rows, 1'200'000U);
    EXPECT_EQ(writer.statistics().bytes, sink.text.size());
    for (std::size_t i = 0; i + 1 < sink.blocks.size(); ++i) {
        EXPECT_EQ(sink.blocks[i].size, in_parquet().block_bytes);
    }
}

TEST(ParquetWriter, FilesKeepTheirLimit) {
    for (const std::uint64_t limit : {20'000U, 100'000U, 1'000'000U}) {
        RowWriterOptions options = in_parquet();
        options.file_bytes = limit;
        FileSink sink;
        RowWriter writer(columns, options, sink);
        write_rows(writer, 100'000);
        writer.finish();
        std::uint64_t rows = 0;
        EXPECT_GT(sink.files.size(), 1U);
        for (std::size_t i = 0; i < sink.files.size(); ++i) {
            EXPECT_TRUE(is_file(sink.files[i]));
            EXPECT_LE(sink.files[i].size(), limit);
            EXPECT_GT(sink.rows[i], 0U);
            rows += sink.rows[i];
        }
        EXPECT_EQ(rows, 100'000U);
    }
}

TEST(ParquetWriter, WhatTheSinkThrowsComesThrough) {
    class FullSink final : public BufferSink {
    public:
        Buffer exchange(Buffer /*full*/, std::size_t /*wanted*/) override { throw errors::InterruptedError(); }
    };
    FullSink sink;
    RowWriter writer(columns, in_parquet(), sink);
    EXPECT_THROW(write_rows(writer, 2'000'000), errors::InterruptedError);
}

TEST(ParquetWriter, AWriterMayEndInTheMiddle) {
    CollectingSink sink;
    RowWriter writer(columns, in_parquet(), sink);
    write_rows(writer, 1'200'000);
    writer.begin_row();
    writer.int64(1);
}

TEST(ParquetWriter, RefusalsNameRowAndColumn) {
    CollectingSink sink;
    RowWriterOptions options = in_parquet();
    options.hazards.set("nan=text");
    RowWriter writer({{"c", schema::Decimal(10, 2)}}, options, sink);
    writer.begin_row();
    writer.decimal("1.5");
    writer.end_row();
    writer.begin_row();
    try {
        writer.decimal("NaN");
        FAIL() << "NaN went into a Decimal";
    } catch (const errors::RefusedValueError& error) {
        EXPECT_EQ(error.row(), 2U);
        EXPECT_EQ(error.column(), "c");
        EXPECT_THAT(error.what(), HasSubstr("\"NaN\" can't stand in a Parquet column for Decimal(10, 2)"));
        EXPECT_THAT(error.hint(), HasSubstr("csv or ndjson"));
    }
}

TEST(ParquetWriter, EqualNamesAreRefused) {
    CollectingSink sink;
    const std::vector<OutputColumn> twins{{"a", std::nullopt}, {"a", std::nullopt}};
    EXPECT_THROW(RowWriter(twins, in_parquet(), sink), errors::InvalidArgument);
}

}  // namespace
}  // namespace tinybird_cdk
