// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/events.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/text.hpp"
#include "tinybird/client_impl.hpp"
#include "tinybird/event_delivery.hpp"

namespace tinybird_cdk::tinybird {

namespace {

/// Where events go that are not in. One call at a time.
class Rejects {
public:
    explicit Rejects(const EventsOptions& options) : on_rejected_(options.on_rejected) {
        if (!options.dead_letter_file.empty()) {
            file_.open(options.dead_letter_file, std::ios::app | std::ios::binary);
            if (!file_) {
                throw errors::InvalidArgument(
                    fmt::format("the dead-letter file {} can't be opened", options.dead_letter_file.string()));
            }
        }
    }

    [[nodiscard]] bool are_kept() const { return file_.is_open() || on_rejected_; }

    void take(const RejectedEvent& rejected) {
        const std::lock_guard lock(mutex_);
        first_reason_ = first_reason_.empty() ? std::string(rejected.reason) : first_reason_;
        if (file_.is_open()) {
            const Value line(Value::Record{{"event", std::string(rejected.event)},
                                           {"reason", std::string(rejected.reason)},
                                           {"in_doubt", rejected.in_doubt}});
            file_ << line.to_json() << '\n' << std::flush;
            if (!file_) {
                logger::error("an event that Tinybird did not take can't be written to the dead-letter file");
                file_.clear();
            }
        }
        if (on_rejected_) {
            try {
                on_rejected_(rejected);
            } catch (const std::exception& error) {
                logger::error(fmt::format("the callback for rejected events failed: {}", error.what()));
            }
        }
    }

    [[nodiscard]] std::string first_reason() const {
        const std::lock_guard lock(mutex_);
        return first_reason_;
    }

private:
    mutable std::mutex mutex_;
    const std::function<void(const RejectedEvent&)> on_rejected_;
    std::ofstream file_;
    std::string first_reason_;
};

void check(const EventsOptions& options) {
    if (options.batch_bytes == 0 || options.batch_events == 0 || options.buffer_bytes < options.batch_bytes ||
        options.requests_in_flight < 1 || options.batch_age.count() < 0) {
        throw errors::InvalidArgument(
            "the options of the events writer make no sense together",
            "Batches and requests in flight must be at least 1, and the buffer must hold a batch.");
    }
}

}  // namespace

class EventsWriter::Impl {
public:
    Impl(Client::Impl& client, std::string_view data_source, EventsOptions options)
        : options_(std::move(options)),
          rejects_((check(options_), options_)),
          pace_(client.api.configuration().limits, client.clock),
          delivery_(client.api, pace_, std::string(data_source), options_,
                    [this](const RejectedEvent& rejected) { rejects_.take(rejected); }),
          largest_event_(client.api.configuration().limits.event_request_bytes) {
        for (int i = 0; i < options_.requests_in_flight; ++i) {
            threads_.emplace_back([this] { work(); });
        }
    }

    ~Impl() {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
    }

    void append(std::string_view json) {
        const std::string_view event = core::trim(json);
        if (event.empty()) {
            throw errors::InvalidArgument("an event is empty", "An event is a JSON object.");
        }
        if (largest_event_ > 0 && event.size() >= largest_event_) {
            throw errors::InvalidArgument(
                fmt::format("an event has {} bytes, and a request may have {}", event.size(), largest_event_));
        }
        std::unique_lock lock(mutex_);
        const auto has_room = [&] {
            return failure_ || closed_ || buffered_bytes_ == 0 ||
                   buffered_bytes_ + event.size() + 1 <= options_.buffer_bytes;
        };
        if (!has_room() && !changed_.wait(lock, options_.stop, has_room)) {
            throw errors::InterruptedError();
        }
        rethrow_failure();
        if (closed_) {
            throw errors::Error("the events writer is closed");
        }
        if (!open_.empty() && open_.bytes() + event.size() + 1 > options_.batch_bytes) {
            seal();
        }
        if (open_.empty()) {
            open_since_ = std::chrono::steady_clock::now();
            // A thread that waits for nothing has to wait for this batch's age.
            changed_.notify_all();
        }
        open_.add(event);
        buffered_bytes_ += event.size() + 1;
        ++summary_.appended;
        if (open_.events() >= options_.batch_events || open_.bytes() >= options_.batch_bytes) {
            seal();
        }
    }

    EventsSummary flush(bool close) {
        std::unique_lock lock(mutex_);
        if (closed_) {
            return summary_with_pending();
        }
        closed_ = close;
        seal();
        const std::uint64_t last = next_batch_;
        changed_.wait(lock, [&] { return unsettled_.empty() || *unsettled_.begin() >= last; });
        if (failure_) {
            const EventsSummary result = summary_with_pending();
            logger::error(fmt::format("of {} events {} are acknowledged, {} rejected, {} in doubt, {} not delivered",
                                      result.appended, result.acknowledged, result.rejected, result.in_doubt,
                                      result.undelivered));
            std::rethrow_exception(failure_);
        }
        const std::uint64_t lost = summary_.rejected + summary_.in_doubt;
        const std::uint64_t news = lost - std::exchange(told_, lost);
        const EventsSummary result = summary_with_pending();
        lock.unlock();
        if (news > 0 && !rejects_.are_kept()) {
            throw errors::TinybirdClientError(
                fmt::format(
                    "{} event(s) are not in, or not surely: {} rejected, {} in doubt, {} acknowledged. The first "
                    "reason: {}",
                    news, result.rejected, result.in_doubt, result.acknowledged, rejects_.first_reason()),
                "Set a dead-letter file or a callback to keep such events.", errors::ExitCode::data_refused);
        }
        return result;
    }

    EventsSummary summary() const {
        const std::lock_guard lock(mutex_);
        return summary_with_pending();
    }

    void rethrow_failure() const {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

private:
    struct Sealed {
        std::uint64_t number;
        EventBatch batch;
    };

    [[nodiscard]] EventsSummary summary_with_pending() const {
        EventsSummary result = summary_;
        result.pending = result.appended - result.acknowledged - result.rejected - result.in_doubt - result.undelivered;
        return result;
    }

    /// The open batch becomes one to send. With the lock held.
    void seal() {
        if (!open_.empty()) {
            unsettled_.insert(next_batch_);
            sealed_.push_back({next_batch_++, std::exchange(open_, {})});
            changed_.notify_all();
        }
    }

    /// Waits for a batch. @return nothing when there will be none any more
    std::optional<Sealed> next() {
        std::unique_lock lock(mutex_);
        while (true) {
            if (!open_.empty() && (ending_ || std::chrono::steady_clock::now() - open_since_ >= options_.batch_age)) {
                seal();
            }
            if (!sealed_.empty()) {
                Sealed next = std::move(sealed_.front());
                sealed_.pop_front();
                return next;
            }
            if (ending_) {
                return std::nullopt;
            }
            if (open_.empty()) {
                changed_.wait(lock);
            } else {
                changed_.wait_until(lock, open_since_ + options_.batch_age);
            }
        }
    }

    void work() {
        while (std::optional<Sealed> next = this->next()) {
            Delivered delivered;
            if (has_failed()) {
                delivery_.give_up(next->batch, 0, next->batch.events(), delivered,
                                  "not sent, for the writer had failed");
            } else {
                delivered = delivery_.deliver(next->batch);
            }
            settle(*next, delivered);
        }
    }

    [[nodiscard]] bool has_failed() const {
        const std::lock_guard lock(mutex_);
        return static_cast<bool>(failure_);
    }

    void settle(const Sealed& sealed, const Delivered& delivered) {
        {
            const std::lock_guard lock(mutex_);
            summary_.acknowledged += delivered.acknowledged;
            summary_.quarantined += delivered.quarantined;
            summary_.rejected += delivered.rejected;
            summary_.in_doubt += delivered.in_doubt;
            summary_.undelivered += delivered.undelivered;
            summary_.requests += delivered.requests;
            summary_.bytes_sent += delivered.bytes_sent;
            failure_ = failure_ ? failure_ : delivered.failure;
            buffered_bytes_ -= sealed.batch.bytes();
            unsettled_.erase(sealed.number);
        }
        changed_.notify_all();
    }

    const EventsOptions options_;
    Rejects rejects_;
    EventPace pace_;
    EventDelivery delivery_;
    const std::uint64_t largest_event_;

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    EventBatch open_;
    std::chrono::steady_clock::time_point open_since_;
    std::deque<Sealed> sealed_;
    std::set<std::uint64_t> unsettled_;  ///< numbers of batches that are sealed or being sent
    std::uint64_t next_batch_ = 0;
    std::size_t buffered_bytes_ = 0;
    EventsSummary summary_;
    std::uint64_t told_ = 0;  ///< rejected and in doubt, as of the last flush
    std::exception_ptr failure_;
    bool closed_ = false;
    bool ending_ = false;
    std::vector<std::jthread> threads_;  // the last member: joined before what they use goes away
};

EventsWriter::EventsWriter(Client& client, std::string_view data_source, EventsOptions options)
    : impl_(std::make_unique<Impl>(*client.impl_, data_source, std::move(options))) {}

EventsWriter::~EventsWriter() {
    try {
        impl_->flush(true);
    } catch (const std::exception& error) {
        const EventsSummary summary = impl_->summary();
        logger::error(fmt::format("events writer: {}; {} of {} events are acknowledged", error.what(),
                                  summary.acknowledged, summary.appended));
    }
}

void EventsWriter::append(std::string_view json) {
    impl_->append(json);
}

EventsSummary EventsWriter::flush() {
    return impl_->flush(false);
}

EventsSummary EventsWriter::close() {
    return impl_->flush(true);
}

EventsSummary EventsWriter::summary() const {
    return impl_->summary();
}

}  // namespace tinybird_cdk::tinybird
