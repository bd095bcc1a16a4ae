// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/cloud/azure.hpp>

#include <utility>

#include <fmt/format.h>

#include "cloud/azure/store.hpp"

namespace tinybird_cdk::cloud::azure {

Client::Client(const Environment& environment, Options options)
    : store_(std::make_unique<Store>(environment, std::move(options))) {}

Client::~Client() = default;

const std::string& Client::account() const noexcept {
    return store_->account();
}

std::string Client::uri_(std::string_view bucket, std::string_view key) const {
    return fmt::format("azure://{}/{}", bucket, key);
}

std::vector<Object> Client::list_(std::string_view bucket, std::string_view prefix, const std::stop_token& stop) {
    return store_->list(bucket, prefix, stop);
}

std::string Client::public_url_(std::string_view bucket, std::string_view key, std::chrono::seconds expires) {
    return store_->signed_url(bucket, key, expires, {});
}

void Client::rm_(std::string_view bucket, std::string_view key, const std::stop_token& stop) {
    store_->remove(bucket, key, stop);
}

std::vector<std::string> Client::rm_all_(std::string_view bucket, const std::vector<std::string>& keys,
                                         const std::stop_token& stop) {
    return store_->remove_all(bucket, keys, stop);
}

void Client::join_(std::string_view bucket, const std::vector<Object>& parts, std::string_view target,
                   const CatOptions& options) {
    store_->join(bucket, parts, target, options);
}

void Client::put_(std::string_view bucket, std::string_view key, Body& body, const std::stop_token& stop) {
    store_->put(bucket, key, body, stop);
}

std::unique_ptr<Body> Client::get_(std::string_view bucket, std::string_view key, const std::stop_token& stop) {
    return store_->get(bucket, {.key = std::string(key), .etag = {}}, {}, stop);
}

std::optional<Object> Client::stat_(std::string_view bucket, std::string_view key, const std::stop_token& stop) {
    return store_->stat(bucket, key, stop);
}

}  // namespace tinybird_cdk::cloud::azure
