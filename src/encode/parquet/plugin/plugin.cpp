// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>

#include <arrow/c/bridge.h>
#include <arrow/io/interfaces.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include "encode/parquet/plugin/plugin_api.h"

namespace {

/// Gives the bytes of the file away as they come.
class SinkStream final : public arrow::io::OutputStream {
public:
    SinkStream(tb_cdk_parquet_sink sink, void* context) : sink_(sink), context_(context) {}

    arrow::Status Write(const void* data, std::int64_t count) override {
        if (sink_(context_, static_cast<const char*>(data), static_cast<std::size_t>(count)) != 0) {
            return arrow::Status::IOError("the file's bytes were not taken");
        }
        position_ += count;
        return arrow::Status::OK();
    }
    arrow::Status Close() override {
        closed_ = true;
        return arrow::Status::OK();
    }
    [[nodiscard]] arrow::Result<std::int64_t> Tell() const override { return position_; }
    [[nodiscard]] bool closed() const override { return closed_; }

private:
    tb_cdk_parquet_sink sink_;
    void* context_;
    std::int64_t position_ = 0;
    bool closed_ = false;
};

struct Writer {
    std::shared_ptr<arrow::Schema> schema;
    std::shared_ptr<SinkStream> stream;
    std::unique_ptr<parquet::arrow::FileWriter> file;
};

void explain(tb_cdk_parquet_failure* failure, std::string_view text) {
    const std::size_t count = std::min(text.size(), sizeof failure->text - 1);
    std::memcpy(failure->text, text.data(), count);
    failure->text[count] = '\0';
}

/// No exception crosses the C interface.
template <class Work>
int guarded(tb_cdk_parquet_failure* failure, Work&& work) noexcept {
    try {
        const arrow::Status status = std::forward<Work>(work)();
        if (status.ok()) {
            return 0;
        }
        explain(failure, status.message());
    } catch (const std::exception& error) {
        explain(failure, error.what());
    } catch (...) {
        explain(failure, "an exception of unknown type");
    }
    return 1;
}

std::shared_ptr<parquet::WriterProperties> properties() {
    return parquet::WriterProperties::Builder()
        // System memory: a pool would keep what a row group took.
        .memory_pool(arrow::system_memory_pool())
        // The first version with nanoseconds and unsigned integers.
        ->version(parquet::ParquetVersion::PARQUET_2_6)
        // Smaller than the defaults of 1 MB, as its groups are.
        ->data_pagesize(256 * 1024)
        ->dictionary_pagesize_limit(256 * 1024)
        ->compression(parquet::Compression::ZSTD)
        ->compression_level(1)
        // An import reads every page; bounds would only lengthen the file.
        ->disable_statistics()
        ->build();
}

int open(ArrowSchema* schema, tb_cdk_parquet_sink sink, void* context, void** writer, tb_cdk_parquet_failure* failure) {
    return guarded(failure, [&]() -> arrow::Status {
        auto made = std::make_unique<Writer>();
        ARROW_ASSIGN_OR_RAISE(made->schema, arrow::ImportSchema(schema));
        made->stream = std::make_shared<SinkStream>(sink, context);
        ARROW_ASSIGN_OR_RAISE(made->file, parquet::arrow::FileWriter::Open(*made->schema, arrow::system_memory_pool(),
                                                                           made->stream, properties()));
        *writer = made.release();
        return arrow::Status::OK();
    });
}

int write(void* writer, ArrowArray* rows, tb_cdk_parquet_failure* failure) {
    return guarded(failure, [&]() -> arrow::Status {
        auto& self = *static_cast<Writer*>(writer);
        ARROW_ASSIGN_OR_RAISE(const auto batch, arrow::ImportRecordBatch(rows, self.schema));
        ARROW_ASSIGN_OR_RAISE(const auto table, arrow::Table::FromRecordBatches({batch}));
        return self.file->WriteTable(*table, std::max<std::int64_t>(table->num_rows(), 1));
    });
}

int finish(void* writer, tb_cdk_parquet_failure* failure) {
    return guarded(failure, [&]() -> arrow::Status { return static_cast<Writer*>(writer)->file->Close(); });
}

void close(void* writer) {
    const std::unique_ptr<Writer> owner(static_cast<Writer*>(writer));
    // The destructor of a file that was not finished would try to finish it, and say so on standard error.
    tb_cdk_parquet_failure ignored;
    guarded(&ignored, [&] { return owner->file->Close(); });
}

constexpr tb_cdk_parquet_api api{open, write, finish, close};

}  // namespace

extern "C" __attribute__((visibility("default"))) const tb_cdk_parquet_api* tb_cdk_parquet_api_1() {
    return &api;
}
