// SPDX-License-Identifier: Apache-2.0
#include "transfer/preview.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/schema_compare.hpp>

#include "core/text.hpp"
#include "transfer/column_match.hpp"

namespace tinybird_cdk::transfer {

namespace {

class Nowhere final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        if (full.capacity() < wanted) {
            return Buffer(wanted);
        }
        full.set(0, 0);
        return full;
    }
};

/// A type of a query's column may always be NULL; that is no news.
std::string loss_of(const ResultColumn& source, const std::optional<schema::Type>& target) {
    if (!source.type || !target) {
        return {};
    }
    return schema::loss(source.type->with_nullable(false), *target).value_or(std::string());
}

void encode_first_rows(Rows& rows, const ColumnMatch& match, const LoadOptions& options, LoadPreview& preview) {
    RowWriterOptions writing;
    writing.format = options.format;
    writing.header = match.header;
    writing.hazards = options.hazards;
    Nowhere sink;
    RowWriter writer(match.columns, writing, sink);
    try {
        rows.write(writer, options.stop);
        writer.finish();
    } catch (const errors::RefusedValueError& refused) {
        preview.refusal = refused.what();
    }
    const RowStatistics statistics = writer.statistics();
    preview.sampled_rows = statistics.rows;
    preview.exact = preview.refusal.empty() && statistics.rows < preview_rows;
    preview.bytes = statistics.bytes;
}

void estimate(LoadPreview& preview, std::optional<std::uint64_t> estimated_rows, const LoadOptions& options) {
    const std::uint64_t sampled_bytes = *preview.bytes;
    if (preview.exact) {
        preview.rows = preview.sampled_rows;
        return;
    }
    preview.bytes.reset();
    if (!estimated_rows) {
        return;
    }
    preview.rows = std::max(*estimated_rows, preview.sampled_rows);
    if (options.row_limit) {
        preview.rows = std::min(*preview.rows, *options.row_limit);
    }
    if (preview.sampled_rows > 0) {
        preview.bytes =
            static_cast<std::uint64_t>(static_cast<double>(sampled_bytes) * static_cast<double>(*preview.rows) /
                                       static_cast<double>(preview.sampled_rows));
    }
}

std::vector<std::string> requests_of(const LoadPreview& preview) {
    if (preview.exact && preview.rows == std::uint64_t{0}) {
        if (!preview.replace) {
            return {};
        }
        return {fmt::format("POST /v0/datasources/{}/{}", core::url_encode(preview.data_source),
                            preview.replace_condition.empty() ? "truncate" : "delete")};
    }
    std::string request = fmt::format("POST /v1/datasources/{}/{}?format={}", core::url_encode(preview.data_source),
                                      preview.replace ? "replace" : "append", formats::name(preview.format));
    if (!preview.replace_condition.empty()) {
        request += "&replace_condition=" + core::url_encode(preview.replace_condition);
    }
    if (preview.warehouse && preview.warehouse->via == "bucket") {
        request += "&url=…";
        return {request + (preview.replace ? "" : ", once for each import"), "GET /v0/jobs/…, until the job has ended"};
    }
    return {request, "GET /v0/jobs/…, until the job has ended"};
}

LoadPreview describe(const std::vector<ResultColumn>& source, const ColumnMatch& match, Mode mode,
                     const std::string& query, const std::string& data_source, const LoadOptions& options) {
    LoadPreview result;
    result.query = query;
    result.data_source = data_source;
    result.replace = mode == Mode::replace;
    result.replace_condition = options.replace_condition;
    result.format = options.format;
    for (std::size_t i = 0; i < source.size(); ++i) {
        result.columns.push_back({source[i].name, source[i].source_type, match.places[i], match.columns[i].target,
                                  loss_of(source[i], match.columns[i].target)});
    }
    return result;
}

}  // namespace

LoadPreview preview(const std::vector<ResultColumn>& source, std::optional<std::uint64_t> estimated_rows, Rows& first,
                    Mode mode, const std::string& query, const std::string& data_source,
                    const std::optional<tinybird::DataSource>& target, const LoadOptions& options,
                    const Limits& limits) {
    const ColumnMatch match = match_columns(source, target, options.format);
    LoadPreview result = describe(source, match, mode, query, data_source, options);
    encode_first_rows(first, match, options, result);
    estimate(result, estimated_rows, options);
    if (result.bytes) {
        result.plan = plan_load(*result.bytes, mode == Mode::append ? limits.largest_v1() : std::nullopt, limits,
                                options.max_rate);
    }
    result.requests = requests_of(result);
    return result;
}

LoadPreview preview(const QueryDescription& source, Mode mode, const std::string& query, const std::string& data_source,
                    const std::optional<tinybird::DataSource>& target, const LoadOptions& options) {
    LoadOptions as_written = options;
    as_written.format = source.preview.format;
    LoadPreview result = describe(source.columns, match_columns(source.columns, target, as_written.format), mode, query,
                                  data_source, as_written);
    set_route(result, source.preview);
    return result;
}

void set_route(LoadPreview& preview, const WarehousePreview& warehouse) {
    preview.warehouse = warehouse;
    preview.format = warehouse.format;
    if (warehouse.via == "bucket") {
        // That is a plan for rows that go through here.
        preview.plan.reset();
    }
    preview.requests = requests_of(preview);
}

}  // namespace tinybird_cdk::transfer
