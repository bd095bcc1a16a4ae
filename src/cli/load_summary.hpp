// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/connector.hpp>

namespace tinybird_cdk::cli {

/// What a load came to, for people and for programs.
struct LoadSummary {
    std::string verb;  ///< "replaced" or "appended"
    std::string data_source;
    const LoadResult& result;
    double seconds = 0;

    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::string json() const;
};

}  // namespace tinybird_cdk::cli
