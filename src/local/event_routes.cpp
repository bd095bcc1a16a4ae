// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <exception>
#include <mutex>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "local/events/event_queue.hpp"
#include "local/events/inferred_schema.hpp"
#include "local/events/zstd_body.hpp"
#include "local/ingest/ndjson_reader.hpp"
#include "local/server.hpp"

namespace tinybird_cdk::local {

namespace {

/// Of one request, unpacked (https://www.tinybird.co/docs/get-data-in/ingest-apis/events-api).
constexpr std::size_t largest_body = 10'000'000;
constexpr const char* retry_seconds = "1";

/// The buffer is full of others' events.
class Full : public std::exception {};

/// Counts events that nobody has looked at yet.
class Counter final : public ingest::RecordSink {
public:
    void record(std::span<const ingest::Field> /*fields*/, std::size_t /*size*/) override { ++counts.rows; }
    void unreadable(const std::string& /*reason*/) override { ++counts.quarantined; }
    EventCounts counts;
};

EventCounts counts_of(std::string_view body) {
    Counter counter;
    ingest::NdjsonReader reader({}, counter);
    reader.write(body);
    reader.finish();
    return counter.counts;
}

void check_format(const Call& call) {
    const std::string format = core::to_lower(call.parameter("format").value_or("ndjson"));
    if (format != "ndjson" && format != "json") {
        throw Refusal(400, fmt::format("there is no format \"{}\" for events: use ndjson or json", format));
    }
    const std::string mode = call.parameter("mode").value_or("append");
    if (mode != "append") {
        throw Refusal(400, fmt::format("events are appended: there is no mode \"{}\" here", mode));
    }
}

void check_length(const Call& call) {
    std::size_t length = 0;
    const std::string header = call.header("content-length");
    const auto parsed = std::from_chars(header.data(), header.data() + header.size(), length);
    if (parsed.ec == std::errc() && length > largest_body) {
        throw Refusal(
            413, fmt::format("the body is larger than {} bytes: send the events in several requests", largest_body));
    }
}

/// The body, unpacked. Its bytes are taken from the budget before they are kept.
std::string read_body(Call& call, ByteBudget::Share& share) {
    std::string body;
    const auto keep = [&](std::string_view piece) {
        if (body.size() + piece.size() > largest_body) {
            throw Refusal(
                413, fmt::format("the events are larger than {} bytes: send them in several requests", largest_body));
        }
        if (!share.grow(piece.size())) {
            throw Full();
        }
        body += piece;
    };
    const std::string encoding = core::to_lower(call.header("content-encoding"));
    bool complete = false;
    if (encoding == "zstd") {
        ZstdBody unpacked(keep);
        complete = call.stream_body([&](std::string_view piece) { unpacked.write(piece); });
        if (complete) {
            unpacked.finish();
        }
    } else if (encoding.empty() || encoding == "identity" || encoding == "gzip") {
        // gzip is unpacked before.
        complete = call.stream_body(keep);
    } else {
        throw Refusal(400, fmt::format("the Content-Encoding \"{}\" is not served: use gzip or zstd", encoding));
    }
    if (!complete) {
        throw Refusal(400, "the body is not complete: nothing was stored");
    }
    return body;
}

/// Made from its first events, as Tinybird does it.
DataSource created(Services& services, const std::string& name, std::string_view body) {
    // Two requests for a new name make one data source.
    static std::mutex creating;
    const std::lock_guard lock(creating);
    if (auto source = services.catalog.find(name)) {
        return *std::move(source);
    }
    if (name != schema::data_source_name(name)) {
        throw Refusal(400,
                      fmt::format("\"{}\" is no name for a data source: use letters, digits and underscores", name));
    }
    DataSource source;
    source.id = "t_" + core::random_hex(32);
    source.name = name;
    source.columns = inferred_columns(services.engine, services.scratch, body);
    source.created_at = timestamp_now();
    source.updated_at = source.created_at;
    services.storage.create(source);
    return source;
}

Answer full_answer() {
    Answer answer =
        error_answer(429, "the buffer for events is full: send the events again later, as Retry-After says");
    answer.headers = {{"Retry-After", retry_seconds},
                      {"X-Ratelimit-Limit", "0"},
                      {"X-Ratelimit-Remaining", "0"},
                      {"X-Ratelimit-Reset", retry_seconds}};
    return answer;
}

Answer post_events(Services& services, Call& call) {
    const std::string name = call.parameter("name").value_or("");
    if (name.empty()) {
        throw Refusal(400, "the parameter name is missing");
    }
    check_format(call);
    check_length(call);
    const std::string wait = core::to_lower(call.parameter("wait").value_or("false"));
    const bool waits = wait == "true" || wait == "1";
    ByteBudget::Share share(services.events.budget());
    std::string body;
    try {
        body = read_body(call, share);
    } catch (const Full&) {
        return full_answer();
    }
    auto source = services.catalog.find(name);
    if (!source) {
        source = created(services, name, body);
    }
    EventCounts counts;
    if (waits) {
        counts = services.events.store(source->id, std::move(body), std::move(share));
    } else {
        // What does not fit is found later; Tinybird does not wait for it either.
        counts = counts_of(body);
        services.events.accept(source->id, std::move(body), std::move(share));
    }
    services.metrics.count_events(counts.rows, counts.quarantined);
    return json_answer({{"successful_rows", counts.rows}, {"quarantined_rows", counts.quarantined}}, waits ? 200 : 202);
}

}  // namespace

void add_event_routes(Router& router, Services& services) {
    router.add("POST", "/v0/events", [&](Call& call) { return post_events(services, call); });
}

}  // namespace tinybird_cdk::local
