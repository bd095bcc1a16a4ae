// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tinybird_cdk::local {

/// The last jobs, as their descriptions. Thread-safe. With a file they are kept over a restart: one line each is added,
/// and now and then the file is written anew. What can't be written is forgotten, for a job's record is no user's data.
class Jobs {
public:
    explicit Jobs(std::filesystem::path file = {});

    void put(nlohmann::json description);
    [[nodiscard]] std::optional<nlohmann::json> find(const std::string& id) const;
    /// Newest first.
    [[nodiscard]] std::vector<nlohmann::json> all() const;

private:
    void keep(const nlohmann::json& description);

    const std::filesystem::path file_;
    mutable std::mutex mutex_;
    std::deque<nlohmann::json> jobs_;  ///< newest first
    std::size_t lines_ = 0;            ///< of the file
    bool whole_ = false;               ///< the file's last line is complete
};

}  // namespace tinybird_cdk::local
