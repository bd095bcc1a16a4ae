// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>

#include "local/exchange.hpp"

namespace tinybird_cdk::local {

/// What the server has done, for Prometheus
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format). Thread-safe.
class Metrics {
public:
    void count(const Exchange& exchange);
    void count_import(std::uint64_t rows, std::uint64_t quarantined, std::uint64_t invalid_lines);
    void count_events(std::uint64_t rows, std::uint64_t quarantined);

    [[nodiscard]] std::string text(std::int64_t open_connections) const;

private:
    /// Upper bounds in seconds; the last one is +Inf.
    static constexpr std::array<double, 11> bounds{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100};
    struct Durations {
        std::array<std::uint64_t, bounds.size() + 1> buckets{};
        double sum = 0;
        std::uint64_t count = 0;
    };

    mutable std::mutex mutex_;
    std::map<std::tuple<std::string, std::string, int>, std::uint64_t> requests_;  ///< method, route, status
    std::map<std::string, Durations> durations_;                                   ///< by route
    std::uint64_t bytes_in_ = 0;
    std::uint64_t bytes_out_ = 0;
    std::atomic<std::uint64_t> rows_imported_{0};
    std::atomic<std::uint64_t> rows_quarantined_{0};
    std::atomic<std::uint64_t> invalid_lines_{0};
    std::atomic<std::uint64_t> events_{0};
    std::atomic<std::uint64_t> events_quarantined_{0};
};

}  // namespace tinybird_cdk::local
