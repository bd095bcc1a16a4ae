// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/adbc.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "adbc/connection_impl.hpp"

namespace tinybird_cdk::adbc {

class QueryBatches final : public RecordBatches {
public:
    QueryBatches(const Source& source, const Environment& environment, std::string sql,
                 std::optional<std::uint64_t> row_limit, const std::stop_token& stop,
                 std::optional<std::chrono::milliseconds> statement_timeout)
        : connection_(source, environment),
          sql_(std::move(sql)),
          row_limit_(row_limit),
          infinite_dates_(source.infinite_dates),
          statement_timeout_(statement_timeout),
          stop_(stop),
          watcher_([this](const std::stop_token& end) { watch(end); }),
          on_stop_(stop, Cancel{this}) {
        if (statement_timeout_ && !connection_.can_cancel()) {
            throw errors::InvalidArgument(
                "this ADBC driver can't cancel a query, so there can be no statement time-out",
                "Set one at the database, and leave this one out.");
        }
    }

    ArrowStream open() override {
        if (stop_.stop_requested()) {
            throw errors::InterruptedError();
        }
        std::shared_ptr<Ending> ending = begin();
        try {
            return connection_.impl_->query(sql_, std::move(ending));
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
        if (ending_) {
            ending_->cancelled = true;
        }
        changed_.notify_all();
    }
    [[nodiscard]] std::optional<std::uint64_t> row_limit() const override { return row_limit_; }
    [[nodiscard]] bool infinite_dates() const override { return infinite_dates_; }

private:
    struct Cancel {
        QueryBatches* batches;
        void operator()() const noexcept { batches->cancel(); }
    };

    /// A pass that was given up, or was too slow, says nothing of the next one.
    std::shared_ptr<Ending> begin() {
        const std::lock_guard lock(mutex_);
        ending_ = std::make_shared<Ending>();
        cancelled_ = stop_.stop_requested();
        ending_->cancelled = cancelled_;
        if (statement_timeout_) {
            const double seconds = std::chrono::duration<double>(*statement_timeout_).count();
            ending_->late_text = fmt::format("the statement ran longer than its time-out of {:g} s", seconds);
            deadline_ = std::chrono::steady_clock::now() + *statement_timeout_;
        }
        changed_.notify_all();
        return ending_;
    }

    /// Under the lock. The time of a stream that nobody holds any more does not matter.
    [[nodiscard]] bool is_timed() const noexcept { return statement_timeout_ && ending_.use_count() > 1; }
    [[nodiscard]] bool is_late() const noexcept { return is_timed() && std::chrono::steady_clock::now() >= deadline_; }

    /// Drivers forget a cancel that comes while they compute nothing, just before a query or between two batches: it is
    /// said again until the read is over.
    void watch(const std::stop_token& end) {
        constexpr std::chrono::milliseconds first_pause{20};
        constexpr std::chrono::milliseconds longest_pause{1'000};
        auto pause = first_pause;
        std::unique_lock lock(mutex_);
        while (!end.stop_requested()) {
            if (!cancelled_ && !is_late()) {
                pause = first_pause;
                if (is_timed()) {
                    changed_.wait_until(lock, end, deadline_, [this] { return cancelled_ || is_late(); });
                } else {
                    changed_.wait(lock, end, [this] { return cancelled_ || is_timed(); });
                }
                continue;
            }
            if (is_late()) {
                ending_->late = true;
            }
            lock.unlock();
            connection_.cancel();
            lock.lock();
            changed_.wait_for(lock, end, pause, [this] { return !cancelled_ && !is_late(); });
            pause = std::min(pause * 2, longest_pause);
        }
    }

    Connection connection_;
    const std::string sql_;
    const std::optional<std::uint64_t> row_limit_;
    const bool infinite_dates_;
    const std::optional<std::chrono::milliseconds> statement_timeout_;
    const std::stop_token stop_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool cancelled_ = false;
    std::shared_ptr<Ending> ending_;  ///< of the query that was begun last
    std::chrono::steady_clock::time_point deadline_;
    // The last ones: they are gone before what they use.
    std::jthread watcher_;
    const std::stop_callback<Cancel> on_stop_;
};

std::unique_ptr<RecordBatches> query_batches(const Source& source, const Environment& environment, std::string sql,
                                             std::optional<std::uint64_t> row_limit, const std::stop_token& stop,
                                             std::optional<std::chrono::milliseconds> statement_timeout) {
    // Drivers don't agree on what an empty query is; to some it looks like a failure that may pass.
    if (sql.find_first_not_of(" \t\r\n;") == std::string::npos) {
        throw errors::InvalidArgument("the query is empty");
    }
    return std::make_unique<QueryBatches>(source, environment, std::move(sql), row_limit, stop, statement_timeout);
}

}  // namespace tinybird_cdk::adbc
