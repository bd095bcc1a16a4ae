// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tinybird_cdk {

/// What work on a source keeps to, so that others can go on using it. A connector refuses what its source can't do
/// with errors::InvalidArgument; what is exceeded is an errors::ExternalDatasourceError with the source's own text and
/// exit code 2.
struct SourceLimits {
    /// The longest that one statement may run, from its start until its last row was taken. A load that is slowed down
    /// by the upload or by a rate is one statement too. Nothing: as the source has it.
    std::optional<std::chrono::milliseconds> statement_timeout = {};
    /// The longest to wait for a lock, and for the writers that an incremental load waits for. Nothing: as the source
    /// has it, and a minute for writers.
    std::optional<std::chrono::milliseconds> lock_timeout = {};
    /// Read from a replica, and never from a server that takes writes.
    bool replica = false;

    bool operator==(const SourceLimits&) const = default;
};

/// A time as in "500ms", "30s", "5m" or "1h", above zero. @throws errors::InvalidArgument
std::chrono::milliseconds parse_timeout(std::string_view text);

/// Bytes in a second, as in "10MB" or "10MB/s", above zero; kB, MB and GB are powers of 1,000.
/// @throws errors::InvalidArgument
std::uint64_t parse_rate(std::string_view text);

}  // namespace tinybird_cdk
