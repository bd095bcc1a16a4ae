// SPDX-License-Identifier: Apache-2.0
#include "local/jobs.hpp"

#include <algorithm>

namespace tinybird_cdk::local {

namespace {

/// As many as Tinybird lists (https://www.tinybird.co/docs/api-reference/jobs-api).
constexpr std::size_t most_jobs = 100;

}  // namespace

void Jobs::put(nlohmann::json description) {
    const std::lock_guard lock(mutex_);
    jobs_.push_front(std::move(description));
    if (jobs_.size() > most_jobs) {
        jobs_.pop_back();
    }
}

std::optional<nlohmann::json> Jobs::find(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(jobs_.begin(), jobs_.end(), [&](const auto& job) { return job.at("id") == id; });
    if (found == jobs_.end()) {
        return std::nullopt;
    }
    return *found;
}

std::vector<nlohmann::json> Jobs::all() const {
    const std::lock_guard lock(mutex_);
    return {jobs_.begin(), jobs_.end()};
}

}  // namespace tinybird_cdk::local
