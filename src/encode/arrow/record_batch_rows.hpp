// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/record_batches.hpp>

namespace tinybird_cdk::encode {

/// Record batches as rows, so that all that works for rows works for them.
class RecordBatchRows final : public Rows {
public:
    /// Opens the stream for its columns; the first `write()` goes on with it. @param batches must outlive this
    explicit RecordBatchRows(RecordBatches& batches);
    explicit RecordBatchRows(std::unique_ptr<RecordBatches> batches);

    [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }
    void write(RowWriter& writer, const std::stop_token& stop) override;
    [[nodiscard]] std::optional<std::uint64_t> estimated_rows() const override { return batches_.estimated_rows(); }

private:
    void open();

    std::unique_ptr<RecordBatches> owned_;
    RecordBatches& batches_;
    ArrowStream stream_;
    OwnedArrowSchema schema_;
    std::vector<ResultColumn> columns_;
};

}  // namespace tinybird_cdk::encode
