// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <tinybird_cdk/limits.hpp>

namespace tinybird_cdk {

/// How a load of a certain size goes through Tinybird's limits.
struct LoadPlan {
    std::uint64_t bytes = 0;
    std::uint64_t requests = 1;
    /// How long the rate of imports makes it last at least.
    std::chrono::seconds paced{0};
    /// How long it is expected to last; nothing when the speed is not known.
    std::optional<std::chrono::seconds> expected;

    /// For people, in one line, as in "about 12.0 GB in 24 requests, at least 4 min for the rate of imports".
    [[nodiscard]] std::string text() const;
};

/// A pure function.
/// @param largest_request in bytes; nothing: all goes in one @param bytes_per_second of reading and sending, if known
LoadPlan plan_load(std::uint64_t bytes, std::optional<std::uint64_t> largest_request, const Limits& limits,
                   std::optional<double> bytes_per_second = {});

}  // namespace tinybird_cdk
