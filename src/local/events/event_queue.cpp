// SPDX-License-Identifier: Apache-2.0
#include "local/events/event_queue.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/ids.hpp"
#include "local/answers.hpp"
#include "local/engine_errors.hpp"
#include "local/import.hpp"

namespace tinybird_cdk::local {

namespace {

/// More than one, for a commit to one data source may wait for an import into it.
constexpr int threads = 4;
/// A request larger than this is an import of its own, which writes it block by block.
constexpr std::size_t largest_shared = 1U << 20U;
constexpr std::size_t largest_batch = 4U << 20U;
constexpr std::size_t most_requests = 4'000;
/// Every commit makes a part. So many per second are merged in time.
constexpr std::chrono::milliseconds between_commits{10};
/// When the disk is full, accepted events wait for room.
constexpr std::chrono::milliseconds retry_pause{500};
constexpr std::chrono::seconds last_tries{5};
constexpr std::chrono::seconds between_touches{1};
constexpr int most_readings = 10;

bool is_temporary(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const chdb::EngineError& error) {
        return local::is_temporary(error);
    } catch (const errors::Error& error) {
        return error.retryable();
    } catch (const std::bad_alloc&) {
        return true;
    } catch (...) {
        return false;
    }
}

std::string text_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "unknown error";
    }
}

}  // namespace

EventQueue::EventQueue(Engine& engine, Catalog& catalog, std::filesystem::path scratch, std::size_t most_bytes)
    : engine_(engine), catalog_(catalog), scratch_(std::move(scratch)), budget_(most_bytes) {
    threads_.reserve(threads);
    for (int i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { work(); });
    }
}

EventQueue::~EventQueue() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        ending_ = true;
        give_up_ = Clock::now() + last_tries;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

void EventQueue::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
}

EventCounts EventQueue::store(const std::string& source_id, std::string body, ByteBudget::Share share) {
    Request request{std::move(body), std::move(share), std::promise<EventCounts>()};
    std::future<EventCounts> counts = request.answer->get_future();
    push(source_id, std::move(request));
    return counts.get();
}

void EventQueue::accept(const std::string& source_id, std::string body, ByteBudget::Share share) {
    push(source_id, {std::move(body), std::move(share), std::nullopt});
}

void EventQueue::push(const std::string& source_id, Request request) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_) {
            throw Refusal(503, "the server is stopping: send the events again when it is back");
        }
        lanes_[source_id].requests.push_back(std::move(request));
    }
    changed_.notify_one();
}

std::map<std::string, EventQueue::Lane>::iterator EventQueue::next_lane() {
    const auto now = Clock::now();
    return std::find_if(lanes_.begin(), lanes_.end(), [&](const auto& entry) {
        const Lane& lane = entry.second;
        return !lane.busy && !lane.requests.empty() && (lane.not_before <= now || ending_);
    });
}

std::optional<EventQueue::Clock::time_point> EventQueue::next_time() const {
    std::optional<Clock::time_point> next;
    for (const auto& [id, lane] : lanes_) {
        if (!lane.busy && !lane.requests.empty() && (!next || lane.not_before < *next)) {
            next = lane.not_before;
        }
    }
    return next;
}

EventQueue::Batch EventQueue::take_batch(Lane& lane) {
    Batch batch;
    std::size_t bytes = 0;
    while (!lane.requests.empty() && batch.size() < most_requests) {
        const std::size_t size = lane.requests.front().body.size();
        if (!batch.empty() && (size > largest_shared || bytes + size > largest_batch)) {
            break;
        }
        batch.push_back(std::move(lane.requests.front()));
        lane.requests.pop_front();
        bytes += size;
        if (size > largest_shared) {
            break;
        }
    }
    return batch;
}

void EventQueue::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        const auto found = next_lane();
        if (found == lanes_.end()) {
            const bool idle = std::all_of(lanes_.begin(), lanes_.end(),
                                          [](const auto& entry) { return entry.second.requests.empty(); });
            if (ending_ && idle) {
                // Another thread may still bring back what it could not write; then it does it itself.
                return;
            }
            if (const auto next = next_time()) {
                changed_.wait_until(lock, *next);
            } else {
                changed_.wait(lock);
            }
            continue;
        }
        Lane& lane = found->second;
        lane.busy = true;
        lane.not_before = Clock::now() + between_commits;
        Batch batch = take_batch(lane);
        const std::string source_id = found->first;
        const bool touches = Clock::now() - lane.touched >= between_touches;
        lock.unlock();
        Batch later;
        commit(source_id, batch, later);
        batch.clear();
        if (touches) {
            touch(source_id);
        }
        lock.lock();
        lane.busy = false;
        if (touches) {
            lane.touched = Clock::now();
        }
        if (!later.empty()) {
            lane.not_before = Clock::now() + retry_pause;
            lane.requests.insert(lane.requests.begin(), std::make_move_iterator(later.begin()),
                                 std::make_move_iterator(later.end()));
            if (ending_) {
                changed_.wait_for(lock, retry_pause, [] { return false; });
            }
        }
        if (lane.requests.empty() && !catalog_.find(source_id)) {
            lanes_.erase(source_id);
        }
        changed_.notify_all();
    }
}

void EventQueue::commit(const std::string& source_id, Batch& batch, Batch& later) {
    std::exception_ptr failure;
    std::vector<EventCounts> counts;
    try {
        counts = write(source_id, batch);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) {
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (batch[i].answer) {
                batch[i].answer->set_value(counts[i]);
            }
        }
        return;
    }
    if (batch.size() > 1 && !is_temporary(failure)) {
        // Whichever of them it is, the others have nothing to do with it.
        for (Request& request : batch) {
            Batch alone;
            alone.push_back(std::move(request));
            commit(source_id, alone, later);
        }
        return;
    }
    if (is_temporary(failure) && keep_for_later(source_id, batch, later, failure)) {
        return;
    }
    for (Request& request : batch) {
        if (request.answer) {
            request.answer->set_exception(failure);
        } else {
            std::fputs(fmt::format("events that were accepted for {} could not be stored and are lost: {}\n", source_id,
                                   text_of(failure))
                           .c_str(),
                       stderr);
        }
    }
}

/// Whoever waits is told at once; what was accepted is tried again.
bool EventQueue::keep_for_later(const std::string& source_id, Batch& batch, Batch& later,
                                const std::exception_ptr& failure) {
    {
        const std::lock_guard lock(mutex_);
        if (ending_ && Clock::now() > give_up_) {
            return false;
        }
    }
    std::size_t kept = 0;
    for (Request& request : batch) {
        if (request.answer) {
            request.answer->set_exception(failure);
        } else {
            later.push_back(std::move(request));
            ++kept;
        }
    }
    if (kept > 0) {
        std::fputs(fmt::format("{} accepted requests for {} wait to be stored: {}\n", kept, source_id, text_of(failure))
                       .c_str(),
                   stderr);
    }
    return true;
}

std::vector<EventCounts> EventQueue::write(const std::string& source_id, const Batch& batch) {
    for (int i = 1;; ++i) {
        const auto source = catalog_.find(source_id);
        if (!source) {
            throw Refusal(404, "the data source was deleted: nothing was stored");
        }
        try {
            if (batch.size() == 1 && batch.front().body.size() > largest_shared) {
                return {write_alone(*source, batch.front().body)};
            }
            EventGroup group(engine_, *source);
            for (const Request& request : batch) {
                group.add(request.body);
            }
            return group.commit(catalog_);
        } catch (const TooManyRows&) {
            if (batch.size() == 1) {
                return {write_alone(*source, batch.front().body)};
            }
            throw;
        } catch (const SourceChanged&) {
            if (i == most_readings) {
                throw Refusal(503, fmt::format("Data Source \"{}\" changes all the time: try again", source->name));
            }
        } catch (const Refusal& refusal) {
            // An import's word for the same.
            if (refusal.status() != 409 || i == most_readings) {
                throw;
            }
        }
    }
}

EventCounts EventQueue::write_alone(const DataSource& source, const std::string& body) {
    ImportRequest request;
    request.format = ImportFormat::ndjson;
    request.id = core::random_hex(24);
    Import import_run(engine_, catalog_, source, request, scratch_);
    import_run.write(body);
    const ImportResult result = import_run.commit();
    return {result.rows, result.quarantined + result.invalid_lines};
}

void EventQueue::touch(const std::string& source_id) {
    try {
        catalog_.touch(source_id);
    } catch (const errors::Error&) {  // NOLINT(bugprone-empty-catch): the rows are stored whatever the catalog says
    }
}

}  // namespace tinybird_cdk::local
