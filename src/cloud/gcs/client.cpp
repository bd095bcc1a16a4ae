// SPDX-License-Identifier: Apache-2.0
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/cloud/gcs.hpp>
#include <tinybird_cdk/errors.hpp>

#include "cloud/gcs/api.hpp"
#include "cloud/gcs/compose.hpp"
#include "cloud/gcs/objects.hpp"
#include "cloud/gcs/parallel.hpp"
#include "cloud/gcs/signer.hpp"
#include "cloud/gcs/upload.hpp"

namespace tinybird_cdk::cloud::gcs {

struct Client::Inside {
    Inside(const Environment& environment, const Options& options)
        : api(environment, options), part_bytes(options.part_bytes) {}

    Api api;
    const std::size_t part_bytes;
};

Client::Client(const Environment& environment, const Options& options)
    : inside_(std::make_unique<Inside>(environment, options)) {
    if (options.part_bytes == 0 || options.part_bytes % part_unit != 0) {
        throw errors::InvalidArgument(
            fmt::format("parts of {} bytes are no multiple of {}, which GCS asks for", options.part_bytes, part_unit));
    }
}

Client::~Client() = default;

std::string Client::uri_(std::string_view bucket, std::string_view key) const {
    return uri_of(bucket, key);
}

std::vector<Object> Client::list_(std::string_view bucket, std::string_view prefix, const std::stop_token& stop) {
    return list_objects(inside_->api, bucket, prefix, stop);
}

std::string Client::public_url_(std::string_view bucket, std::string_view key, std::chrono::seconds expires) {
    Api& api = inside_->api;
    UrlToSign what{.base = api.settings().storage,
                   .path = fmt::format("/{}/{}", bucket, key),
                   .when = api.transport().clock().wall_now(),
                   .expires = expires};
    if (api.settings().emulated) {
        return fmt::format("{}{}", what.base, encode_key(what.path));
    }
    if (auto project = api.user_project({}); !project.empty()) {
        what.query.emplace_back("userProject", std::move(project));
    }
    return signed_url(what, api.credentials().signer({}),
                      [&api](std::string_view bytes) { return api.credentials().sign(bytes, {}); });
}

void Client::rm_(std::string_view bucket, std::string_view key, const std::stop_token& stop) {
    remove_object(inside_->api, bucket, key, "", stop);
}

std::vector<std::string> Client::rm_all_(std::string_view bucket, const std::vector<std::string>& keys,
                                         const std::stop_token& stop) {
    std::mutex mutex;
    std::vector<std::string> left;
    in_parallel({.count = keys.size(), .threads = most_threads}, stop,
                [&](std::size_t i, const std::stop_token& removing) {
                    try {
                        rm_(bucket, keys[i], removing);
                    } catch (const errors::InterruptedError&) {
                        throw;
                    } catch (const errors::Error& error) {
                        const std::lock_guard lock(mutex);
                        left.push_back(fmt::format("{}: {}", keys[i], error.what()));
                    }
                });
    return left;
}

void Client::join_(std::string_view bucket, const std::vector<Object>& parts, std::string_view target,
                   const CatOptions& options) {
    join_objects(inside_->api, bucket, parts, target, options, inside_->part_bytes);
}

void Client::put_(std::string_view bucket, std::string_view key, Body& body, const std::stop_token& stop) {
    upload(inside_->api, bucket, key, body, inside_->part_bytes, stop);
}

std::unique_ptr<Body> Client::get_(std::string_view bucket, std::string_view key, const std::stop_token& stop) {
    return read_object(inside_->api, bucket, key, "", stop);
}

std::optional<Object> Client::stat_(std::string_view bucket, std::string_view key, const std::stop_token& stop) {
    return stat_object(inside_->api, bucket, key, stop);
}

}  // namespace tinybird_cdk::cloud::gcs
