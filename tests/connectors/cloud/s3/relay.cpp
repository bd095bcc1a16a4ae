// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "relay.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/text.hpp"

namespace tinybird_cdk::testing {

namespace {

bool is_of_connection(std::string_view name) {
    constexpr std::array<std::string_view, 6> names{
        "content-length", "transfer-encoding", "connection", "content-encoding", "expect", "keep-alive"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

Reply refusal(int status, std::string_view code) {
    Reply reply;
    reply.status = status;
    reply.body =
        fmt::format("<?xml version=\"1.0\"?><Error><Code>{}</Code><Message>by the relay</Message></Error>", code);
    reply.headers = {{"Content-Type", "application/xml"}};
    return reply;
}

}  // namespace

Relay::Relay(const Store& store, std::function<Fault(const std::string& step, int nth)> fault)
    : store_(store.url), fault_(std::move(fault)), server_([this](const Received& head) {
          const std::string step = step_of(head);
          int nth = 0;
          {
              const std::lock_guard lock(mutex_);
              nth = counts_[step]++;
              steps_.push_back(step);
          }
          const Fault what = fault_(step, nth);
          Reply reply;
          if (what == Fault::lost_request) {
              reply.raw = "HTTP/1.1 200 OK\r\n\r\n";
              reply.cut_at_answer_byte = 1;
              reply.reset = true;
              return reply;
          }
          reply.answer = [this, what](const Received& request) { return answer(request, what); };
          if (what == Fault::lost_answer) {
              reply.cut_at_answer_byte = 1;
          }
          return reply;
      }) {}

Reply Relay::answer(const Received& request, Fault fault) {
    if (fault == Fault::unavailable) {
        return refusal(503, "ServiceUnavailable");
    }
    if (fault == Fault::refused) {
        return refusal(403, "AccessDenied");
    }
    if (fault == Fault::refusal_in_a_200) {
        return refusal(200, "InternalError");
    }
    http::Request forwarded;
    forwarded.method = request.method;
    forwarded.url = store_ + request.target;
    // The Host header too, which the signature covers.
    for (const auto& header : request.headers) {
        if (!is_of_connection(header.first)) {
            forwarded.headers.push_back(header);
        }
    }
    std::string bytes = request.body;
    if (fault == Fault::changed && bytes.empty()) {
        forwarded.url.insert(std::min(forwarded.url.find('?'), forwarded.url.size()), "x");
    } else if (fault == Fault::changed) {
        bytes.front() = static_cast<char>(bytes.front() ^ 1);
    }
    const std::unique_ptr<Body> body = body_of(bytes);
    forwarded.body = request.method == "PUT" || request.method == "POST" ? body.get() : nullptr;
    const http::Response response = client_.perform(forwarded);
    {
        const std::lock_guard lock(mutex_);
        carried_ += request.body.size() + (request.method == "GET" ? response.body.size() : 0);
    }
    Reply reply;
    reply.raw = fmt::format("HTTP/1.1 {} relayed\r\n", response.status);
    for (const auto& [name, value] : response.headers) {
        if (!is_of_connection(name) || (name == "content-length" && request.method == "HEAD")) {
            reply.raw += fmt::format("{}: {}\r\n", name, value);
        }
    }
    if (request.method != "HEAD" && response.status != 204) {
        reply.raw += fmt::format("content-length: {}\r\n", response.body.size());
    }
    const std::size_t head = reply.raw.size() + 2;
    reply.raw += "\r\n" + response.body;
    if (fault == Fault::lost_answer) {
        reply.cut_at_answer_byte = 1;
    } else if (fault == Fault::broken_answer) {
        reply.cut_at_answer_byte = head + response.body.size() / 2;
    }
    return reply;
}

std::vector<std::string> Relay::steps() const {
    const std::lock_guard lock(mutex_);
    return steps_;
}

std::vector<std::size_t> Relay::connections(const std::string& step) const {
    std::vector<std::size_t> all;
    for (const Received& request : server_.received()) {
        if (step_of(request) == step) {
            all.push_back(request.connection);
        }
    }
    return all;
}

std::uint64_t Relay::carried() const {
    const std::lock_guard lock(mutex_);
    return carried_;
}

std::string Relay::step_of(const Received& request) {
    const bool of_upload = request.parameter("uploadId").has_value();
    if (request.method == "POST") {
        return of_upload ? "complete" : request.parameter("uploads") ? "create" : "delete";
    }
    if (request.method == "PUT") {
        return !of_upload ? "put" : request.header("x-amz-copy-source") ? "copy" : "part";
    }
    if (request.method == "DELETE") {
        return of_upload ? "abort" : "delete";
    }
    if (request.method == "HEAD") {
        return "head";
    }
    return request.parameter("uploads") ? "uploads" : request.parameter("list-type") ? "list" : "get";
}

}  // namespace tinybird_cdk::testing
