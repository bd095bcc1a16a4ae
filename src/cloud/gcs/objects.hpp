// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/body.hpp>
#include <tinybird_cdk/cloud.hpp>

#include "cloud/gcs/api.hpp"

/// The calls that ask for objects or delete them.
namespace tinybird_cdk::cloud::gcs {

/// As in "gs://bucket/key".
std::string uri_of(std::string_view bucket, std::string_view key);

std::vector<Object> list_objects(Api& api, std::string_view bucket, std::string_view prefix,
                                 const std::stop_token& stop);
std::optional<Object> stat_object(Api& api, std::string_view bucket, std::string_view key, const std::stop_token& stop);
/// That there is none is no error. @param generation delete only that one; empty: whatever is there
void remove_object(Api& api, std::string_view bucket, std::string_view key, std::string_view generation,
                   const std::stop_token& stop);
/// @param generation it must be that one; empty: whatever is there
std::unique_ptr<Body> read_object(Api& api, std::string_view bucket, std::string_view key, std::string_view generation,
                                  const std::stop_token& stop);
/// Some bytes of an object of this generation, as they are stored. They must be there.
std::string read_bytes(Api& api, std::string_view bucket, const Object& object, std::uint64_t first, std::size_t count,
                       const std::stop_token& stop);

}  // namespace tinybird_cdk::cloud::gcs
