// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>

#include <tinybird_cdk/events.hpp>

#include "tinybird/api.hpp"
#include "tinybird/event_batch.hpp"
#include "tinybird/event_pace.hpp"

namespace tinybird_cdk::tinybird {

/// What became of one batch.
struct Delivered {
    std::uint64_t acknowledged = 0;
    std::uint64_t quarantined = 0;
    std::uint64_t rejected = 0;
    std::uint64_t in_doubt = 0;
    std::uint64_t undelivered = 0;
    std::uint64_t requests = 0;
    std::uint64_t bytes_sent = 0;
    std::exception_ptr failure;  ///< nothing more can be delivered, and why
};

/// Sends a batch, and its halves where the whole is refused. Thread-safe.
class EventDelivery {
public:
    /// What to do with an event that is not in. One at a time is the caller's affair.
    using Reject = std::function<void(const RejectedEvent&)>;

    EventDelivery(Api& api, EventPace& pace, std::string data_source, const EventsOptions& options, Reject reject);

    Delivered deliver(const EventBatch& batch);
    /// Counts and hands over events that will not be sent.
    void give_up(const EventBatch& batch, std::size_t first, std::size_t last, Delivered& result,
                 std::string_view reason) const;

private:
    /// @return false when nothing more of the batch is to be sent
    bool deliver(const EventBatch& batch, std::size_t first, std::size_t last, Delivered& result);
    http::Sent post(std::string_view events, Delivered& result);
    /// Why a good answer does not mean that all events of a batch are in; empty when it does.
    [[nodiscard]] std::string doubt_about(const http::Response& response, const std::optional<Value>& answer,
                                          std::uint64_t events) const;
    void hand_over(const EventBatch& batch, std::size_t first, std::size_t last, std::string_view reason,
                   bool in_doubt) const;
    [[nodiscard]] Call call() const;

    Api& api_;
    EventPace& pace_;
    const std::string data_source_;
    const bool wait_;
    const bool compresses_;
    const std::stop_token stop_;
    const Reject reject_;
};

}  // namespace tinybird_cdk::tinybird
