// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <tinybird_cdk/tinybird.hpp>

namespace tinybird_cdk::tinybird {

/// An event that is not in the data source, or not surely.
struct RejectedEvent {
    std::string_view event;   ///< valid during the call only
    std::string_view reason;  ///< in Tinybird's words, or why there are none
    bool in_doubt = false;    ///< the answer was lost or partial: it may be in
};

struct EventsOptions {
    /// Acknowledged means stored (answer 200), else taken in only (202). Storing takes Tinybird longer.
    bool wait = true;
    // A batch is sent when one of these is reached.
    std::size_t batch_bytes = 1'000'000;
    std::size_t batch_events = 10'000;
    std::chrono::milliseconds batch_age{1000};
    /// Beyond so many bytes that are not acknowledged yet, `append()` waits.
    std::size_t buffer_bytes = std::size_t{32} << 20;
    /// More than one: batches may arrive in another order.
    int requests_in_flight = 4;
    Compression compression = Compression::automatic;
    /// Events that Tinybird refuses, and those in doubt, are added to this file: one JSON object a line, with "event"
    /// (its text), "reason" and "in_doubt". Empty: none.
    std::filesystem::path dead_letter_file = {};
    /// Called with the same, from the writer's threads, one at a time.
    std::function<void(const RejectedEvent&)> on_rejected = {};
    std::stop_token stop = {};
};

/// What became of the events. `appended` is the sum of acknowledged, rejected, in_doubt, undelivered and pending.
struct EventsSummary {
    std::uint64_t appended = 0;      ///< taken by `append()`
    std::uint64_t acknowledged = 0;  ///< by Tinybird
    std::uint64_t quarantined = 0;   ///< of those, how many went to NAME_quarantine
    std::uint64_t rejected = 0;      ///< refused one by one; nothing of them is in
    std::uint64_t in_doubt = 0;      ///< the answer was lost or says that a part is in: not sent again
    std::uint64_t undelivered = 0;   ///< given up, for Tinybird refuses all or can't be reached; nothing of them is in
    std::uint64_t pending = 0;       ///< not settled yet
    std::uint64_t requests = 0;
    std::uint64_t bytes_sent = 0;  ///< as they went over the wire, without headers
};

/// Sends many small events through the Events API, in batches, several at a time
/// (https://www.tinybird.co/docs/api-reference/events-api). Memory is bounded. Thread-safe.
///
/// 429 and 5xx are tried again as the client's RetryPolicy says. Of a batch that is refused as a whole (400, 413) the
/// halves are sent, down to the bad event. 401, 403, 404 and the like, and failures that outlast the retries, end the
/// writer: the calls after that throw. An answer that is lost (or 422, which says that a part is in) leaves events in
/// doubt; they are not sent again, for that could double them.
class EventsWriter {
public:
    /// @param client must outlive the writer
    /// @throws errors::InvalidArgument for options that make no sense or a dead-letter file that can't be opened
    EventsWriter(Client& client, std::string_view data_source, EventsOptions options = {});
    /// As `close()`, but a failure is only logged.
    ~EventsWriter();
    EventsWriter(const EventsWriter&) = delete;
    EventsWriter& operator=(const EventsWriter&) = delete;

    /// Takes one event, a JSON object; line breaks between its tokens are made blanks. Waits when the buffer is full.
    /// @throws what ended the writer; errors::InvalidArgument for an empty event or one larger than a request may be;
    /// errors::InterruptedError when the stop token asks
    void append(std::string_view json);

    /// Sends what is there and waits until all events taken so far are settled.
    /// @throws what ended the writer; errors::TinybirdClientError when events were rejected or are in doubt since the
    /// last call and neither a dead-letter file nor a callback took them
    EventsSummary flush();
    /// The same, and the writer takes no more events. A second call only gives the summary.
    EventsSummary close();
    [[nodiscard]] EventsSummary summary() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tinybird_cdk::tinybird
