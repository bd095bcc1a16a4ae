// SPDX-License-Identifier: Apache-2.0
#include "framework/result_rows.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/record_batches.hpp>
#include <tinybird_cdk/row_writer.hpp>

#include "encode/arrow/record_batch_rows.hpp"

namespace tinybird_cdk::framework {

namespace {

/// Collects the blocks of a small result.
class MemorySink final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        text_.append(full.view());
        if (full.capacity() >= wanted) {
            full.set(0, 0);
            return full;
        }
        return Buffer(wanted);
    }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }

private:
    std::string text_;
};

}  // namespace

ResultSet read_all(Rows& rows, const std::stop_token& stop) {
    std::vector<OutputColumn> columns;
    for (const ResultColumn& column : rows.columns()) {
        columns.push_back({column.name, std::nullopt, column.valid_utf8});
    }
    RowWriterOptions options;
    options.format = Format::ndjson;
    for (const Hazard hazard :
         {Hazard::nan, Hazard::infinity, Hazard::date_range, Hazard::zero_date, Hazard::invalid_utf8}) {
        options.hazards.set(hazard, HazardPolicy::text);
    }
    MemorySink sink;
    RowWriter writer(columns, options, sink);
    rows.write(writer, stop);
    if (stop.stop_requested()) {
        throw errors::InterruptedError();
    }
    writer.finish();

    ResultSet result;
    std::string_view rest = sink.text();
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const Value row = Value::from_json(rest.substr(0, end));
        result.push_back(std::get<Value::Record>(row.variant()));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return result;
}

}  // namespace tinybird_cdk::framework

namespace tinybird_cdk {

ResultSet read_all(ArrowStream stream) {
    return read_all(*record_batches_of(std::move(stream)));
}

ResultSet read_all(RecordBatches& batches) {
    encode::RecordBatchRows rows(batches);
    return framework::read_all(rows, {});
}

}  // namespace tinybird_cdk
