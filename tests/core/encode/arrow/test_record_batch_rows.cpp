// SPDX-License-Identifier: Apache-2.0
/// Streams: their batches, their errors, and that everything is released.
#include "encode/arrow/record_batch_rows.hpp"

#include <cerrno>
#include <functional>
#include <stop_token>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "core/encode/arrow/arrow_column.hpp"

namespace tinybird_cdk {
namespace {

using encode::RecordBatchRows;
using testing::ArrowColumn;
using testing::check;
using ::testing::HasSubstr;
using testing::integers;

/// Counts what is open. A stream of `good` batches of one row each, then a failure, or no end.
struct Counted {
    int streams = 0;
    int arrays = 0;
    int schemas = 0;
    int good = 0;
    int failure = 0;  ///< errno of what follows; 0: the end
    const char* message = "the disk is on fire";
    int schema_failure = 0;
    bool cancelled = false;
};

template <class Structure>
void forget(Structure* structure) {
    structure->release = nullptr;
}

class CountedBatches final : public RecordBatches {
public:
    explicit CountedBatches(Counted& counted) : counted_(counted) {}

    ArrowStream open() override {
        ++counted_.streams;
        left_ = counted_.good;
        ArrowArrayStream raw{};
        raw.private_data = this;
        raw.get_schema = [](ArrowArrayStream* stream, ArrowSchema* out) { return self(stream).schema(out); };
        raw.get_next = [](ArrowArrayStream* stream, ArrowArray* out) { return self(stream).next(out); };
        raw.get_last_error = [](ArrowArrayStream* stream) { return self(stream).counted_.message; };
        raw.release = [](ArrowArrayStream* stream) {
            --self(stream).counted_.streams;
            forget(stream);
        };
        return ArrowStream(std::move(raw), "the source");
    }
    void cancel() noexcept override { counted_.cancelled = true; }
    [[nodiscard]] std::optional<std::uint64_t> row_limit() const override { return limit; }

    std::optional<std::uint64_t> limit;

private:
    static CountedBatches& self(ArrowArrayStream* stream) {
        return *static_cast<CountedBatches*>(stream->private_data);
    }
    int schema(ArrowSchema* out) {
        if (counted_.schema_failure != 0) {
            return counted_.schema_failure;
        }
        ++counted_.schemas;
        *out = ArrowSchema{};
        out->format = "+s";
        out->n_children = 1;
        child_ = ArrowSchema{};
        child_.format = "i";
        child_.name = "c";
        child_.flags = ARROW_FLAG_NULLABLE;
        child_.release = forget<ArrowSchema>;
        out->children = &child_pointer_;
        out->private_data = &counted_;
        out->release = [](ArrowSchema* schema) {
            --static_cast<Counted*>(schema->private_data)->schemas;
            forget(schema);
        };
        return 0;
    }
    int next(ArrowArray* out) {
        *out = ArrowArray{};
        if (left_ == 0) {
            return counted_.failure;
        }
        --left_;
        ++counted_.arrays;
        out->length = 1;
        out->n_buffers = 1;
        out->buffers = buffers_;
        out->n_children = 1;
        value_ = ArrowArray{};
        value_.length = 1;
        value_.n_buffers = 2;
        value_.buffers = value_buffers_;
        value_.release = forget<ArrowArray>;
        out->children = &value_pointer_;
        out->private_data = &counted_;
        out->release = [](ArrowArray* array) {
            --static_cast<Counted*>(array->private_data)->arrays;
            forget(array);
        };
        return 0;
    }

    Counted& counted_;
    int left_ = 0;
    std::int32_t number_ = 42;
    ArrowSchema child_{};
    ArrowSchema* child_pointer_ = &child_;
    ArrowArray value_{};
    ArrowArray* value_pointer_ = &value_;
    const void* buffers_[1] = {nullptr};
    const void* value_buffers_[2] = {nullptr, &number_};
};

std::string read(RecordBatchRows& rows, const std::stop_token& stop = {}) {
    return testing::written({{"c", std::nullopt}}, {.format = Format::ndjson, .hazards = {}},
                            [&](RowWriter& writer) { rows.write(writer, stop); });
}

TEST(TestRecordBatchRows, BatchesComeOneAfterAnother) {
    ArrowColumn column(NANOARROW_TYPE_INT32);
    column.batch(integers({1})).batch([](ArrowArray&) {}).batch(integers({2, 3}), 1);
    EXPECT_EQ(column.json(), "1\nnull\n3\nnull\n");
    EXPECT_EQ(ArrowColumn(NANOARROW_TYPE_INT32).json(), "") << "no batch at all";
}

TEST(TestRecordBatchRows, TellsItsColumns) {
    ArrowColumn column([](ArrowSchema& schema) {
        check(ArrowSchemaSetTypeDateTime(&schema, NANOARROW_TYPE_TIMESTAMP, NANOARROW_TIME_UNIT_MICRO, "UTC"));
    });
    const auto batches = record_batches_of(column.stream());
    const RecordBatchRows rows(*batches);
    EXPECT_EQ(rows.columns().at(0).name, "c");
    EXPECT_EQ(rows.columns().at(0).source_type, "timestamp('us', 'UTC')");
}

TEST(TestRecordBatchRows, EverythingIsReleasedAndEachPassBeginsAnew) {
    Counted counted{.good = 3};
    {
        CountedBatches batches(counted);
        RecordBatchRows rows(batches);
        EXPECT_EQ(counted.streams, 1);
        const std::string first = read(rows);
        EXPECT_EQ(first, "{\"c\":42}\n{\"c\":42}\n{\"c\":42}\n");
        EXPECT_EQ(counted.arrays, 0);
        EXPECT_EQ(counted.streams, 0) << "nothing is held open when all is read";
        EXPECT_EQ(read(rows), first);
    }
    EXPECT_EQ(counted.streams, 0);
    EXPECT_EQ(counted.schemas, 0);
}

TEST(TestRecordBatchRows, TheSourcesOwnMessageIsKept) {
    Counted counted{.good = 1, .failure = EIO};
    {
        CountedBatches batches(counted);
        RecordBatchRows rows(batches);
        try {
            read(rows);
            FAIL() << "nothing was thrown";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_STREQ(error.what(), "the source failed while reading rows: the disk is on fire");
        }
        counted.message = nullptr;
        try {
            read(rows);
            FAIL() << "nothing was thrown";
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_STREQ(error.what(), "the source failed while reading rows: Input/output error");
        }
        counted.failure = 0;
        EXPECT_EQ(read(rows), "{\"c\":42}\n") << "a failed pass can be followed by another one";
    }
    EXPECT_EQ(counted.streams, 0);
    EXPECT_EQ(counted.arrays, 0);
    EXPECT_EQ(counted.schemas, 0);
}

TEST(TestRecordBatchRows, AQueryThatFailsAtItsStart) {
    Counted counted{.schema_failure = EINVAL};
    CountedBatches batches(counted);
    try {
        const RecordBatchRows rows(batches);
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_STREQ(error.what(), "the source failed while describing its columns: the disk is on fire");
    }
    EXPECT_EQ(counted.streams, 0);
}

TEST(TestRecordBatchRows, TheRowLimitEndsTheRead) {
    Counted counted{.good = 5};
    CountedBatches batches(counted);
    batches.limit = 2;
    RecordBatchRows rows(batches);
    EXPECT_EQ(read(rows), "{\"c\":42}\n{\"c\":42}\n");
    EXPECT_EQ(counted.streams, 0);
    batches.limit = 0;
    EXPECT_EQ(read(rows), "");
}

TEST(TestRecordBatchRows, AStopCancelsTheSource) {
    Counted counted{.good = 5};
    CountedBatches batches(counted);
    RecordBatchRows rows(batches);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(read(rows, stop.get_token()), errors::InterruptedError);
    EXPECT_TRUE(counted.cancelled);
    // Nor is an end without a row a whole result then.
    counted.good = 0;
    EXPECT_THROW(read(rows, stop.get_token()), errors::InterruptedError);
    // What a cancelled source says of it is no error of the source.
    counted.failure = EIO;
    EXPECT_THROW(read(rows, stop.get_token()), errors::InterruptedError);
    counted.failure = ECANCELED;
    EXPECT_THROW(read(rows), errors::InterruptedError);
}

TEST(TestRecordBatchRows, AStreamOfOnePassSaysSo) {
    ArrowColumn column(NANOARROW_TYPE_INT32);
    const auto batches = record_batches_of(column.batch(integers({1})).stream());
    RecordBatchRows rows(*batches);
    EXPECT_EQ(read(rows), "{\"c\":1}\n{\"c\":null}\n");
    try {
        read(rows);
        FAIL() << "nothing was thrown";
    } catch (const errors::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("were read once"));
        EXPECT_TRUE(error.retryable());
    }
}

TEST(TestRecordBatchRows, AStreamWithoutColumnsIsRefused) {
    ArrowArrayStream raw{};
    ArrowSchema schema{};
    ArrowSchemaInit(&schema);
    check(ArrowSchemaSetType(&schema, NANOARROW_TYPE_INT32));
    check(ArrowBasicArrayStreamInit(&raw, &schema, 0));
    const auto batches = record_batches_of(ArrowStream(std::move(raw)));
    EXPECT_THROW(RecordBatchRows{*batches}, errors::ExternalDatasourceError);
}

TEST(TestArrowOwner, MovesAndReleasesOnce) {
    Counted counted;
    CountedBatches batches(counted);
    ArrowStream first = batches.open();
    ArrowStream second = std::move(first);
    EXPECT_FALSE(second.empty());
    second = batches.open();
    EXPECT_EQ(counted.streams, 1) << "what was owned before is released";
    second = ArrowStream();
    EXPECT_EQ(counted.streams, 0);
    EXPECT_THROW(static_cast<void>(second.schema()), errors::Error);
}

}  // namespace
}  // namespace tinybird_cdk
