// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "local/catalog.hpp"
#include "local/engine.hpp"
#include "local/events/byte_budget.hpp"
#include "local/events/event_group.hpp"

namespace tinybird_cdk::local {

/// Requests on their way into data sources. Those to one data source go in their order, and all that have come during
/// one commit go with the next: so the costs of a commit are shared by as many as are waiting. Thread-safe.
class EventQueue {
public:
    using Clock = std::chrono::steady_clock;

    /// @param most_bytes of requests that are kept in memory
    EventQueue(Engine& engine, Catalog& catalog, std::filesystem::path scratch, std::size_t most_bytes);
    EventQueue(const EventQueue&) = delete;
    EventQueue& operator=(const EventQueue&) = delete;
    /// Writes what is there.
    ~EventQueue();

    /// What the bytes of a request are taken from before it is given to the queue.
    [[nodiscard]] ByteBudget& budget() noexcept { return budget_; }

    /// Writes a request's events and waits until they can be read. @throws Refusal, chdb::EngineError
    EventCounts store(const std::string& source_id, std::string body, ByteBudget::Share share);
    /// Writes them later. @throws Refusal 503 when the server stops
    void accept(const std::string& source_id, std::string body, ByteBudget::Share share);

    /// From now on nothing is taken.
    void close();

private:
    struct Request {
        std::string body;
        ByteBudget::Share share;
        std::optional<std::promise<EventCounts>> answer;  ///< when somebody waits
    };
    using Batch = std::vector<Request>;
    /// The requests to one data source.
    struct Lane {
        std::deque<Request> requests;
        bool busy = false;
        Clock::time_point not_before;
        Clock::time_point touched;
    };

    void push(const std::string& source_id, Request request);
    void work();
    /// The next data source with something to do, if there is one now. The mutex is held.
    std::map<std::string, Lane>::iterator next_lane();
    [[nodiscard]] std::optional<Clock::time_point> next_time() const;
    static Batch take_batch(Lane& lane);

    void commit(const std::string& source_id, Batch& batch, Batch& later);
    std::vector<EventCounts> write(const std::string& source_id, const Batch& batch);
    EventCounts write_alone(const DataSource& source, const std::string& body);
    void touch(const std::string& source_id);
    bool keep_for_later(const std::string& source_id, Batch& batch, Batch& later, const std::exception_ptr& failure);

    Engine& engine_;
    Catalog& catalog_;
    const std::filesystem::path scratch_;
    ByteBudget budget_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, Lane> lanes_;
    bool closed_ = false;
    bool ending_ = false;
    Clock::time_point give_up_;  ///< of what can't be written, when the server ends
    std::vector<std::thread> threads_;
};

}  // namespace tinybird_cdk::local
