// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/adbc.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
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
          watcher_([this](const std::stop_token& end) { watch(end); }),
          on_stop_(stop, Cancel{this}) {}

    ArrowStream open() override {
        if (stop_.stop_requested()) {
            throw errors::InterruptedError();
        }
        {
            // A pass that was given up says nothing of the next one.
            const std::lock_guard lock(mutex_);
            cancelled_ = stop_.stop_requested();
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
    void cancel() noexcept override {
        const std::lock_guard lock(mutex_);
        cancelled_ = true;
        changed_.notify_all();
    }
    [[nodiscard]] std::optional<std::uint64_t> row_limit() const override { return row_limit_; }
    [[nodiscard]] bool infinite_dates() const override { return infinite_dates_; }

private:
    struct Cancel {
        QueryBatches* batches;
        void operator()() const noexcept { batches->cancel(); }
    };

    /// Drivers forget a cancel that comes while they compute nothing, just before a query or between two batches: it is
    /// said again until the read is over.
    void watch(const std::stop_token& end) {
        constexpr std::chrono::milliseconds pause{20};
        std::unique_lock lock(mutex_);
        while (!end.stop_requested() && changed_.wait(lock, end, [this] { return cancelled_; })) {
            lock.unlock();
            connection_.cancel();
            lock.lock();
            changed_.wait_for(lock, end, pause, [this] { return !cancelled_; });
        }
    }

    Connection connection_;
    const std::string sql_;
    const std::optional<std::uint64_t> row_limit_;
    const bool infinite_dates_;
    const std::stop_token stop_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool cancelled_ = false;
    // The last ones: they are gone before what they use.
    std::jthread watcher_;
    const std::stop_callback<Cancel> on_stop_;
};

std::unique_ptr<RecordBatches> query_batches(const Source& source, const Environment& environment, std::string sql,
                                             std::optional<std::uint64_t> row_limit, const std::stop_token& stop) {
    return std::make_unique<QueryBatches>(source, environment, std::move(sql), row_limit, stop);
}

}  // namespace tinybird_cdk::adbc
