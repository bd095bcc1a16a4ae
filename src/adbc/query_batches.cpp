// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/adbc.hpp>

#include <functional>
#include <utility>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::adbc {

class QueryBatches final : public RecordBatches {
public:
    QueryBatches(const Source& source, const Environment& environment, std::string sql,
                 std::optional<std::uint64_t> row_limit, const std::stop_token& stop)
        : connection_(source, environment),
          sql_(std::move(sql)),
          row_limit_(row_limit),
          infinite_dates_(source.infinite_dates),
          stop_(stop),
          on_stop_(stop, [this] { connection_.cancel(); }) {}

    ArrowStream open() override {
        if (stop_.stop_requested()) {
            throw errors::InterruptedError();
        }
        try {
            return connection_.query(sql_);
        } catch (const errors::ExternalDatasourceError&) {
            // Not every driver calls a cancelled query cancelled.
            if (stop_.stop_requested()) {
                throw errors::InterruptedError();
            }
            throw;
        }
    }
    void cancel() noexcept override { connection_.cancel(); }
    [[nodiscard]] std::optional<std::uint64_t> row_limit() const override { return row_limit_; }
    [[nodiscard]] bool infinite_dates() const override { return infinite_dates_; }

private:
    Connection connection_;
    const std::string sql_;
    const std::optional<std::uint64_t> row_limit_;
    const bool infinite_dates_;
    const std::stop_token stop_;
    // The last: it is gone before what it uses.
    const std::stop_callback<std::function<void()>> on_stop_;
};

std::unique_ptr<RecordBatches> query_batches(const Source& source, const Environment& environment, std::string sql,
                                             std::optional<std::uint64_t> row_limit, const std::stop_token& stop) {
    return std::make_unique<QueryBatches>(source, environment, std::move(sql), row_limit, stop);
}

}  // namespace tinybird_cdk::adbc
