// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "conformance/background.hpp"
#include "conformance/trial.hpp"
#include "conformance/wire.hpp"

namespace tinybird_cdk::conformance {

/// How long something may take that is over at once if it is right. Not a measure of speed: whoever runs into it hangs.
inline constexpr std::chrono::seconds patience{60};

/// A load whose upload is held half way by the suite's own wire to Tinybird, so that it is certain that the source is
/// being read while something else happens. Ends the load, and waits for it, when it goes out of scope.
class HeldLoad {
public:
    /// Returns when the load is held. @throws CheckFailed when it ends or hangs before, CheckSkipped when Tinybird is
    /// not to be had without TLS
    /// @param held_bytes of the upload that get through
    HeldLoad(Trial& trial, Format format, const std::string& query, const std::string& data_source,
             std::uint64_t held_bytes);
    ~HeldLoad();
    HeldLoad(const HeldLoad&) = delete;
    HeldLoad& operator=(const HeldLoad&) = delete;

    void release() { wire_->release(); }
    void cut() { wire_->cut(); }
    void request_stop() { stop_.request_stop(); }
    /// Waits for the end of the load, whose error is thrown. @throws CheckFailed when it hangs
    void finish();

private:
    std::shared_ptr<Wire> wire_;
    std::stop_source stop_;
    std::stop_callback<std::function<void()>> on_stop_;
    Background load_;
    bool finished_ = false;
};

/// Runs statements at the source. @throws CheckFailed when they don't end: somebody holds a lock
void execute_or_fail(Trial& trial, const std::vector<std::string>& statements, const std::string& what);

}  // namespace tinybird_cdk::conformance
