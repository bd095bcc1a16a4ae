// SPDX-License-Identifier: Apache-2.0
#include "cursor_batches.hpp"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cancel_on_stop.hpp"

namespace tinybird_cdk::redshift {

namespace {

/// The most that a cluster of one node gives at once (https://docs.aws.amazon.com/redshift/latest/dg/declare.html).
constexpr std::uint64_t rows_of_fetch = 1000;

/// One pass over the rows: a connection, a cursor of it, and the rows that were fetched last.
class Pass {
public:
    Pass(const adbc::Source& source, const Environment& environment, const std::string& query, std::stop_source ending,
         std::optional<std::chrono::milliseconds> timeout)
        : ending_(std::move(ending)), connection_(source, environment), cancel_(connection_, ending_.get_token()) {
        if (timeout) {
            deadline_ = std::chrono::steady_clock::now() + *timeout;
        }
        // A cursor lives in a transaction, which ends with the connection.
        connection_.execute("BEGIN");
        connection_.execute("DECLARE tb_cdk_rows CURSOR FOR\n" + query);
        fetch();
    }

    OwnedArrowSchema schema() { return rows_.schema(); }

    /// Empty at the end.
    OwnedArrowArray next() {
        for (;;) {
            OwnedArrowArray batch = rows_.next();
            if (!batch.empty()) {
                fetched_ += static_cast<std::uint64_t>(batch->length);
                return batch;
            }
            if (fetched_ < rows_of_fetch) {
                return {};
            }
            fetch();
        }
    }

    /// Runs a call of the C interface, through which no exception may pass. @return its code
    template <class Call>
    int guarded(Call&& call) noexcept {
        try {
            call();
            return 0;
        } catch (const errors::InterruptedError& error) {
            return failed(error, ending_.stop_requested() ? ECANCELED : ETIMEDOUT);
        } catch (const errors::Error& error) {
            return failed(error, ending_.stop_requested() ? ECANCELED : error.retryable() ? ETIMEDOUT : EIO);
        } catch (const std::exception& error) {
            return failed(error, EIO);
        }
    }

    [[nodiscard]] const char* error() const noexcept { return error_.c_str(); }

private:
    void fetch() {
        if (ending_.stop_requested()) {
            throw errors::InterruptedError();
        }
        if (deadline_ && std::chrono::steady_clock::now() >= *deadline_) {
            throw errors::ExternalDatasourceError("the statement ran longer than its time-out", {}, {},
                                                  errors::ExitCode::temporary);
        }
        fetched_ = 0;
        rows_ = ArrowStream();
        rows_ = connection_.query(fmt::format("FETCH FORWARD {} FROM tb_cdk_rows", rows_of_fetch));
    }

    int failed(const std::exception& error, int code) noexcept {
        try {
            error_ = error.what();
        } catch (...) {  // NOLINT(bugprone-empty-catch): no memory for the text
        }
        return code;
    }

    std::stop_source ending_;
    std::optional<std::chrono::steady_clock::time_point> deadline_;
    adbc::Connection connection_;
    CancelOnStop cancel_;
    ArrowStream rows_;
    std::uint64_t fetched_ = 0;  ///< of the last FETCH
    std::string error_;
};

Pass& pass_of(ArrowArrayStream* stream) noexcept {
    return *static_cast<Pass*>(stream->private_data);
}

ArrowArrayStream stream_of(std::unique_ptr<Pass> pass) noexcept {
    ArrowArrayStream stream{};
    stream.get_schema = [](ArrowArrayStream* self, ArrowSchema* out) {
        return pass_of(self).guarded([&] { *out = pass_of(self).schema().give(); });
    };
    stream.get_next = [](ArrowArrayStream* self, ArrowArray* out) {
        return pass_of(self).guarded([&] { *out = pass_of(self).next().give(); });
    };
    stream.get_last_error = [](ArrowArrayStream* self) { return pass_of(self).error(); };
    stream.release = [](ArrowArrayStream* self) {
        const std::unique_ptr<Pass> owner(&pass_of(self));
        self->release = nullptr;
    };
    stream.private_data = pass.release();
    return stream;
}

class CursorBatches final : public RecordBatches {
public:
    CursorBatches(adbc::Source source, const Environment& environment, std::string query, const ExportRequest& request)
        : source_(std::move(source)),
          environment_(environment),
          query_(std::move(query)),
          row_limit_(request.row_limit),
          timeout_(request.limits.statement_timeout),
          stop_(request.stop),
          on_stop_(stop_, Cancel{this}) {}

    ArrowStream open() override {
        const std::stop_source ending = begin();
        try {
            return ArrowStream(stream_of(std::make_unique<Pass>(source_, environment_, query_, ending, timeout_)),
                               "Redshift");
        } catch (const errors::Error& error) {
            if (ending.stop_requested()) {
                throw errors::InterruptedError();
            }
            if (dynamic_cast<const errors::InterruptedError*>(&error) != nullptr) {
                // Somebody else ended it: its time-out, or an administrator.
                throw errors::ExternalDatasourceError(error.what(), {}, {}, errors::ExitCode::temporary);
            }
            throw;
        }
    }

    void cancel() noexcept override {
        const std::lock_guard lock(mutex_);
        ending_.request_stop();
    }

    [[nodiscard]] std::optional<std::uint64_t> row_limit() const override { return row_limit_; }

private:
    struct Cancel {
        CursorBatches* batches;
        void operator()() const noexcept { batches->cancel(); }
    };

    /// A pass that was given up says nothing of the next one.
    std::stop_source begin() {
        const std::lock_guard lock(mutex_);
        ending_ = std::stop_source();
        if (stop_.stop_requested()) {
            ending_.request_stop();
        }
        return ending_;
    }

    const adbc::Source source_;
    const Environment environment_;
    const std::string query_;
    const std::optional<std::uint64_t> row_limit_;
    const std::optional<std::chrono::milliseconds> timeout_;
    const std::stop_token stop_;
    std::mutex mutex_;
    std::stop_source ending_;  ///< of the pass that was begun last
    // The last one: it is gone before what it uses.
    const std::stop_callback<Cancel> on_stop_;
};

}  // namespace

std::unique_ptr<RecordBatches> cursor_batches(const adbc::Source& source, const Environment& environment,
                                              std::string query, const ExportRequest& request) {
    return std::make_unique<CursorBatches>(source, environment, std::move(query), request);
}

}  // namespace tinybird_cdk::redshift
