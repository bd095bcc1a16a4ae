// SPDX-License-Identifier: Apache-2.0
#include "conformance/running.hpp"

#include <chrono>
#include <filesystem>
#include <iterator>

#include "conformance/held_load.hpp"
#include "conformance/placeholders.hpp"

namespace tinybird_cdk::conformance {

void expect_nothing_runs(Trial& trial, const std::string& marker) {
    const std::string query = filled(trial.dialect().running, {{"marker", marker}});
    const auto deadline = std::chrono::steady_clock::now() + patience;
    std::string count;
    while ((count = trial.column(query).at(0)) != "0") {
        if (std::chrono::steady_clock::now() > deadline) {
            fail("statements that run at the source after the load", "0", count);
        }
    }
}

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator begin("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin, std::filesystem::directory_iterator()));
}

}  // namespace tinybird_cdk::conformance
