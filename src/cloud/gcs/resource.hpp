// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <tinybird_cdk/cloud.hpp>

namespace tinybird_cdk::cloud::gcs {

/// The fields that resource_of() reads (https://cloud.google.com/storage/docs/json_api/v1/objects#resource).
inline constexpr std::string_view resource_fields = "name,size,timeCreated,generation,crc32c";

/// An object, as the JSON API describes it.
struct Resource {
    Object object;       ///< `etag` is the generation, which is what preconditions are about
    std::string crc32c;  ///< base64; empty: not told
};

/// Nothing when what makes an object is not all there.
std::optional<Resource> resource_of(const nlohmann::json& document);

/// A time of RFC 3339, as in "2026-11-30T07:05:21.157269Z". Nothing for another text.
std::optional<std::chrono::system_clock::time_point> time_of(std::string_view text);

}  // namespace tinybird_cdk::cloud::gcs
