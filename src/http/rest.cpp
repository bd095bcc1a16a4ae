// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/rest.hpp>

#include <random>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/text.hpp"
#include "http/sender.hpp"

namespace tinybird_cdk::rest {

namespace {

double random_jitter() {
    thread_local std::mt19937 generator{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(generator);
}

std::string with_query(std::string url, const std::vector<std::pair<std::string, std::string>>& query) {
    char separator = '?';
    for (const auto& [name, value] : query) {
        url += fmt::format("{}{}={}", separator, core::url_encode(name), core::url_encode(value));
        separator = '&';
    }
    return url;
}

}  // namespace

Value Answer::json() const {
    try {
        return Value::from_json(body);
    } catch (const errors::InvalidArgument& error) {
        throw errors::ExternalDatasourceError(fmt::format("the answer (HTTP {}) is no JSON: {}", status, error.what()),
                                              {}, "Is there a proxy on the way that answers by itself?",
                                              errors::ExitCode::temporary);
    }
}

std::string_view Answer::header(std::string_view name) const noexcept {
    for (const auto& [known, value] : headers) {
        if (known == name) {
            return value;
        }
    }
    return {};
}

struct Client::Inside {
    Inside(std::string name, const cloud::ClientOptions& options, std::string ca_file)
        : service(std::move(name)),
          clock(options.clock ? options.clock : Clock::system()),
          sender({.connect = options.connect_timeout, .idle = options.idle_timeout, .ca_file = std::move(ca_file)},
                 options.retry, clock, options.jitter ? options.jitter : random_jitter) {}

    const std::string service;
    const std::shared_ptr<Clock> clock;
    http::Sender sender;
};

Client::Client(std::string service, const cloud::ClientOptions& options, std::string ca_file)
    : inside_(std::make_unique<Inside>(std::move(service), options, std::move(ca_file))) {}

Client::~Client() = default;

Clock& Client::clock() const noexcept {
    return *inside_->clock;
}

Answer Client::send(const Call& call) {
    const auto body = body_of(call.body);
    http::Request request;
    request.method = call.method;
    request.url = with_query(call.url, call.query);
    request.headers = call.headers;
    request.idempotent = call.repeatable;
    request.repeat_server_errors = call.repeatable || request.read_only();
    request.stop = call.stop;
    if (!call.body.empty()) {
        request.headers.emplace_back("Content-Type", call.content_type);
        request.body = body.get();
    }
    http::Response response;
    try {
        response = inside_->sender.send(request).response;
    } catch (const errors::HTTPError& error) {
        // A redirect that is not followed. The sender takes it for Tinybird's.
        throw errors::ExternalDatasourceError(fmt::format("{}: {}", inside_->service, error.what()),
                                              fmt::format("{}", error.status()), "Check the endpoint.");
    }
    if (response.status == 0) {
        const bool in_doubt = response.request_sent && !call.repeatable && !request.read_only();
        throw errors::ExternalDatasourceError(fmt::format("{}: {} {}: {}", inside_->service, call.method,
                                                          logger::mask(call.url), logger::mask(response.failure)),
                                              {},
                                              in_doubt
                                                  ? "It may have been carried out: look before it is asked for again."
                                                  : "Check the endpoint and the network.",
                                              errors::ExitCode::temporary);
    }
    return {.status = response.status, .headers = std::move(response.headers), .body = std::move(response.body)};
}

const Value* field_at(const Value& value, std::initializer_list<std::string_view> path) noexcept {
    const Value* at = &value;
    for (const std::string_view name : path) {
        const auto* const record = std::get_if<Value::Record>(&at->variant());
        at = nullptr;
        if (record != nullptr) {
            for (const auto& [known, field] : *record) {
                if (known == name) {
                    at = &field;
                    break;
                }
            }
        }
        if (at == nullptr) {
            return nullptr;
        }
    }
    return at->is_null() ? nullptr : at;
}

std::string text_at(const Value& value, std::initializer_list<std::string_view> path) {
    const Value* const found = field_at(value, path);
    return found == nullptr ? std::string() : found->to_text();
}

}  // namespace tinybird_cdk::rest
