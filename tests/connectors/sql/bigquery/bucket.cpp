// SPDX-License-Identifier: Apache-2.0
#include "bucket.hpp"

#include <stdexcept>
#include <utility>

#include <tinybird_cdk/body.hpp>
#include <tinybird_cdk/cloud/gcs.hpp>
#include <tinybird_cdk/rest.hpp>

#include "core/ids.hpp"
#include "dataset.hpp"

namespace tinybird_cdk::testing {

namespace {
constexpr const char* suite_bucket = "TB_CDK_TEST_SUITE_GCS_BUCKET";
}

std::string Bucket::missing() {
    return on_google() && !Environment::process().get(suite_bucket) ? std::string(suite_bucket) + " names no bucket"
                                                                    : std::string();
}

Bucket::Bucket() {
    if (on_google()) {
        name_ = Environment::process().get(suite_bucket).value_or("");
        folder_ = "cdk-tests-" + core::random_hex(8) + "/";
        return;
    }
    endpoint_ = config::get("STORAGE_EMULATOR_HOST");
    name_ = "unload-" + core::random_hex(8);
    rest::Client client("GCS");
    const auto answer = client.send({.method = "POST",
                                     .url = endpoint_ + "/storage/v1/b",
                                     .query = {{"project", "p"}},
                                     .body = R"({"name":")" + name_ + R"("})"});
    if (!answer.ok()) {
        throw std::runtime_error(answer.body);
    }
}

Environment Bucket::environment() const {
    const Environment environment = bigquery_environment().with("GCS_BUCKET", name_).with("GCS_FOLDER", "/" + folder_);
    return on_google() ? environment : environment.with("STORAGE_EMULATOR_HOST", endpoint_);
}

std::vector<cloud::Object> Bucket::objects() const {
    return cloud::gcs::Client(environment()).list(name_, folder_);
}

void Bucket::put(const std::string& key, std::string_view bytes) const {
    const auto body = body_of(bytes);
    cloud::gcs::Client(environment()).put(name_, key, *body);
}

std::string Bucket::read(const std::string& key) const {
    cloud::gcs::Client client(environment());
    const auto body = client.get(name_, key);
    std::string bytes;
    std::vector<char> block(65536);
    for (std::size_t count = body->read(block); count > 0; count = body->read(block)) {
        bytes.append(block.data(), count);
    }
    return bytes;
}

void Bucket::remove(const std::string& key) const {
    cloud::gcs::Client(environment()).rm(name_, key);
}

Relay::Relay(std::string server, Instead instead, Afterwards afterwards)
    : server_(std::move(server)),
      instead_(std::move(instead)),
      afterwards_(std::move(afterwards)),
      front_([this](const Received&) {
          Reply reply;
          reply.answer = [this](const Received& whole) { return answer(whole); };
          return reply;
      }) {}

Reply Relay::answer(const Received& request) const {
    if (auto reply = instead_(request)) {
        return *std::move(reply);
    }
    cloud::ClientOptions once;
    once.retry = {.timeout_attempts = 0, .gateway_attempts = 0, .connection_attempts = 0};
    rest::Client client("relay", once);
    rest::Call call{.method = request.method, .url = server_ + request.target, .body = request.body};
    call.content_type = request.header("content-type").value_or("application/json");
    for (const char* const name : {"authorization", "content-encoding"}) {
        if (const auto value = request.header(name)) {
            call.headers.emplace_back(name, *value);
        }
    }
    const rest::Answer passed = client.send(call);
    Reply reply;
    reply.status = passed.status;
    reply.body = passed.body;
    reply.headers = {{"Content-Type", std::string(passed.header("content-type"))}};
    if (afterwards_) {
        afterwards_(request, reply);
    }
    return reply;
}

}  // namespace tinybird_cdk::testing
