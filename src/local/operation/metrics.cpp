// SPDX-License-Identifier: Apache-2.0
#include "local/operation/metrics.hpp"

#include <algorithm>
#include <fstream>

#include <unistd.h>

#include <fmt/format.h>

namespace tinybird_cdk::local {

namespace {

/// Resident bytes of this process (proc(5), statm).
std::uint64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    file >> size >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void add(std::string& text, std::string_view name, std::string_view type, std::string_view help, std::uint64_t value) {
    text += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n{0} {3}\n", name, type, help, value);
}

/// A client may invent methods; each would be a series of its own.
std::string known_method(const std::string& method) {
    constexpr std::array<std::string_view, 5> methods{"GET", "HEAD", "POST", "PUT", "DELETE"};
    return std::find(methods.begin(), methods.end(), method) == methods.end() ? "other" : method;
}

}  // namespace

void Metrics::count(const Exchange& exchange) {
    const double seconds = std::chrono::duration<double>(exchange.taken).count();
    const std::string route = exchange.route.empty() ? "none" : exchange.route;
    const auto bucket =
        static_cast<std::size_t>(std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin());
    const std::lock_guard lock(mutex_);
    ++requests_[{known_method(exchange.method), route, exchange.status}];
    Durations& durations = durations_[route];
    ++durations.buckets.at(bucket);
    durations.sum += seconds;
    ++durations.count;
    bytes_in_ += exchange.bytes_in;
    bytes_out_ += exchange.bytes_out;
}

void Metrics::count_import(std::uint64_t rows, std::uint64_t quarantined, std::uint64_t invalid_lines) {
    rows_imported_ += rows;
    rows_quarantined_ += quarantined;
    invalid_lines_ += invalid_lines;
}

void Metrics::count_events(std::uint64_t rows, std::uint64_t quarantined) {
    events_ += rows;
    events_quarantined_ += quarantined;
}

std::string Metrics::text(std::int64_t open_connections) const {
    std::string text;
    {
        const std::lock_guard lock(mutex_);
        text +=
            "# HELP tinybird_local_requests_total Answered requests.\n# TYPE tinybird_local_requests_total counter\n";
        for (const auto& [key, count] : requests_) {
            text += fmt::format("tinybird_local_requests_total{{method=\"{}\",route=\"{}\",status=\"{}\"}} {}\n",
                                std::get<0>(key), std::get<1>(key), std::get<2>(key), count);
        }
        constexpr std::string_view name = "tinybird_local_request_duration_seconds";
        text += fmt::format("# HELP {0} From the headers to the answer.\n# TYPE {0} histogram\n", name);
        for (const auto& [route, durations] : durations_) {
            std::uint64_t below = 0;
            for (std::size_t i = 0; i < bounds.size(); ++i) {
                below += durations.buckets.at(i);
                text += fmt::format("{}_bucket{{route=\"{}\",le=\"{}\"}} {}\n", name, route, bounds.at(i), below);
            }
            text += fmt::format("{}_bucket{{route=\"{}\",le=\"+Inf\"}} {}\n", name, route, durations.count);
            text += fmt::format("{0}_sum{{route=\"{1}\"}} {2}\n{0}_count{{route=\"{1}\"}} {3}\n", name, route,
                                durations.sum, durations.count);
        }
        add(text, "tinybird_local_received_bytes_total", "counter", "Bytes of requests' bodies.", bytes_in_);
        add(text, "tinybird_local_sent_bytes_total", "counter", "Bytes of answers' bodies.", bytes_out_);
    }
    add(text, "tinybird_local_imported_rows_total", "counter", "Rows that loads have stored.", rows_imported_);
    add(text, "tinybird_local_quarantined_rows_total", "counter", "Rows of loads that went to quarantine.",
        rows_quarantined_);
    add(text, "tinybird_local_invalid_lines_total", "counter", "Lines of loads that could not be read.",
        invalid_lines_);
    add(text, "tinybird_local_events_total", "counter", "Events taken.", events_);
    add(text, "tinybird_local_quarantined_events_total", "counter", "Events that went to quarantine.",
        events_quarantined_);
    add(text, "tinybird_local_open_connections", "gauge", "Connections that are open.",
        static_cast<std::uint64_t>(std::max<std::int64_t>(open_connections, 0)));
    add(text, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", resident_bytes());
    return text;
}

}  // namespace tinybird_cdk::local
