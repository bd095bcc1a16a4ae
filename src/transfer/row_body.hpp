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
#include <tinybird_cdk/retry.hpp>
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
        std::optional<std::uint64_t> max_rate = {};        ///< bytes in a second that are taken from the source
        std::shared_ptr<Clock> clock = Clock::system();    ///< that the rate is kept by
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

    /// Reads to the end of the part that `limit()` allows.
    std::size_t read(std::span<char> into) override;
    /// Begins anew at the first part.
    bool rewind() override;
    [[nodiscard]] std::optional<std::uint64_t> size() const override;

    /// What `read()` does when a limit does not let it go on.
    enum class AtLimit {
        cut,    ///< it says that this is the end, and `next_part()` goes on
        refuse  ///< it throws errors::Error, so that what was sent is never taken for all
    };
    /// From now on no more than so many bytes are read at once; parts end where rows end. Nothing: no limit.
    /// Parquet can't be cut behind its back: nothing was read yet, the rows are written anew, as files of that size.
    void limit(std::optional<std::uint64_t> part_bytes, AtLimit at_limit);
    /// Goes on with what the limit kept back. @return false when there is no more
    bool next_part();

    /// Everything was read from the source, and it had no row.
    [[nodiscard]] bool empty() const noexcept { return statistics_.has_value() && statistics_->rows == 0; }
    struct Fetched {
        std::uint64_t rows;
        std::uint64_t bytes;
    };
    /// What is known of the rows so far, sent or not.
    [[nodiscard]] Fetched fetched() const noexcept { return {fetched_rows_, fetched_bytes_}; }
    /// Rows handed out by `read()` so far.
    [[nodiscard]] std::uint64_t rows_read() const noexcept { return rows_read_; }
    /// What the writer counted; nothing before the end of the export was reached.
    [[nodiscard]] const std::optional<RowStatistics>& statistics() const noexcept { return statistics_; }

private:
    struct Run;

    void start();
    void stop_run() noexcept;
    /// Forgets all that was fetched: the next read runs the export anew.
    void forget() noexcept;
    /// Whether the block at hand still belongs to this part; it is counted when it does.
    bool fits(const Buffer& block);
    /// The next block from the reader becomes the last of `blocks_`. @return false at the end
    bool fetch();

    Rows& rows_;
    const std::vector<OutputColumn> columns_;
    RowWriterOptions options_;
    const std::stop_token stop_;
    const Limits limits_;

    std::unique_ptr<Run> run_;
    /// What was fetched: everything from the first byte on while `kept_whole_`, else only the block being read.
    std::vector<Buffer> blocks_;
    std::uint64_t fetched_bytes_ = 0;
    std::uint64_t fetched_rows_ = 0;
    std::uint64_t fetched_files_ = 0;  ///< Parquet only
    bool kept_whole_ = true;
    std::size_t block_ = 0;
    std::size_t offset_ = 0;
    std::uint64_t rows_read_ = 0;
    std::optional<std::uint64_t> part_limit_;
    AtLimit at_limit_ = AtLimit::refuse;
    std::uint64_t part_bytes_ = 0;  ///< of the blocks that this part began
    bool file_ended_ = false;       ///< with the last block that was read
    bool part_ended_ = false;       ///< by the limit: there is more
    std::optional<RowStatistics> statistics_;
};

}  // namespace tinybird_cdk::transfer
