// SPDX-License-Identifier: Apache-2.0
#include "stream_rows.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "parallel_read.hpp"

namespace tinybird_cdk::bigquery {

namespace {

/// One thread encodes. More streams than cores would only wait for it; with one, each of its pauses would be ours.
unsigned stream_count(bool in_order) {
    constexpr unsigned fewest = 2;
    constexpr unsigned most = 8;
    return in_order ? 1 : std::clamp(std::thread::hardware_concurrency(), fewest, most);
}

}  // namespace

StreamRows::StreamRows(const std::shared_ptr<Api>& api, const std::vector<Field>& fields, const Job& job,
                       const Wanted& wanted, const std::stop_token& stop)
    : job_(job),
      wanted_(wanted.rows),
      storage_(api),
      session_(storage_.create_session(job.result_table(stop), stream_count(wanted.in_order), stop)),
      batches_(session_.schema),
      columns_(make_arrow_columns(fields, batches_.schema())) {}

std::unique_ptr<StreamRows> StreamRows::open(const std::shared_ptr<Api>& api, const std::vector<Field>& fields,
                                             const Job& job, const Wanted& wanted, const std::stop_token& stop) {
    std::string reason = "a column has a type that Arrow does not hold";
    if (fits_arrow(fields)) {
        try {
            std::unique_ptr<StreamRows> rows(new StreamRows(api, fields, job, wanted, stop));
            const std::size_t streams = rows->session_.streams.size();
            logger::info(fmt::format("BigQuery: {} rows are read by {} stream{} of the Storage Read API", wanted.rows,
                                     streams, streams == 1 ? "" : "s"));
            return rows;
        } catch (const errors::ExternalDatasourceError& error) {
            // Whatever it is, the rows can be had without it; roles/bigquery.readSessionUser is what mostly lacks.
            reason = error.what();
        }
    }
    logger::info(
        fmt::format("BigQuery: {} rows are read page by page, which is slower than by the Storage Read API: {}",
                    wanted.rows, reason));
    return nullptr;
}

void StreamRows::write(RowWriter& writer, const std::stop_token& stop) {
    std::uint64_t written = 0;
    try {
        ParallelRead read(storage_, session_.streams, stop);
        while (const std::optional<ArrowRows> rows = read.next()) {
            write_batch(writer, *rows, stop);
            written += rows->rows;
        }
        if (written != wanted_) {
            throw errors::ExternalDatasourceError(
                fmt::format("BigQuery: the result has {} rows, and its streams gave {}", wanted_, written), {},
                "Run it again.", errors::ExitCode::temporary);
        }
    } catch (const errors::ExternalDatasourceError& error) {
        const std::string& hint = error.hint();
        throw errors::ExternalDatasourceError(error.what(), error.sqlstate(),
                                              hint + (hint.empty() ? "The job: " : " The job: ") + job_.link(),
                                              error.exit_code());
    }
}

void StreamRows::write_batch(RowWriter& writer, const ArrowRows& rows, const std::stop_token& stop) {
    constexpr std::int64_t rows_between_looks = 1024;
    const ArrowArrayView& view = batches_.read(rows.batch, rows.rows);
    for (std::int64_t row = 0; row < view.length; ++row) {
        // Batches may be large: a stop must not wait for the end of one.
        if (row % rows_between_looks == 0 && stop.stop_requested()) {
            throw errors::InterruptedError();
        }
        writer.begin_row();
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            columns_[i]->write(writer, *view.children[i], row);
        }
        writer.end_row();
    }
}

}  // namespace tinybird_cdk::bigquery
