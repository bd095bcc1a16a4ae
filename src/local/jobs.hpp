// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tinybird_cdk::local {

/// The last jobs, as their descriptions. Thread-safe. Jobs here are done when they are answered.
class Jobs {
public:
    void put(nlohmann::json description);
    [[nodiscard]] std::optional<nlohmann::json> find(const std::string& id) const;
    [[nodiscard]] std::vector<nlohmann::json> all() const;

private:
    mutable std::mutex mutex_;
    std::deque<nlohmann::json> jobs_;  ///< newest first
};

}  // namespace tinybird_cdk::local
