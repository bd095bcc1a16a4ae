// SPDX-License-Identifier: Apache-2.0
#include "store.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "http/client.hpp"

namespace tinybird_cdk::cloud::gcs {

std::string server_url() {
    const auto url = Environment::process().get("STORAGE_EMULATOR_HOST");
    if (!url) {
        throw std::runtime_error("STORAGE_EMULATOR_HOST is not set: run these tests with bin/test");
    }
    return *url;
}

std::string new_bucket() {
    std::string bucket = "cdk-" + core::random_hex(16);
    http::Client http({});
    const std::string text = fmt::format(R"({{"name":"{}"}})", bucket);
    const auto body = body_of(text);
    http::Request request;
    request.method = "POST";
    request.url = server_url() + "/storage/v1/b?project=p";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = body.get();
    if (const auto answer = http.perform(request); answer.status != 200) {
        throw std::runtime_error(fmt::format("no bucket: {} {}", answer.status, answer.body));
    }
    return bucket;
}

StoreTest::StoreTest() : bucket(new_bucket()), client(client_of(server_url())) {}

std::unique_ptr<Client> StoreTest::client_of(const std::string& url, bool tries) const {
    Options options;
    options.clock = clock;
    options.jitter = [] { return 0.0; };
    options.part_bytes = small_part;
    if (!tries) {
        options.retry.connection_attempts = 0;
        options.retry.server_error_attempts = 0;
    }
    return std::make_unique<Client>(Environment::of({{"STORAGE_EMULATOR_HOST", url}}), options);
}

void StoreTest::put(std::string_view key, std::string_view content) const {
    client->put(bucket, key, *body_of(content));
}

std::string StoreTest::content_of(std::string_view key) const {
    return drain(*client->get(bucket, key));
}

std::vector<std::string> StoreTest::keys() const {
    return client->ls(bucket, "");
}

std::string drain(Body& body) {
    std::string content;
    std::array<char, 10'000> block;
    while (const std::size_t count = body.read(block)) {
        content.append(block.data(), count);
    }
    return content;
}

std::string pattern(std::size_t size) {
    std::string text;
    text.reserve(size + 16);
    for (std::size_t i = 0; text.size() < size; ++i) {
        text += std::to_string(i * 2654435761U);
        text += '\n';
    }
    text.resize(size);
    return text;
}

}  // namespace tinybird_cdk::cloud::gcs
