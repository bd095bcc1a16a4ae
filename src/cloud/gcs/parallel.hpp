// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "cloud/parallel.hpp"

namespace tinybird_cdk::cloud::gcs {

/// Steps wait for the store; as many as libcurl's idle connections that are kept.
inline constexpr std::size_t most_threads = 8;

}  // namespace tinybird_cdk::cloud::gcs
