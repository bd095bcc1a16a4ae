// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/cloud/s3.hpp>
#include <tinybird_cdk/errors.hpp>

#include "cloud/object_body.hpp"
#include "cloud/s3/caller.hpp"
#include "cloud/s3/join.hpp"
#include "cloud/s3/put.hpp"
#include "cloud/s3/times.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

constexpr int not_found = 404;

/// Thrown where an object is opened, when the store sends elsewhere: the same request is then made anew.
struct Elsewhere {};

Options with_system_clock(Options options) {
    if (!options.clock) {
        options.clock = Clock::system();
    }
    return options;
}

/// @return what could not be deleted; nothing when the store has no such call
std::optional<std::vector<std::string>> delete_batch(Caller& caller, const std::string& bucket,
                                                     const std::vector<std::string>& keys,
                                                     const std::stop_token& stop) {
    const std::string document = delete_document(keys);
    const Call call{.method = "POST",
                    .bucket = bucket,
                    .query = {{"delete", ""}},
                    .headers = {{"Content-Type", "application/xml"}},
                    .body = document};
    const http::Response answer = caller.send(call, stop);
    constexpr int done = 200;
    constexpr int not_implemented = 501;
    if (answer.status == not_implemented) {
        return std::nullopt;
    }
    if (answer.status != done) {
        throw caller.error_of(call, answer);
    }
    return parse_not_deleted(answer.body);
}

}  // namespace

/// Members are made in this order, each from those before it.
struct Client::State {
    State(const Environment& environment, Options given)
        : options(with_system_clock(std::move(given))),
          profiles(environment),
          settings(settings_of(environment, profiles)),
          transport(options, settings.ca_file),
          provider(environment, profiles, transport, options),
          caller(settings, provider, transport, options.retry) {}

    const Options options;
    const Profiles profiles;
    const Settings settings;
    Transport transport;
    Provider provider;
    Caller caller;
};

Client::Client(const Environment& environment, Options options)
    : state_(std::make_unique<State>(environment, std::move(options))) {}

Client::~Client() = default;

std::string Client::uri_(std::string_view bucket, std::string_view key) const {
    return uri_of(bucket, key);
}

std::vector<Object> Client::list_(std::string_view bucket, std::string_view prefix, const std::stop_token& stop) {
    std::vector<Object> objects;
    std::string next;
    do {
        // Encoded, for keys may hold what XML can't.
        Call call{.method = "GET",
                  .bucket = std::string(bucket),
                  .query = {{"list-type", "2"}, {"prefix", std::string(prefix)}, {"encoding-type", "url"}}};
        if (!next.empty()) {
            call.query.emplace_back("continuation-token", next);
        }
        Page page = parse_page(state_->caller.done(call, stop).body);
        if (!page.next.empty() && page.next == next) {
            throw errors::ExternalDatasourceError(
                fmt::format("s3: {}: the store gives the same page of keys again and again", uri_of(bucket, prefix)));
        }
        next = std::move(page.next);
        std::move(page.objects.begin(), page.objects.end(), std::back_inserter(objects));
    } while (!next.empty());
    return objects;
}

std::string Client::public_url_(std::string_view bucket, std::string_view key, std::chrono::seconds expires) {
    return state_->caller.presigned({.method = "GET", .bucket = std::string(bucket), .key = std::string(key)}, expires);
}

void Client::rm_(std::string_view bucket, std::string_view key, const std::stop_token& stop) {
    const Call call{.method = "DELETE", .bucket = std::string(bucket), .key = std::string(key)};
    const http::Response answer = state_->caller.send(call, stop);
    if (answer.status >= 200 && answer.status < 300) {
        return;
    }
    // AWS answers 204 there; others have other tastes.
    if (const auto refusal = parse_refusal(answer.body); refusal && refusal->code == "NoSuchKey") {
        return;
    }
    throw state_->caller.error_of(call, answer);
}

std::vector<std::string> Client::rm_all_(std::string_view bucket, const std::vector<std::string>& keys,
                                         const std::stop_token& stop) {
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
    constexpr std::size_t batch = 1000;
    std::vector<std::string> in_xml;
    std::vector<std::string> others;
    std::partition_copy(keys.begin(), keys.end(), std::back_inserter(in_xml), std::back_inserter(others), fits_xml);
    std::vector<std::string> left = cloud::Client::rm_all_(bucket, others, stop);
    for (std::size_t begin = 0; begin < in_xml.size(); begin += batch) {
        const auto from = in_xml.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto to = in_xml.begin() + static_cast<std::ptrdiff_t>(std::min(begin + batch, in_xml.size()));
        const std::vector<std::string> some(from, to);
        std::vector<std::string> not_deleted;
        try {
            const auto answer = delete_batch(state_->caller, std::string(bucket), some, stop);
            not_deleted = answer ? *answer : cloud::Client::rm_all_(bucket, some, stop);
        } catch (const errors::ExternalDatasourceError& error) {
            // The other batches may have more luck, and what is left is to be listed whole.
            std::transform(some.begin(), some.end(), std::back_inserter(not_deleted),
                           [&](const std::string& key) { return fmt::format("{}: {}", key, error.what()); });
        }
        std::move(not_deleted.begin(), not_deleted.end(), std::back_inserter(left));
    }
    return left;
}

void Client::join_(std::string_view bucket, const std::vector<Object>& parts, std::string_view target,
                   const CatOptions& options) {
    s3::join(state_->caller, std::string(bucket), parts, std::string(target),
             {.smallest = state_->options.smallest_part,
              .largest = state_->options.largest_copy,
              .most_parts = state_->options.most_parts},
             options);
}

void Client::put_(std::string_view bucket, std::string_view key, Body& body, const std::stop_token& stop) {
    s3::put(state_->caller, std::string(bucket), std::string(key), body, state_->options, stop);
}

std::unique_ptr<Body> Client::get_(std::string_view bucket, std::string_view key, const std::stop_token& stop) {
    const Call call{.method = "GET", .bucket = std::string(bucket), .key = std::string(key)};
    State& state = *state_;
    const auto opened = std::make_shared<bool>(false);
    ObjectSource source;
    source.service = "s3";
    source.uri = uri_of(bucket, key);
    source.make = [&state, call, stop](std::uint64_t offset, const std::string& etag) {
        Call part = call;
        if (offset > 0) {
            part.headers.emplace_back("Range", fmt::format("bytes={}-", offset));
        }
        if (!etag.empty()) {
            part.headers.emplace_back("If-Match", etag);
        }
        return state.caller.make(part, stop);
    };
    source.refuse = [&state, call, stop, opened](const http::Response& answer) {
        if (!*opened && state.caller.learn(call, answer, state.caller.credentials(stop))) {
            throw Elsewhere{};
        }
        throw state.caller.error_of(call, answer);
    };
    constexpr int most_moves = 2;
    for (int moves = 0;; ++moves) {
        try {
            *opened = moves == most_moves;
            std::unique_ptr<Body> body = object_body(state.transport, source, stop);
            *opened = true;
            return body;
        } catch (const Elsewhere&) {
            continue;
        }
    }
}

std::optional<Object> Client::stat_(std::string_view bucket, std::string_view key, const std::stop_token& stop) {
    const Call call{.method = "HEAD", .bucket = std::string(bucket), .key = std::string(key)};
    const http::Response answer = state_->caller.send(call, stop);
    if (answer.status == not_found) {
        return std::nullopt;
    }
    if (answer.status < 200 || answer.status >= 300) {
        throw state_->caller.error_of(call, answer);
    }
    Object object;
    object.key = key;
    const std::string_view length = answer.header("content-length").value_or("");
    const auto read = std::from_chars(length.data(), length.data() + length.size(), object.size);
    if (read.ec != std::errc() || read.ptr != length.data() + length.size()) {
        throw errors::ExternalDatasourceError(
            fmt::format("s3: the store does not say the size of {}", uri_of(bucket, key)));
    }
    object.etag = plain_etag(answer.header("etag").value_or(""));
    if (const auto modified = parse_http_time(answer.header("last-modified").value_or(""))) {
        object.modified = *modified;
    }
    return object;
}

}  // namespace tinybird_cdk::cloud::s3
