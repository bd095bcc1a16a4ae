// SPDX-License-Identifier: Apache-2.0
#include "tinybird/event_delivery.hpp"

#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "http/gzip.hpp"
#include "tinybird/answers.hpp"

namespace tinybird_cdk::tinybird {

namespace {

constexpr int accepted = 202;
constexpr int bad_request = 400;
constexpr int too_large = 413;
constexpr int partly_stored = 422;
constexpr std::size_t shown_answer = 100;
/// When so many events of a batch were refused one by one and none was taken, it is not the events.
constexpr std::uint64_t most_refusals_without_success = 32;

bool compresses(const EventsOptions& options, const Api& api) {
    return options.compression == Compression::gzip ||
           (options.compression == Compression::automatic && !api.configuration().on_loopback());
}

}  // namespace

EventDelivery::EventDelivery(Api& api, EventPace& pace, std::string data_source, const EventsOptions& options,
                             Reject reject)
    : api_(api),
      pace_(pace),
      data_source_(std::move(data_source)),
      wait_(options.wait),
      compresses_(compresses(options, api)),
      stop_(options.stop),
      reject_(std::move(reject)) {}

Call EventDelivery::call() const {
    Call call;
    call.method = "POST";
    call.path = "/v0/events";
    call.parameters = {{"name", data_source_}};
    if (wait_) {
        call.parameters.emplace_back("wait", "true");
    }
    call.content_type = "application/x-ndjson";
    call.repeat_server_errors = true;
    call.stop = stop_;
    call.data_source = data_source_;
    return call;
}

http::Sent EventDelivery::post(std::string_view events, Delivered& result) {
    std::string packed;
    Call request = call();
    if (compresses_) {
        packed = http::gzip(events);
        events = packed;
        request.content_encoding = "gzip";
    }
    const std::uint64_t limit = api_.configuration().limits.event_request_bytes;
    if (limit > 0 && events.size() > limit) {
        http::Sent refused;
        refused.response.status = too_large;
        refused.response.body = fmt::format("{} bytes are more than the {} of one request", events.size(), limit);
        refused.decision.action = Decision::Action::fail;
        return refused;
    }
    pace_.wait(events.size(), stop_);
    const auto body = body_of(events);
    request.body = body.get();
    http::Sent sent = api_.try_send(request);
    result.requests += static_cast<std::uint64_t>(sent.attempts);
    result.bytes_sent += events.size() * static_cast<std::uint64_t>(sent.attempts);
    return sent;
}

std::string EventDelivery::doubt_about(const http::Response& response, const std::optional<Value>& answer,
                                       std::uint64_t events) const {
    if (wait_ && response.status == accepted) {
        return "202: taken, but not confirmed as stored";
    }
    if (!answer) {
        return fmt::format("{} with an answer that is no JSON: {}", response.status,
                           error_text(response.body).substr(0, shown_answer));
    }
    if (const auto stored = count_of(*answer, "successful_rows")) {
        const std::uint64_t counted = *stored + count_of(*answer, "quarantined_rows").value_or(0);
        if (counted < events) {
            return fmt::format("Tinybird counts {} of a batch of {} events, not which", counted, events);
        }
    }
    return {};
}

void EventDelivery::hand_over(const EventBatch& batch, std::size_t first, std::size_t last, std::string_view reason,
                              bool in_doubt) const {
    for (std::size_t i = first; i < last; ++i) {
        reject_({batch.event(i), reason, in_doubt});
    }
}

void EventDelivery::give_up(const EventBatch& batch, std::size_t first, std::size_t last, Delivered& result,
                            std::string_view reason) const {
    result.undelivered += last - first;
    hand_over(batch, first, last, reason, false);
}

Delivered EventDelivery::deliver(const EventBatch& batch) {
    Delivered result;
    deliver(batch, 0, batch.events(), result);
    return result;
}

bool EventDelivery::deliver(const EventBatch& batch, std::size_t first, std::size_t last, Delivered& result) {
    const auto fail_with = [&](std::exception_ptr failure, std::string_view reason) {
        result.failure = std::move(failure);
        give_up(batch, first, last, result, reason);
        return false;
    };
    http::Sent sent;
    try {
        sent = post(batch.slice(first, last), result);
    } catch (const errors::InterruptedError&) {
        // Whether the request had left is not known here.
        result.failure = std::current_exception();
        result.in_doubt += last - first;
        hand_over(batch, first, last, "interrupted", true);
        return false;
    } catch (const std::exception& error) {
        return fail_with(std::current_exception(), error.what());
    }

    const int status = sent.response.status;
    const std::string said = error_text(sent.response.body);
    std::string doubt;
    if (sent.decision.action == Decision::Action::succeed) {
        const auto answer = object_of(sent.response.body);
        doubt = doubt_about(sent.response, answer, last - first);
        if (doubt.empty()) {
            result.acknowledged += last - first;
            result.quarantined += count_of(*answer, "quarantined_rows").value_or(0);
            return true;
        }
    } else if (sent.decision.action == Decision::Action::in_doubt || status == partly_stored) {
        doubt = status == 0 ? std::string(sent.decision.reason) : fmt::format("{}: {}", status, said);
    }
    if (!doubt.empty()) {
        const std::string& reason = doubt;
        result.in_doubt += last - first;
        hand_over(batch, first, last, reason, true);
        return true;
    }
    if (status == bad_request || status == too_large) {
        if (last - first == 1) {
            ++result.rejected;
            hand_over(batch, first, last, fmt::format("{}: {}", status, said), false);
            if (status == bad_request && result.acknowledged == 0 && result.rejected >= most_refusals_without_success) {
                try {
                    api_.fail(call(), sent);
                } catch (const errors::Error&) {
                    result.failure = std::current_exception();
                }
                return false;
            }
            return true;
        }
        const std::size_t middle = first + (last - first) / 2;
        if (!deliver(batch, first, middle, result)) {
            give_up(batch, middle, last, result, "not sent, for the events before it failed");
            return false;
        }
        return deliver(batch, middle, last, result);
    }
    try {
        api_.fail(call(), sent);
    } catch (const errors::Error& error) {
        return fail_with(std::current_exception(), error.what());
    }
}

}  // namespace tinybird_cdk::tinybird
