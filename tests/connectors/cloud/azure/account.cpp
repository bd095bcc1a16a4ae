// SPDX-License-Identifier: Apache-2.0
#include "account.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>

#include "core/ids.hpp"

namespace tinybird_cdk::testing {

namespace {

/// Real time, so that signatures hold, and waits that end at once.
class ImpatientClock final : public Clock {
public:
    [[nodiscard]] std::chrono::steady_clock::time_point now() const override {
        return std::chrono::steady_clock::now();
    }
    [[nodiscard]] std::chrono::system_clock::time_point wall_now() const override {
        return std::chrono::system_clock::now();
    }
    bool sleep(std::chrono::milliseconds, const std::stop_token& stop) override { return !stop.stop_requested(); }
};

/// Headers of one connection; those of the other one have their own.
bool belongs_to_connection(std::string_view name) {
    constexpr std::array<std::string_view, 6> names{"connection",      "content-length", "transfer-encoding",
                                                    "accept-encoding", "expect",         "keep-alive"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string test_variable(std::string_view name) {
    const auto value = Environment::process().get(name);
    if (!value) {
        throw std::runtime_error(fmt::format("{} is not set: these tests are run by bin/test", name));
    }
    return *value;
}

Environment account_by_key(std::string_view endpoint) {
    return Environment::of({{"AZURE_STORAGE_CONNECTION_STRING",
                             fmt::format("AccountName={};AccountKey={};BlobEndpoint={}",
                                         test_variable("CDK_TEST_AZURE_ACCOUNT"), test_variable("CDK_TEST_AZURE_KEY"),
                                         endpoint.empty() ? test_variable("CDK_TEST_AZURE_ENDPOINT") : endpoint)}});
}

cloud::azure::Options quick() {
    cloud::azure::Options options;
    options.clock = std::make_shared<ImpatientClock>();
    options.jitter = [] { return 0.0; };
    options.block_bytes = 1000;
    options.copy_bytes = 1000;
    return options;
}

TestContainer::TestContainer(const Environment& environment)
    : environment_(environment),
      name_("test-" + core::random_hex(8)),
      requests_(environment, quick()),
      client_(environment) {
    const http::Response response = send({.method = "PUT", .parameters = {{"restype", "container"}}});
    if (response.status != 201) {
        throw std::runtime_error(fmt::format("no container: status {} {}", response.status, response.body));
    }
}

TestContainer::~TestContainer() {
    send({.method = "DELETE", .parameters = {{"restype", "container"}}});
}

http::Response TestContainer::send(cloud::azure::Call call) {
    call.container = name_;
    return requests_.send(call, {});
}

std::vector<std::string> TestContainer::keys() {
    std::vector<std::string> keys;
    for (const cloud::Object& object : client_.list(name_, "")) {
        keys.push_back(object.key);
    }
    return keys;
}

std::vector<std::pair<std::string, std::string>> TestContainer::content() {
    std::vector<std::pair<std::string, std::string>> all;
    for (const std::string& key : keys()) {
        all.emplace_back(key, read_all(*client_.get(name_, key)));
    }
    return all;
}

void TestContainer::write(std::string_view key, std::string_view bytes) {
    client_.put(name_, key, *body_of(bytes));
}

std::string read_all(Body& body) {
    std::string all;
    std::array<char, 1000> buffer{};
    while (const std::size_t count = body.read(buffer)) {
        all.append(buffer.data(), count);
    }
    return all;
}

http::Response fetch(const std::string& url, const std::string& ca_file) {
    http::Request request;
    request.url = url;
    return http::Client({.ca_file = ca_file}).perform(request);
}

std::string some_text(std::size_t bytes) {
    std::string text;
    for (std::size_t line = bytes; text.size() < bytes; ++line) {
        text += fmt::format("{}\n", line);
    }
    text.resize(bytes);
    return text;
}

AzureProxy::AzureProxy(Fault fault, bool keep_host)
    : fault_(std::move(fault)), keep_host_(keep_host), client_({}), server_([this](const Received&) {
          Reply reply;
          reply.answer = [this](const Received& request) {
              auto wanted = fault_(request, ++requests_);
              return wanted ? *std::move(wanted) : pass_on(request);
          };
          return reply;
      }) {}

Environment AzureProxy::environment() const {
    return account_by_key(fmt::format("{}/{}", server_.url(), test_variable("CDK_TEST_AZURE_ACCOUNT")));
}

Reply AzureProxy::pass_on(const Received& received) const {
    const std::string endpoint = test_variable("CDK_TEST_AZURE_ENDPOINT");
    http::Request request;
    request.method = received.method;
    request.url = endpoint.substr(0, endpoint.rfind('/')) + received.target;
    request.idempotent = true;
    for (const auto& [name, value] : received.headers) {
        if (!belongs_to_connection(name) && (keep_host_ || name != "host")) {
            request.headers.emplace_back(name, value);
        }
    }
    const auto body = body_of(received.body);
    request.body = received.body.empty() ? nullptr : body.get();
    const http::Response response = client_.perform(request);
    Reply reply;
    reply.status = response.status;
    reply.body = response.body;
    if (received.method == "HEAD") {
        reply.raw = fmt::format("HTTP/1.1 {} Passed on\r\n", response.status);
        for (const auto& [name, value] : response.headers) {
            reply.raw += name == "content-length" || !belongs_to_connection(name)
                             ? fmt::format("{}: {}\r\n", name, value)
                             : std::string();
        }
        reply.raw += "\r\n";
        return reply;
    }
    for (const auto& [name, value] : response.headers) {
        if (!belongs_to_connection(name)) {
            reply.headers.emplace_back(name, value);
        }
    }
    return reply;
}

Reply refusal(int status, std::string_view code) {
    Reply reply;
    reply.status = status;
    reply.headers = {{"x-ms-error-code", std::string(code)}, {"Content-Type", "application/xml"}};
    reply.body =
        fmt::format("<?xml version=\"1.0\"?><Error><Code>{}</Code><Message>Not today.</Message></Error>", code);
    return reply;
}

}  // namespace tinybird_cdk::testing
