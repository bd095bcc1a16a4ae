// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include <tinybird_cdk/cloud/s3.hpp>

#include "cloud/s3/caller.hpp"

namespace tinybird_cdk::cloud::s3 {

/// Writes an object: in one request when it is small, else as parts.
void put(Caller& caller, const std::string& bucket, const std::string& key, Body& body, const Options& options,
         const std::stop_token& stop);

/// The bytes of a part. @param part counted from 0 @param total of all parts, where it is known
std::uint64_t part_bytes(const Options& options, std::size_t part, std::optional<std::uint64_t> total);

}  // namespace tinybird_cdk::cloud::s3
