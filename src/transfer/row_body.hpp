// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include <tinybird_cdk/body.hpp>
#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/row_writer.hpp>

#include "transfer/buffer_queue.hpp"

namespace tinybird_cdk::transfer {

/// The rows of an export as the body of an upload. A thread of its own reads the source and encodes; `read()` takes
/// what it made. No disk is involved.
///
/// It can always be sent again: what fits into memory is replayed from there, a larger export is run anew.
class RowBody final : public Body {
public:
    struct Limits {
        std::size_t queue_bytes = std::size_t{2} << 20;    ///< between reader and upload
        std::size_t replay_bytes = std::size_t{16} << 20;  ///< kept for sending again
    };

    /// @param rows must outlive the body. @param stop ends the reading
    /// @throws errors::UnsupportedFormatError for a format that rows can't be written in
    RowBody(Rows& rows, std::vector<OutputColumn> columns, RowWriterOptions options, std::stop_token stop,
            Limits limits);
    RowBody(Rows& rows, std::vector<OutputColumn> columns, RowWriterOptions options, std::stop_token stop);
    ~RowBody() override;

    /// Starts the reader if need be and waits until there is more than one block or the end is known: whether the
    /// export is empty, and the size of a small one, are known after that. @throws what the source fails with
    void prepare();

    std::size_t read(std::span<char> into) override;
    bool rewind() override;
    [[nodiscard]] std::optional<std::uint64_t> size() const override;

    /// Everything was read from the source, and it had no row.
    [[nodiscard]] bool empty() const noexcept { return statistics_.has_value() && statistics_->rows == 0; }
    /// Rows handed out by `read()` so far.
    [[nodiscard]] std::uint64_t rows_read() const noexcept { return rows_read_; }
    /// What the writer counted; nothing before the end of the export was reached.
    [[nodiscard]] const std::optional<RowStatistics>& statistics() const noexcept { return statistics_; }

private:
    struct Run;

    void start();
    void stop_run() noexcept;
    /// The next block from the reader becomes the last of `blocks_`. @return false at the end
    bool fetch();

    Rows& rows_;
    const std::vector<OutputColumn> columns_;
    const RowWriterOptions options_;
    const std::stop_token stop_;
    const Limits limits_;

    std::unique_ptr<Run> run_;
    /// What was fetched: everything from the first byte on while `kept_whole_`, else only the block being read.
    std::vector<Buffer> blocks_;
    std::size_t fetched_bytes_ = 0;
    bool kept_whole_ = true;
    std::size_t block_ = 0;
    std::size_t offset_ = 0;
    std::uint64_t rows_read_ = 0;
    std::optional<RowStatistics> statistics_;
};

}  // namespace tinybird_cdk::transfer
