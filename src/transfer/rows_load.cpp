// SPDX-License-Identifier: Apache-2.0
#include "transfer/rows_load.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/plan.hpp>

#include "http/spooled_body.hpp"
#include "transfer/response_sum.hpp"
#include "transfer/row_body.hpp"

namespace tinybird_cdk::transfer {

namespace {

/// Loads below this are over before anybody has read the plan.
constexpr std::uint64_t worth_a_plan = 1'000'000'000;

/// What a writer puts before the first row.
std::string header_of(const std::vector<OutputColumn>& columns, const RowWriterOptions& options) {
    if (options.format == Format::parquet) {
        return {};  // each part is a file of its own
    }
    class Sink final : public BufferSink {
    public:
        Buffer exchange(Buffer full, std::size_t wanted) override {
            text += full.view();
            return Buffer(wanted);
        }
        std::string text;
    };
    Sink sink;
    RowWriter writer(columns, options, sink);
    writer.finish();
    return sink.text;
}

/// Small blocks where imports must be small, for parts are made of whole blocks.
std::size_t block_bytes(const Limits& limits, const LoadOptions& options) {
    constexpr std::uint64_t blocks_per_part = 8;
    constexpr std::uint64_t smallest = 1024;
    std::uint64_t size = RowWriterOptions{}.block_bytes;
    if (options.format == Format::parquet) {
        return size;  // its parts are whole files, of any number of blocks
    }
    // A rate is kept block by block, so several in a second.
    for (const auto& limit : {limits.largest_v0(options.format), limits.largest_v1(), options.max_rate}) {
        size = std::min(size, std::max(limit.value_or(size * blocks_per_part) / blocks_per_part, smallest));
    }
    return size;
}

/// An incremental load that ended half way would leave rows behind that the next one does not see.
bool may_cut(Mode mode, const LoadOptions& options) {
    return mode == Mode::append && !options.incremental;
}

RowWriterOptions writer_options(const LoadOptions& options, const Limits& limits, Mode mode, bool header) {
    RowWriterOptions result;
    result.format = options.format;
    result.header = header;
    if (may_cut(mode, options)) {
        // The way that is tried first.
        result.file_bytes = limits.largest_v1();
    }
    result.hazards = options.hazards;
    result.checksums = options.checksums || options.verify;
    result.block_bytes = block_bytes(limits, options);
    return result;
}

RowBody::Limits body_limits(const LoadOptions& options) {
    RowBody::Limits result;
    result.max_rate = options.max_rate;
    if (options.format == Format::parquet) {
        // As many rows as in the other formats, about, which leaves memory for the writer.
        result.replay_bytes /= 4;
    }
    return result;
}

class RowsLoad {
public:
    RowsLoad(tinybird::Client& client, Rows& rows, Mode mode, const std::string& data_source,
             const LoadOptions& options, ColumnMatch match)
        : client_(client),
          mode_(mode),
          data_source_(data_source),
          options_(options),
          limits_(client.configuration().limits),
          match_(std::move(match)),
          writer_options_(writer_options(options, limits_, mode, match_.header)),
          body_(rows, match_.columns, writer_options_, options.stop, body_limits(options)) {
        estimated_rows_ = rows.estimated_rows();
        progress_.estimated_rows = estimated_rows_;
    }

    std::optional<LoadResult> run(tinybird::ImportOptions request) {
        body_.prepare();
        if (body_.empty()) {
            return std::nullopt;
        }
        request.on_limit = [this](std::optional<std::uint64_t> largest) { limit(largest); };
        if (options_.on_progress) {
            request.on_sent = [this](std::uint64_t bytes) { report("uploading", bytes); };
            request.on_job = [this](const tinybird::Job&) { report("importing", 0); };
        }
        LoadResult result;
        result.response = mode_ == Mode::append ? client_.append(body_, data_source_, request)
                                                : client_.replace(body_, data_source_, request);
        while (body_.next_part()) {
            append_part(request, result.response);
        }
        if (!body_.statistics()) {
            throw errors::InDoubtError(
                fmt::format("Tinybird answered before all rows of the load into \"{}\" were sent", data_source_),
                "Compare the row counts of source and data source before you load again.");
        }
        result.bytes = body_.statistics()->bytes;
        result.rows = body_.statistics()->rows;
        result.columns = body_.statistics()->columns;
        return result;
    }

private:
    void limit(std::optional<std::uint64_t> largest) {
        body_.limit(largest, may_cut(mode_, options_) ? RowBody::AtLimit::cut : RowBody::AtLimit::refuse);
        const auto [rows, bytes] = body_.fetched();
        if (!estimated_rows_ || rows == 0 || planned_) {
            return;
        }
        const auto total = static_cast<std::uint64_t>(static_cast<double>(bytes) / static_cast<double>(rows) *
                                                      static_cast<double>(std::max(rows, *estimated_rows_)));
        const LoadPlan plan = plan_load(total, mode_ == Mode::append ? largest : std::nullopt, limits_);
        if (plan.requests > 1 || plan.bytes >= worth_a_plan) {
            logger::info(fmt::format("\"{}\": {}", data_source_, plan.text()));
            planned_ = true;
        }
    }

    void append_part(const tinybird::ImportOptions& request, tinybird::Response& so_far) {
        const std::uint64_t rows_in = body_.rows_read();
        try {
            // The part that comes next, whole: it can be sent again though the source is beyond it.
            http::SpooledBody part(body_, header_of(match_.columns, writer_options_));
            add(client_.append(part, data_source_, request), so_far);
        } catch (const errors::Error&) {
            logger::warning(fmt::format("the first {} rows of this load are in \"{}\" already, in {} import(s)",
                                        rows_in, data_source_, parts_));
            throw;
        }
        ++parts_;
    }

    void report(const char* stage, std::uint64_t bytes) {
        progress_.rows = body_.rows_read();
        progress_.bytes = std::max(progress_.bytes, bytes);
        progress_.stage = stage;
        options_.on_progress(progress_);
    }

    tinybird::Client& client_;
    const Mode mode_;
    const std::string& data_source_;
    const LoadOptions& options_;
    const Limits& limits_;
    const ColumnMatch match_;
    const RowWriterOptions writer_options_;
    RowBody body_;
    std::optional<std::uint64_t> estimated_rows_;
    Progress progress_;
    bool planned_ = false;
    std::uint64_t parts_ = 1;
};

}  // namespace

std::optional<LoadResult> load_rows(tinybird::Client& client, Rows& rows, Mode mode, const std::string& data_source,
                                    ColumnMatch match, const LoadOptions& options, tinybird::ImportOptions request) {
    return RowsLoad(client, rows, mode, data_source, options, std::move(match)).run(std::move(request));
}

}  // namespace tinybird_cdk::transfer
