// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/plan.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace tinybird_cdk {

namespace {

std::string duration_text(std::chrono::seconds duration) {
    const auto seconds = duration.count();
    if (seconds < 120) {
        return fmt::format("{} s", seconds);
    }
    return seconds < 7200 ? fmt::format("{} min", (seconds + 30) / 60)
                          : fmt::format("{:.1f} h", static_cast<double>(seconds) / 3600);
}

std::string size_text(std::uint64_t bytes) {
    const auto size = static_cast<double>(bytes);
    if (size < 1e6) {
        return size < 1e3 ? fmt::format("{} bytes", bytes) : fmt::format("{:.0f} kB", size / 1e3);
    }
    return size < 1e9 ? fmt::format("{:.0f} MB", size / 1e6) : fmt::format("{:.1f} GB", size / 1e9);
}

}  // namespace

LoadPlan plan_load(std::uint64_t bytes, std::optional<std::uint64_t> largest_request, const Limits& limits,
                   std::optional<double> bytes_per_second) {
    LoadPlan plan;
    plan.bytes = bytes;
    if (largest_request && *largest_request > 0) {
        plan.requests = std::max<std::uint64_t>(1, (bytes + *largest_request - 1) / *largest_request);
    }
    if (limits.imports_per_minute > 0) {
        plan.paced = std::chrono::minutes((plan.requests - 1) / limits.imports_per_minute);
    }
    if (bytes_per_second && *bytes_per_second > 0) {
        const auto sending =
            std::chrono::seconds(std::llround(std::ceil(static_cast<double>(bytes) / *bytes_per_second)));
        plan.expected = std::max(sending, plan.paced);
    }
    return plan;
}

std::string LoadPlan::text() const {
    std::string line = fmt::format("about {} in {} request{}", size_text(bytes), requests, requests == 1 ? "" : "s");
    if (expected) {
        line += fmt::format(", about {}", duration_text(*expected));
    }
    if (paced.count() > 0) {
        line += fmt::format(", at least {} for the rate of imports", duration_text(paced));
    }
    return line;
}

}  // namespace tinybird_cdk
