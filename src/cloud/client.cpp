// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <exception>

#include <fmt/format.h>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/errors.hpp>

#include "cloud/temporary_key.hpp"
#include "cloud/whole_body.hpp"

namespace tinybird_cdk::cloud {

namespace {

/// Signatures of version 4 end there, for S3 and GCS alike; Azure allows more, but nobody needs it.
constexpr std::chrono::hours longest_life{7 * 24};

void need_bucket(std::string_view bucket) {
    if (bucket.empty()) {
        throw errors::InvalidArgument("no bucket was named");
    }
}

void need_key(std::string_view bucket, std::string_view key) {
    need_bucket(bucket);
    if (key.empty()) {
        throw errors::InvalidArgument("no key of an object was named");
    }
}

std::string with_slash(std::string_view directory) {
    std::string prefix(directory);
    if (!prefix.empty() && !prefix.ends_with('/')) {
        prefix += '/';
    }
    return prefix;
}

bool marks_directory(const Object& object) {
    return object.size == 0 && object.key.ends_with('/');
}

}  // namespace

std::vector<Object> Client::list(std::string_view bucket, std::string_view prefix, std::stop_token stop) {
    need_bucket(bucket);
    std::vector<Object> objects = list_(bucket, prefix, stop);
    std::sort(objects.begin(), objects.end(), [](const Object& a, const Object& b) { return a.key < b.key; });
    return objects;
}

std::vector<std::string> Client::ls(std::string_view bucket, std::string_view directory, std::stop_token stop) {
    std::vector<std::string> keys;
    for (Object& object : list(bucket, with_slash(directory), std::move(stop))) {
        if (!marks_directory(object)) {
            keys.push_back(std::move(object.key));
        }
    }
    return keys;
}

std::string Client::public_url(std::string_view bucket, std::string_view key, std::chrono::seconds expires) {
    need_key(bucket, key);
    if (expires <= std::chrono::seconds(0) || expires > longest_life) {
        throw errors::InvalidArgument(
            fmt::format("a public URL can't live for {} seconds: from 1 second to 7 days", expires.count()));
    }
    return public_url_(bucket, key, expires);
}

void Client::rm(std::string_view bucket, std::string_view key, std::stop_token stop) {
    need_key(bucket, key);
    rm_(bucket, key, stop);
}

void Client::rmtree(std::string_view bucket, std::string_view directory, std::stop_token stop) {
    need_bucket(bucket);
    const std::string prefix = with_slash(directory);
    if (prefix.empty()) {
        throw errors::InvalidArgument(fmt::format("all of {} would be deleted", uri_(bucket, "")),
                                      "Name a directory in it.");
    }
    std::vector<std::string> keys;
    for (Object& object : list_(bucket, prefix, stop)) {
        keys.push_back(std::move(object.key));
    }
    const std::vector<std::string> left = rm_all_(bucket, keys, stop);
    if (!left.empty()) {
        throw errors::ExternalDatasourceError(
            fmt::format("{} of {} objects below {} could not be deleted: {}", left.size(), keys.size(),
                        uri_(bucket, prefix), fmt::join(left, "; ")),
            {}, "Delete them by hand.");
    }
}

std::vector<std::string> Client::rm_all_(std::string_view bucket, const std::vector<std::string>& keys,
                                         const std::stop_token& stop) {
    std::vector<std::string> left;
    for (const std::string& key : keys) {
        try {
            rm_(bucket, key, stop);
        } catch (const errors::InterruptedError&) {
            throw;
        } catch (const std::exception& error) {
            left.push_back(fmt::format("{}: {}", key, error.what()));
        }
    }
    return left;
}

std::optional<std::string> Client::cat(std::string_view bucket, std::string_view directory, const CatOptions& options) {
    const std::string prefix = with_slash(directory);
    std::vector<Object> parts = list(bucket, prefix, options.stop);
    std::erase_if(parts, marks_directory);
    if (parts.empty()) {
        return std::nullopt;
    }
    if (parts.size() == 1) {
        return std::move(parts.front().key);
    }
    std::string target = temporary_key(prefix, parts.front().key);
    join(bucket, parts, target, options);
    return target;
}

void Client::join(std::string_view bucket, const std::vector<Object>& parts, std::string_view target,
                  const CatOptions& options) {
    need_key(bucket, target);
    if (parts.empty()) {
        throw errors::InvalidArgument("there are no objects to join");
    }
    for (const Object& part : parts) {
        need_key(bucket, part.key);
        if (part.key == target) {
            throw errors::InvalidArgument(fmt::format("{} can't be joined into itself", uri_(bucket, target)));
        }
    }
    join_(bucket, parts, target, options);
}

void Client::put(std::string_view bucket, std::string_view key, Body& body, std::stop_token stop) {
    need_key(bucket, key);
    WholeBody whole(body, uri_(bucket, key));
    put_(bucket, key, whole, stop);
}

std::unique_ptr<Body> Client::get(std::string_view bucket, std::string_view key, std::stop_token stop) {
    need_key(bucket, key);
    return get_(bucket, key, stop);
}

std::optional<Object> Client::stat(std::string_view bucket, std::string_view key, std::stop_token stop) {
    need_key(bucket, key);
    return stat_(bucket, key, stop);
}

std::uint64_t Client::size(std::string_view bucket, std::string_view key, std::stop_token stop) {
    const std::optional<Object> object = stat(bucket, key, std::move(stop));
    if (!object) {
        throw errors::ExternalDatasourceError(fmt::format("there is no {}", uri_(bucket, key)), "404");
    }
    return object->size;
}

bool Client::exists(std::string_view bucket, std::string_view key, std::stop_token stop) {
    return stat(bucket, key, std::move(stop)).has_value();
}

}  // namespace tinybird_cdk::cloud
