// SPDX-License-Identifier: Apache-2.0
#include "query_rows.hpp"

#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/logger.hpp>

#include "page_rows.hpp"
#include "query_request.hpp"
#include "stream_rows.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::bigquery {

QueryRows::QueryRows(std::shared_ptr<Api> api, const ExportRequest& request, std::function<std::string()> new_id)
    : api_(std::move(api)), request_(request), new_id_(std::move(new_id)) {
    Described described = describe(*api_, request_.query, request_.stop);
    fields_ = std::move(described.fields);
    bytes_read_ = described.bytes_processed.value_or(0);
    location_ = std::move(described.location);
    for (const Field& field : fields_) {
        columns_.push_back({.name = field.name,
                            .source_type = type_text(field),
                            .valid_utf8 = true,
                            .type = suggest_type(field).type.with_nullable(false)});
    }
}

void QueryRows::write(RowWriter& writer, const std::stop_token& stop) {
    if (request_.row_limit == 0U) {
        return;
    }
    try {
        if (!job_) {
            if (bytes_read_ > 0 && (!request_.purpose || request_.row_limit)) {
                // Of a load that is expected; of a look at a few rows it is not.
                logger::info(fmt::format(
                    "BigQuery reads about {} bytes for this query, which it may bill, however few rows are asked for",
                    bytes_read_));
            }
            job_ = std::make_unique<Job>(*api_, new_id_(), location_);
            job_->begin(request_.query, request_.limits.statement_timeout, stop);
        }
        if (!write_streams(writer, stop)) {
            PageRows(fields_, *job_).write(writer, request_.row_limit, stop);
        }
    } catch (...) {
        // What failed may be the upload: a result that is there is read again, and nobody pays for the query twice.
        if (job_ && !job_->has_result()) {
            job_.reset();
        }
        throw;
    }
}

bool QueryRows::write_streams(RowWriter& writer, const std::stop_token& stop) {
    // Streams have no order among them, and the first rows are those of the query's order.
    if (api_->settings().storage_endpoint.empty() || request_.row_limit) {
        return false;
    }
    const std::uint64_t rows = job_->wait(stop);
    if (rows <= rows_of_a_page) {
        return false;
    }
    const auto streams = StreamRows::open(api_, fields_, *job_, {.rows = rows, .in_order = request_.as_rows}, stop);
    if (!streams) {
        return false;
    }
    streams->write(writer, stop);
    return true;
}

}  // namespace tinybird_cdk::bigquery
