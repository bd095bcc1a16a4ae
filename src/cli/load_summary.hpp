// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tinybird_cdk/connector.hpp>

namespace tinybird_cdk::cli {

/// The objects of a load of what is new.
struct ObjectCounts {
    std::uint64_t loaded = 0;
    std::uint64_t there = 0;  ///< brought by an earlier load
};

/// What a load came to, for people and for programs.
struct LoadSummary {
    std::string verb;  ///< "replaced" or "appended"
    std::string data_source;
    const LoadResult& result;
    double seconds = 0;
    std::optional<ObjectCounts> objects = {};

    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::string json() const;
};

}  // namespace tinybird_cdk::cli
