// SPDX-License-Identifier: Apache-2.0
#include "local/jobs.hpp"

#include <algorithm>
#include <fstream>

#include <tinybird_cdk/errors.hpp>

#include "local/private_file.hpp"

namespace tinybird_cdk::local {

namespace {

/// As many as Tinybird lists (https://www.tinybird.co/docs/api-reference/jobs-api).
constexpr std::size_t most_jobs = 100;
constexpr std::size_t most_lines = 10 * most_jobs;

std::string line_of(const nlohmann::json& description) {
    return description.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

Jobs::Jobs(std::filesystem::path file) : file_(std::move(file)) {
    if (file_.empty()) {
        return;
    }
    std::ifstream stream(file_);
    for (std::string line; std::getline(stream, line);) {
        ++lines_;
        nlohmann::json job = nlohmann::json::parse(line, nullptr, false);
        // A crash may have cut the last line.
        if (!job.is_object() || !job.contains("id")) {
            continue;
        }
        jobs_.push_front(std::move(job));
        if (jobs_.size() > most_jobs) {
            jobs_.pop_back();
        }
    }
}

void Jobs::put(nlohmann::json description) {
    const std::lock_guard lock(mutex_);
    jobs_.push_front(std::move(description));
    if (jobs_.size() > most_jobs) {
        jobs_.pop_back();
    }
    if (!file_.empty()) {
        keep(jobs_.front());
    }
}

void Jobs::keep(const nlohmann::json& description) {
    if (whole_ && lines_ < most_lines) {
        std::ofstream stream(file_, std::ios::app);
        stream << line_of(description);
        ++lines_;
        whole_ = static_cast<bool>(stream.flush());
        return;
    }
    std::string text;
    for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) {
        text += line_of(*job);
    }
    try {
        write_private_file(file_, text);
        lines_ = jobs_.size();
        whole_ = true;
    } catch (const std::exception&) {
        whole_ = false;
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
