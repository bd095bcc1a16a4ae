// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tinybird_cdk::cloud {

/// What the kit asks of an object store. Thread-safe implementations only.
class Client {
public:
    virtual ~Client() = default;
    /// As in "s3://bucket/key".
    [[nodiscard]] virtual std::string uri(std::string_view bucket, std::string_view key) const = 0;
    /// The keys below a directory, sorted.
    virtual std::vector<std::string> ls(std::string_view bucket, std::string_view directory) = 0;
    /// A URL that anyone may fetch until it expires.
    virtual std::string public_url(std::string_view bucket, std::string_view key, std::chrono::seconds expires) = 0;
    virtual void rm(std::string_view bucket, std::string_view key) = 0;
    virtual void rmtree(std::string_view bucket, std::string_view directory) = 0;
    /// Joins all objects below a directory into one, inside the store. @return its key; nothing for an empty directory
    virtual std::optional<std::string> cat(std::string_view bucket, std::string_view directory) = 0;
};

}  // namespace tinybird_cdk::cloud
