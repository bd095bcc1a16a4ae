// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/retry.hpp>

namespace tinybird_cdk::tinybird {

/// Keeps the imports of all processes of one user, with one token, below Tinybird's rate, so that 429 stays the
/// exception. They share a small file, locked while it is read or written: the times of the last minute's imports.
/// Where the file can't be had imports are not paced, for the server limits them anyway. Thread-safe.
class ImportPace {
public:
    /// @param folder of the file; by default $XDG_RUNTIME_DIR/tinybird-cdk, else /tmp/tinybird-cdk-UID
    ImportPace(const config::Tinybird& configuration, std::shared_ptr<Clock> clock, std::filesystem::path folder = {});

    /// Waits until one more import may begin, and counts it. @throws errors::InterruptedError
    void wait(const std::stop_token& stop);

private:
    /// @return how long to wait; nothing to wait for means that the import is counted
    std::chrono::milliseconds take();

    const std::uint64_t per_minute_;
    const std::shared_ptr<Clock> clock_;
    std::filesystem::path file_;
};

}  // namespace tinybird_cdk::tinybird
