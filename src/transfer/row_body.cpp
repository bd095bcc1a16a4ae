// SPDX-License-Identifier: Apache-2.0
#include "transfer/row_body.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "transfer/paced_sink.hpp"

namespace tinybird_cdk::transfer {

/// One pass of the export. The thread is the last member: it is joined before what it uses goes away.
struct RowBody::Run {
    Run(const Limits& limits, const std::vector<OutputColumn>& columns, const RowWriterOptions& options)
        : queue(limits.queue_bytes), writer(columns, options, sink_of(limits)) {}

    BufferSink& sink_of(const Limits& limits) {
        if (!limits.max_rate) {
            return queue;
        }
        return paced.emplace(queue, *limits.max_rate, limits.clock, stop.get_token());
    }

    std::stop_source stop;  ///< the source and the pace see one token
    BufferQueue queue;
    std::optional<PacedSink> paced;
    RowWriter writer;
    std::jthread thread;
};

RowBody::RowBody(Rows& rows, std::vector<OutputColumn> columns, RowWriterOptions options, std::stop_token stop,
                 Limits limits)
    : rows_(rows), columns_(std::move(columns)), options_(options), stop_(std::move(stop)), limits_(limits) {
    // Made here and not at the first read, so that a format that can't be written is known before anything is sent.
    run_ = std::make_unique<Run>(limits_, columns_, options_);
}

RowBody::RowBody(Rows& rows, std::vector<OutputColumn> columns, RowWriterOptions options, std::stop_token stop)
    : RowBody(rows, std::move(columns), options, std::move(stop), Limits{}) {}

RowBody::~RowBody() {
    stop_run();
}

void RowBody::start() {
    if (!run_) {
        run_ = std::make_unique<Run>(limits_, columns_, options_);
    }
    run_->thread = std::jthread([&run = *run_, &rows = rows_, outer = stop_](const std::stop_token& own) {
        // Either the caller's token or the end of this body stops the reading.
        std::stop_source& both = run.stop;
        const std::stop_callback on_outer(outer, [&both] { both.request_stop(); });
        const std::stop_callback on_own(own, [&both] { both.request_stop(); });
        try {
            rows.write(run.writer, both.get_token());
            if (both.stop_requested()) {
                throw errors::InterruptedError();
            }
            run.writer.finish();
            run.queue.finish();
        } catch (...) {
            run.queue.fail(std::current_exception());
        }
    });
}

void RowBody::stop_run() noexcept {
    if (run_ && run_->thread.joinable()) {
        run_->queue.cancel();
        run_->thread.request_stop();
        run_->thread.join();
    }
    run_.reset();
}

bool RowBody::fetch() {
    if (statistics_) {
        return false;
    }
    if (!run_ || !run_->thread.joinable()) {
        start();
    }
    std::optional<Buffer> buffer = run_->queue.pop();
    if (!buffer) {
        run_->thread.join();
        statistics_ = run_->writer.statistics();
        run_.reset();
        return false;
    }
    fetched_bytes_ += buffer->size();
    fetched_rows_ += buffer->rows();
    fetched_files_ += buffer->ends_file() ? 1U : 0U;
    if (kept_whole_ && fetched_bytes_ > limits_.replay_bytes) {
        kept_whole_ = false;
    }
    if (!kept_whole_) {
        // Blocks that are read are of no more use; those that are not yet read stay.
        const auto read = blocks_.begin() + static_cast<std::ptrdiff_t>(std::min(block_, blocks_.size()));
        std::for_each(blocks_.begin(), read, [&](Buffer& done) { run_->queue.recycle(std::move(done)); });
        blocks_.erase(blocks_.begin(), read);
        block_ = 0;
    }
    blocks_.push_back(std::move(*buffer));
    return true;
}

void RowBody::prepare() {
    while (blocks_.size() < 2 && fetch()) {
    }
}

std::size_t RowBody::read(std::span<char> into) {
    std::size_t filled = 0;
    while (filled < into.size() && !part_ended_) {
        if (block_ == blocks_.size()) {
            // What is there is sent before waiting for more.
            if (filled > 0 || !fetch()) {
                break;
            }
        }
        const Buffer& block = blocks_[block_];
        if (offset_ == 0 && (file_ended_ || !fits(block))) {
            part_ended_ = true;
            break;
        }
        const std::size_t count = std::min(into.size() - filled, block.size() - offset_);
        std::memcpy(into.data() + filled, block.data() + offset_, count);
        filled += count;
        offset_ += count;
        if (offset_ == block.size()) {
            rows_read_ += block.rows();
            file_ended_ = block.ends_file();
            ++block_;
            offset_ = 0;
        }
    }
    return filled;
}

bool RowBody::fits(const Buffer& block) {
    if (!part_limit_ || part_bytes_ + block.size() <= *part_limit_) {
        part_bytes_ += block.size();
        return true;
    }
    if (part_bytes_ == 0) {
        throw errors::Error(
            fmt::format("{} row(s) take {} bytes, and an import may have {}", block.rows(), block.size(), *part_limit_),
            "Load fewer or smaller columns, or raise the limit with TB_CDK_LIMITS if your plan has another one.",
            errors::ExitCode::data_refused);
    }
    if (at_limit_ == AtLimit::refuse) {
        throw errors::Error(
            fmt::format("the rows take more than the {} bytes that one import may have, and a replace can't be cut",
                        *part_limit_),
            "Replace a part at a time with a replace condition, or raise the limit with TB_CDK_LIMITS if your plan has "
            "another one.",
            errors::ExitCode::data_refused);
    }
    return false;
}

void RowBody::limit(std::optional<std::uint64_t> part_bytes, AtLimit at_limit) {
    part_limit_ = part_bytes;
    at_limit_ = at_limit;
    const bool whole = statistics_ && fetched_files_ <= 1 && (!part_bytes || fetched_bytes_ <= *part_bytes);
    const std::optional<std::uint64_t> file_bytes = at_limit == AtLimit::cut ? part_bytes : std::nullopt;
    if (options_.format == Format::parquet && !whole && rows_read_ == 0 && offset_ == 0 &&
        options_.file_bytes != file_bytes) {
        options_.file_bytes = file_bytes;
        forget();
    }
}

bool RowBody::next_part() {
    part_bytes_ = 0;
    file_ended_ = false;
    return std::exchange(part_ended_, false);
}

void RowBody::forget() noexcept {
    stop_run();
    blocks_.clear();
    block_ = 0;
    fetched_bytes_ = 0;
    fetched_rows_ = 0;
    fetched_files_ = 0;
    kept_whole_ = true;
    statistics_.reset();
}

bool RowBody::rewind() {
    part_bytes_ = 0;
    part_ended_ = false;
    file_ended_ = false;
    if (!kept_whole_) {
        forget();
    }
    block_ = 0;
    offset_ = 0;
    rows_read_ = 0;
    return true;
}

std::optional<std::uint64_t> RowBody::size() const {
    if (statistics_ && kept_whole_ && fetched_files_ <= 1 && (!part_limit_ || fetched_bytes_ <= *part_limit_)) {
        return fetched_bytes_;
    }
    return std::nullopt;
}

}  // namespace tinybird_cdk::transfer
