// SPDX-License-Identifier: Apache-2.0
#include "proxy.hpp"

#include <array>
#include <stdexcept>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/text.hpp"
#include "http/download.hpp"
#include "store.hpp"

namespace tinybird_cdk::cloud::gcs {

using testing::Received;
using testing::Reply;

namespace {

constexpr std::array sent_on{"content-type", "content-range", "range", "accept-encoding"};
constexpr std::array sent_back{"content-type",      "content-encoding", "content-range", "etag",
                               "x-goog-generation", "x-goog-hash",      "range",         "accept-ranges"};

/// Decompresses nothing on the way.
http::Response as_stored(http::Request request) {
    http::Download download({}, std::move(request));
    http::Response answer = download.head();
    std::string block(64U * 1024, '\0');
    while (const std::size_t count = download.read(block)) {
        answer.body.append(block, 0, count);
    }
    if (!download.broken().empty()) {
        throw std::runtime_error("the server behind the proxy broke off: " + download.broken());
    }
    return answer;
}

std::string range_of(const Received& request) {
    return request.method == "PUT" ? request.header("content-range").value_or("") : "";
}

}  // namespace

Proxy::Proxy(Before before, After after)
    : before_(std::move(before)), after_(std::move(after)), http_({}), server_([this](const Received&) {
          Reply reply;
          reply.answer = [this](const Received& request) { return pass(request); };
          return reply;
      }) {}

int Proxy::count(const std::string& method) const {
    int found = 0;
    for (const Received& request : received()) {
        found += request.method == method ? 1 : 0;
    }
    return found;
}

Reply Proxy::pass(const Received& request) {
    const int number = [this] {
        const std::lock_guard lock(mutex_);
        return ++number_;
    }();
    if (before_) {
        const std::lock_guard lock(calling_);
        if (auto reply = before_(request, number)) {
            return std::move(*reply);
        }
    }
    auto refusal = refusal_for(request);
    Reply reply = refusal ? std::move(*refusal) : forward(request);
    if (after_) {
        const std::lock_guard lock(calling_);
        after_(request, reply, number);
    }
    return reply;
}

std::optional<Reply> Proxy::answer_for_upload(const Received& request) {
    const std::string range = range_of(request);
    const std::lock_guard lock(mutex_);
    if (range.starts_with("bytes */")) {
        const auto state = states_.find(request.target);
        return state == states_.end() ? std::nullopt : std::optional(state->second);
    }
    const auto part = parts_.find(request.target + range);
    return range.empty() || part == parts_.end() ? std::nullopt : std::optional(part->second);
}

void Proxy::remember_upload(const Received& request, const Reply& reply) {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, value] : reply.headers) {
        if (name == "Location") {
            states_[value.substr(url().size())].status = 308;
        }
    }
    if (const std::string range = range_of(request); !range.empty()) {
        states_[request.target] = reply;
        parts_[request.target + range] = reply;
    }
}

Reply Proxy::forward(const Received& request) {
    if (auto known = answer_for_upload(request)) {
        return std::move(*known);
    }
    const auto body = body_of(request.body);
    http::Request onward;
    onward.method = request.method;
    onward.url = server_url() + request.target;
    onward.idempotent = true;
    for (const char* name : sent_on) {
        if (const auto value = request.header(name)) {
            onward.headers.emplace_back(name, *value);
        }
    }
    if (request.method == "POST" || request.method == "PUT") {
        onward.body = body.get();
    }
    const http::Response answer = request.method == "GET" ? as_stored(std::move(onward)) : http_.perform(onward);
    if (answer.status == 0) {
        throw std::runtime_error("the server behind the proxy does not answer: " + answer.failure);
    }
    Reply reply;
    reply.status = answer.status;
    reply.body = answer.body;
    for (const char* name : sent_back) {
        if (const auto value = answer.header(name)) {
            reply.headers.emplace_back(name, *value);
        }
    }
    if (const auto location = answer.header("location")) {
        reply.headers.emplace_back("Location", url() + std::string(location->substr(server_url().size())));
    }
    remember_upload(request, reply);
    return reply;
}

std::string Proxy::generation(const std::string& path) {
    http::Request request;
    request.url = server_url() + path;
    const http::Response answer = http_.perform(request);
    return answer.status == 200 ? nlohmann::json::parse(answer.body).at("generation").get<std::string>() : "0";
}

std::optional<Reply> Proxy::refusal_for(const Received& request) {
    const Reply refusal = Reply::json(R"({"error":{"code":412,"message":"At least one of the pre-conditions you )"
                                      R"(specified did not hold.","errors":[{"reason":"conditionNotMet"}]}})",
                                      412);
    constexpr std::string_view compose = "/compose";
    if (const auto wanted = request.parameter("ifGenerationMatch"); wanted && generation(request.path()) != *wanted) {
        return refusal;
    }
    if (request.method == "POST" && request.path().ends_with(compose)) {
        const std::string target = request.path().substr(0, request.path().size() - compose.size());
        const auto body = nlohmann::json::parse(request.body);
        for (const auto& source : body.at("sourceObjects")) {
            const std::string path =
                target.substr(0, target.rfind('/') + 1) + core::url_encode(source.at("name").get<std::string>());
            if (source.contains("objectPreconditions") &&
                source.at("objectPreconditions").at("ifGenerationMatch") != generation(path)) {
                return refusal;
            }
        }
    }
    return std::nullopt;
}

Reply no_answer() {
    Reply reply;
    reply.cut_at_answer_byte = 0;
    reply.reset = true;
    return reply;
}

}  // namespace tinybird_cdk::cloud::gcs
