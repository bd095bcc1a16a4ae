// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tinybird_cdk::conformance {

/// What the process writes to standard output and error, its drivers' own messages too, for as long as the object
/// lives: it goes to memory in the meantime.
class CaughtOutput {
public:
    /// @param active false: everything is let through, and nothing is caught
    explicit CaughtOutput(bool active);
    ~CaughtOutput();
    CaughtOutput(const CaughtOutput&) = delete;
    CaughtOutput& operator=(const CaughtOutput&) = delete;

    [[nodiscard]] bool active() const noexcept { return memory_ >= 0; }
    /// So far.
    [[nodiscard]] std::string text() const;

private:
    int memory_ = -1;
    int output_ = -1;
    int error_ = -1;
};

}  // namespace tinybird_cdk::conformance
