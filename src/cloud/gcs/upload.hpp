// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <stop_token>
#include <string_view>

#include <tinybird_cdk/body.hpp>

#include "cloud/gcs/api.hpp"

namespace tinybird_cdk::cloud::gcs {

/// Parts of a resumable upload are multiples of it, but for the last one
/// (https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload).
inline constexpr std::size_t part_unit = 256U * 1024;

/// Writes an object: in one request what fits into `part_bytes`, else by a resumable upload that holds one part in
/// memory. The store's checksum is compared with that of the bytes that were read from the body. When it throws, no
/// upload is under way; only where the very last answer was lost, the whole object may be there. A stop is not heard
/// while the request that makes the object is sent, so that none is made afterwards.
/// @param part_bytes a multiple of part_unit
Resource upload(Api& api, std::string_view bucket, std::string_view key, Body& body, std::size_t part_bytes,
                const std::stop_token& stop);

}  // namespace tinybird_cdk::cloud::gcs
