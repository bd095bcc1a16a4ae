// SPDX-License-Identifier: Apache-2.0
#include "encode/arrow/record_batch_rows.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nanoarrow/nanoarrow.h>

#include <tinybird_cdk/errors.hpp>

#include "encode/arrow/values.hpp"

namespace tinybird_cdk::encode {

namespace {

void refuse(const char* doing, int code, const ArrowError& error) {
    if (code != NANOARROW_OK) {
        throw errors::ExternalDatasourceError(fmt::format("{}: {}", doing, error.message));
    }
}

/// The type as Arrow's C++ writes it, as in "timestamp('us', 'UTC')".
std::string type_text(const ArrowSchema& schema) {
    char text[256];
    ArrowSchemaToString(&schema, text, sizeof text, 0);
    return text;
}

std::vector<ResultColumn> columns_of(const ArrowSchema& schema) {
    if (schema.format == nullptr || std::string_view(schema.format) != "+s") {
        throw errors::ExternalDatasourceError(
            fmt::format("a stream of record batches has columns, and this one has values of the Arrow type \"{}\"",
                        schema.format == nullptr ? "" : schema.format),
            {}, "Put the array into a table of one column.");
    }
    std::vector<ResultColumn> columns;
    for (std::int64_t i = 0; i < schema.n_children; ++i) {
        const ArrowSchema& child = *schema.children[i];
        columns.push_back({child.name == nullptr ? "" : child.name, type_text(child), false});
    }
    return columns;
}

/// The view of each batch in turn.
class BatchView {
public:
    explicit BatchView(const ArrowSchema& schema) {
        ArrowError error{};
        refuse("the types of the record batches", ArrowArrayViewInitFromSchema(&view_, &schema, &error), error);
    }
    BatchView(const BatchView&) = delete;
    BatchView& operator=(const BatchView&) = delete;
    ~BatchView() { ArrowArrayViewReset(&view_); }

    const ArrowArrayView& of(const ArrowArray& batch) {
        ArrowError error{};
        refuse("a record batch is not what its types say", ArrowArrayViewSetArray(&view_, &batch, &error), error);
        return view_;
    }

private:
    ArrowArrayView view_{};
};

bool same_columns(const std::vector<ResultColumn>& a, const std::vector<ResultColumn>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const ResultColumn& left, const ResultColumn& right) {
        return left.name == right.name && left.source_type == right.source_type;
    });
}

/// A null row of the batch itself, which only a struct array that was no table can have, is NULL in every column.
void write_row(RowWriter& writer, const ArrowArrayView& batch, std::vector<std::unique_ptr<ArrowValues>>& columns,
               std::int64_t row) {
    writer.begin_row();
    if (ArrowArrayViewIsNull(&batch, row) != 0) [[unlikely]] {
        std::for_each(columns.begin(), columns.end(), [&](const auto&) { writer.null(); });
    } else {
        for (const auto& column : columns) {
            column->write(writer, batch.offset + row);
        }
    }
    writer.end_row();
}

}  // namespace

RecordBatchRows::RecordBatchRows(RecordBatches& batches) : batches_(batches) {
    open();
    columns_ = columns_of(*schema_);
}

RecordBatchRows::RecordBatchRows(std::unique_ptr<RecordBatches> batches)
    : owned_(std::move(batches)), batches_(*owned_) {
    open();
    columns_ = columns_of(*schema_);
}

void RecordBatchRows::open() {
    stream_ = ArrowStream();
    stream_ = batches_.open();
    schema_ = stream_.schema();
}

void RecordBatchRows::write(RowWriter& writer, const std::stop_token& stop) {
    if (stream_.empty()) {
        open();
        if (!same_columns(columns_of(*schema_), columns_)) {
            throw errors::SchemaMismatchError("the columns of the query changed between two reads of it",
                                              "Run the load again.");
        }
    }
    // The stream is used up, however this ends: the next call begins with a new one.
    ArrowStream stream = std::exchange(stream_, ArrowStream());
    const ArrowDialect dialect{.infinite_dates = batches_.infinite_dates()};
    std::vector<std::unique_ptr<ArrowValues>> columns;
    for (std::int64_t i = 0; i < schema_->n_children; ++i) {
        columns.push_back(make_arrow_values(*schema_->children[i], dialect));
    }
    BatchView view(*schema_);
    std::uint64_t left = batches_.row_limit().value_or(std::numeric_limits<std::uint64_t>::max());
    const std::stop_callback on_stop(stop, [this] { batches_.cancel(); });
    try {
        while (left > 0) {
            const OwnedArrowArray batch = stream.next();
            if (batch.empty()) {
                // Of a cancelled query a driver may give an end and no failure.
                if (stop.stop_requested()) {
                    throw errors::InterruptedError();
                }
                return;
            }
            const ArrowArrayView& rows = view.of(*batch);
            for (std::size_t i = 0; i < columns.size(); ++i) {
                columns[i]->attach(*rows.children[i]);
            }
            for (std::int64_t row = 0; row < rows.length && left > 0; ++row, --left) {
                // Batches may be large: a stop must not wait for the end of one.
                if ((row & 0x3FF) == 0 && stop.stop_requested()) {
                    throw errors::InterruptedError();
                }
                write_row(writer, rows, columns, row);
            }
        }
    } catch (const errors::ExternalDatasourceError&) {
        // Cancelled sources call it a failure.
        if (stop.stop_requested()) {
            throw errors::InterruptedError();
        }
        throw;
    }
}

}  // namespace tinybird_cdk::encode
