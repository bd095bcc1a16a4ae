// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "store.hpp"

#include <cstdlib>
#include <random>
#include <stdexcept>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "http/client.hpp"

namespace tinybird_cdk::testing {

namespace {

std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

class WrongClock final : public Clock {
public:
    explicit WrongClock(std::chrono::minutes ahead) : ahead_(ahead) {}
    [[nodiscard]] std::chrono::steady_clock::time_point now() const override { return real_->now(); }
    [[nodiscard]] std::chrono::system_clock::time_point wall_now() const override { return real_->wall_now() + ahead_; }
    bool sleep(std::chrono::milliseconds duration, const std::stop_token& stop) override {
        return real_->sleep(duration, stop);
    }

private:
    const std::chrono::minutes ahead_;
    const std::shared_ptr<Clock> real_ = Clock::system();
};

}  // namespace

std::vector<Store> stores() {
    std::vector<Store> all;
    const std::string running = variable("CDK_TEST_S3_STORES");
    for (const std::string_view entry : core::split(running, ' ')) {
        if (const std::size_t equals = entry.find('='); equals != std::string_view::npos) {
            all.push_back({.name = std::string(entry.substr(0, equals)), .url = std::string(entry.substr(equals + 1))});
        }
    }
    // The tests are also listed before the stores run, and must then have the names that they will have.
    return all.empty() ? std::vector<Store>{{.name = "minio", .url = ""}, {.name = "versitygw", .url = ""}} : all;
}

std::string name_of(const ::testing::TestParamInfo<Store>& info) {
    return info.param.name;
}

Environment Store::environment(std::string_view other) const {
    if (url.empty()) {
        throw std::runtime_error("no store is running; bin/test starts them");
    }
    return Environment::of({{"AWS_ACCESS_KEY_ID", variable("CDK_TEST_S3_ACCESS_KEY")},
                            {"AWS_SECRET_ACCESS_KEY", variable("CDK_TEST_S3_SECRET_KEY")},
                            {"AWS_ENDPOINT_URL_S3", other.empty() ? url : std::string(other)},
                            {"AWS_REGION", "us-east-1"}});
}

cloud::s3::Options quick_options() {
    cloud::s3::Options options;
    options.retry.first_delay = std::chrono::milliseconds(1);
    options.retry.largest_delay = std::chrono::milliseconds(1);
    options.retry.gateway_attempts = 2;
    options.retry.server_error_attempts = 2;
    return options;
}

RawStore::RawStore(const Store& store)
    : environment_(store.environment()),
      profiles_(environment_),
      settings_(cloud::s3::settings_of(environment_, profiles_)),
      options_(quick_options()),
      transport_(options_),
      provider_(environment_, profiles_, transport_, options_),
      caller_(settings_, provider_, transport_, options_.retry) {}

void RawStore::make_bucket(const std::string& bucket) {
    caller_.done({.method = "PUT", .bucket = bucket}, {});
}

void RawStore::put(const std::string& bucket, const std::string& key, std::string_view bytes,
                   cloud::s3::Pairs headers) {
    headers.emplace_back("Content-Type", "application/octet-stream");
    caller_.done({.method = "PUT", .bucket = bucket, .key = key, .headers = std::move(headers), .body = bytes}, {});
}

std::string RawStore::begin_upload(const std::string& bucket, const std::string& key) {
    const http::Response answer =
        caller_.done({.method = "POST", .bucket = bucket, .key = key, .query = {{"uploads", ""}}}, {});
    return cloud::s3::parse_text(answer.body, "InitiateMultipartUploadResult", "UploadId");
}

std::vector<std::string> RawStore::unfinished(const std::string& bucket, const std::string& key) {
    const std::string xml = caller_.done({.bucket = bucket, .query = {{"uploads", ""}, {"prefix", key}}}, {}).body;
    std::vector<std::string> ids;
    for (const auto& upload : cloud::s3::parse_unfinished(xml)) {
        ids.push_back(upload.upload);
    }
    return ids;
}

std::vector<std::string> RawStore::unfinished(const std::string& bucket) {
    const std::string xml = caller_.done({.bucket = bucket, .query = {{"uploads", ""}}}, {}).body;
    std::vector<std::string> keys;
    for (const auto& upload : cloud::s3::parse_unfinished(xml)) {
        keys.push_back(upload.key);
    }
    return keys;
}

std::shared_ptr<Clock> wrong_clock(std::chrono::minutes ahead) {
    return std::make_shared<WrongClock>(ahead);
}

http::Response fetch(const std::string& url) {
    http::Client plain{{}};
    http::Request request;
    request.url = url;
    return plain.perform(request);
}

std::string read_all(Body& body) {
    std::string text;
    std::string block(1U << 18U, '\0');
    while (const std::size_t count = body.read(block)) {
        text.append(block, 0, count);
    }
    return text;
}

std::string content(std::size_t size, unsigned seed) {
    std::mt19937 generator(seed);
    std::string bytes(size, '\0');
    for (char& byte : bytes) {
        byte = static_cast<char>(generator());
    }
    return bytes;
}

std::string new_bucket() {
    return "cdk-" + core::random_hex(16);
}

}  // namespace tinybird_cdk::testing
